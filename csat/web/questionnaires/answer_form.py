"""The questions of a version as one field of a form: for the respondent's page and for telephone records."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from itertools import groupby
from typing import Any, TypeVar, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form

from csat.documents.filled.answers import RATING_LABELS, format_answer
from csat.models.base import Localised
from csat.models.questionnaires import Kind, Question, QuestionnaireVersion, VersionState
from csat.procedure.core.refusals import InputWrong
from csat.procedure.questionnaires import answers, questionnaires
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.web.errors import describe_refusal
from csat.web.formatting import reader_format
from csat.web.language import current_locale

AnyForm = TypeVar("AnyForm", bound=Form)


def question_input_name(question: Question) -> str:
    """The name of a question's inputs."""
    return f"q-{question.code}"


def question_choices(question: Question, language: str = "") -> list[tuple[str, str, str]]:
    """What can be chosen: (value, figure or '', words), in a language or in the reader's."""
    language = language or current_locale()
    if question.kind == Kind.RATING:
        labels = (question.labels or {}).get(language) or [gettext(label) for label in RATING_LABELS]
        return [(str(number), str(number), label) for number, label in enumerate(labels, 1)]
    if question.kind == Kind.RECOMMEND:
        return [(str(number), str(number), "") for number in range(11)]
    if question.kind == Kind.YES_NO:
        return [("yes", "", gettext("Yes")), ("no", "", gettext("No"))]
    return [(option["code"], "", Localised(option).in_(language)) for option in question.options or ()]


def first_input_id(question: Question) -> str:
    """The id of a question's first input, where a link to it leads."""
    name = question_input_name(question)
    return name if question.kind == Kind.TEXT else f"{name}-0"


# One for all: a WTForms field for each of a hundred radio buttons costs twenty times as much.
class AnswersField(Field):
    """All questions; by their code: `data` the answers, `wrong` what is wrong, `texts` what was sent."""

    blank_label = ""  # where any question can be left out: what the choice to do so is called

    def __init__(self, questions: Iterable[Question] = (), **named: Any) -> None:
        super().__init__(**named)
        self.questions = tuple(questions)
        self.texts: dict[str, list[str]] = {}
        self.wrong: dict[str, str] = {}

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Take what the form sent, or answers given before (by code)."""
        before: Mapping[str, GivenAnswer] = data if isinstance(data, Mapping) else {}
        self.wrong, self.data = {}, dict(before)
        self.errors: list[str] = []
        for question in self.questions:
            name, given = question_input_name(question), before.get(question.code)
            self.texts[question.code] = formdata.getlist(name) if formdata else answers.format_answer(question, given)

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Read every answer; gather what is wrong for all of them at once."""
        self.data, self.wrong = {}, {}
        for question in self.questions:
            try:
                given = self.parse(question)
            except InputWrong as refusal:
                self.wrong[question.code] = describe_refusal(refusal)
            else:
                if given is not None:
                    self.data[question.code] = given
        self.errors = list(self.wrong.values())
        return not self.wrong

    def parse(self, question: Question) -> GivenAnswer | None:
        """The answer that was sent for a question, None for a blank; refuse what does not fit."""
        return answers.parse_answer(question, self.texts[question.code])

    def spoken(self, question: Question) -> str:
        """What was sent for a question, in words; '' if nothing."""
        sent = self.texts[question.code]
        try:
            given = answers.parse_answer(question, sent)
        except InputWrong:  # it is shown to be copied, whatever it is
            return "".join(sent)
        return "" if given is None else format_answer(question, given, reader_format())

    choices = staticmethod(question_choices)
    first_input = staticmethod(first_input_id)

    def sections(self) -> list[tuple[Localised, list[tuple[int, Question]]]]:
        """The questions with their running numbers, under their section titles."""
        numbered = groupby(enumerate(self.questions, 1), lambda one: one[1].section)
        return [(title, list(group)) for title, group in numbered]


class BlankableAnswersField(AnswersField):
    """The same where any question can be left out: who types it in says so for each."""

    def parse(self, question: Question) -> GivenAnswer | None:
        sent = self.texts[question.code]
        return None if sent and not any(text.strip() for text in sent) else super().parse(question)


class PaperAnswersField(BlankableAnswersField):
    """The answers of a printed form."""

    blank_label = _l("Left blank")


class SpokenAnswersField(BlankableAnswersField):
    """The answers of a call or a talk: what is left out was not said (P2)."""

    blank_label = _l("Not said")

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        super().process(formdata, data, extra_filters)
        if not formdata and isinstance(data, Mapping):  # a record as it reads: what is blank was not said
            self.leave_out_rest()

    def parse(self, question: Question) -> GivenAnswer | None:
        if question.required and not self.texts[question.code]:
            raise answers.ChoiceOrNotSaidMissing(question.code)
        return super().parse(question)

    def leave_out_rest(self) -> None:
        """Take every question that was not come to as not said: the call broke off."""
        self.texts = {code: sent or [""] for code, sent in self.texts.items()}


def build_form_class(
    version: QuestionnaireVersion, base: type[AnyForm], field: type[AnswersField] = AnswersField
) -> type[AnyForm]:
    """The base form with a version's questions as the field `answers`; for a published one made once."""
    if version.state != VersionState.PUBLISHED or not version.content_hash:
        return build_form_class_of(questionnaires.questions_of(version), base, field)
    same = (version.id, version.content_hash, cast(Hashable, base), cast(Hashable, field))
    return cast(type[AnyForm], _published_form_class(*same))


def build_form_class_of(
    questions: Iterable[Question], base: type[AnyForm], field: type[AnswersField] = AnswersField
) -> type[AnyForm]:
    """The base form with these questions as the field `answers`, whether or not they are in a table."""
    return type(base.__name__, (base,), {"answers": field(questions=questions)})


@lru_cache(maxsize=128)
def _published_form_class(version: int, content_hash: str, base: Any, field: Any) -> type[Form]:
    # The hash tells the same version of another store apart.
    return build_form_class_of(questionnaires.questions_of(QuestionnaireVersion.get_by_id(version)), base, field)
