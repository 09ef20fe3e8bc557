"""The questions of a form with what somebody answered, in words of a document's language (P11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from csat.documents.locale_format import LocaleFormat
from csat.models.answers import Answer
from csat.models.base import Localised
from csat.models.corrections import Correction, CorrectionState
from csat.models.questionnaires import Kind, Question
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import corrections
from csat.words import N_

RATING_LABELS = (N_("Very dissatisfied"), N_("Dissatisfied"), N_("Neutral"), N_("Satisfied"), N_("Very satisfied"))
OUT_OF_TEN = N_("%(value)s of 10")
SCALE_KINDS = (Kind.RATING, Kind.RECOMMEND)


@dataclass(frozen=True)
class MarkedChoice:
    """One thing that could be chosen, and whether it was."""

    figure: str
    words: str
    marked: bool


@dataclass(frozen=True)
class AnsweredQuestion:
    """One question with its answer."""

    number: int
    text: str
    kind: Kind
    choices: tuple[MarkedChoice, ...]
    words: str
    said: str  # the whole answer in words
    not_applicable: bool
    offers_na: bool
    recorded: str | None = None  # what stood there before it was corrected, in words

    @property
    def is_blank(self) -> bool:
        """Whether nothing was answered."""
        return not (self.words or self.not_applicable or any(choice.marked for choice in self.choices))


def build_sections(
    questions: Sequence[Question], answers: Mapping[int, GivenAnswer], made: Iterable[Correction], tongue: LocaleFormat
) -> Iterator[tuple[str, tuple[AnsweredQuestion, ...]]]:
    """The questions under their section titles, with these answers (by question) and corrections."""
    first = list_recorded_first(made)
    lines: list[AnsweredQuestion] = []
    for number, question in enumerate(questions, 1):
        given, was = answers.get(question.id, GivenAnswer()), first.get(question.id)
        lines.append(_describe_question(number, question, given, was, tongue))
        if number == len(questions) or questions[number].section != question.section:
            yield tongue.text(question.section), tuple(lines)
            lines = []


def read_answers(keys: Sequence[int]) -> dict[int, dict[int, GivenAnswer]]:
    """What was answered in the responses with these keys, by response and question."""
    given: dict[int, dict[int, GivenAnswer]] = {key: {} for key in keys}
    rows = Answer.select(Answer.response, Answer.question, Answer.value, Answer.words, Answer.not_applicable)
    for key, question, value, words, na in rows.where(Answer.response.in_(keys)).tuples():
        given[key][question] = GivenAnswer(value, words, bool(na))
    return given


def list_recorded_first(made: Iterable[Correction]) -> dict[int, GivenAnswer]:
    """What was recorded first, of each question that two persons have corrected."""
    first: dict[int, GivenAnswer] = {}
    for one in made:
        if one.state == CorrectionState.CONFIRMED:
            for row in one.answers:
                first.setdefault(row.question_id, corrections.recorded_answer(row))  # later ones correct it again
    return first


def _describe_question(
    number: int, question: Question, given: GivenAnswer, was: GivenAnswer | None, tongue: LocaleFormat
) -> AnsweredQuestion:
    is_text = question.kind == Kind.TEXT
    return AnsweredQuestion(
        number=number,
        text=tongue.text(question.text),
        kind=question.kind,
        choices=() if is_text else tuple(_list_choices(question, given, tongue)),
        words=(given.words or "") if is_text else "",
        said=format_answer(question, given, tongue),
        not_applicable=given.not_applicable,
        offers_na=question.offers_na,
        recorded=None if was is None else format_answer(question, was, tongue),
    )


def _list_choices(question: Question, given: GivenAnswer, tongue: LocaleFormat) -> Iterator[MarkedChoice]:
    say = tongue.texts.gettext
    if question.kind == Kind.RATING:
        own = (question.labels or {}).get(tongue.language)
        for value, label in enumerate(own or map(say, RATING_LABELS), 1):
            yield MarkedChoice(str(value), label, given.value == value)
    elif question.kind == Kind.RECOMMEND:
        for value in range(11):
            yield MarkedChoice(str(value), say(OUT_OF_TEN) % {"value": value}, given.value == value)
    elif question.kind == Kind.YES_NO:
        yield MarkedChoice("", say(N_("Yes")), given.value == 1)
        yield MarkedChoice("", say(N_("No")), given.value == 0)
    else:
        chosen = (given.words or "").split(",")
        for option in question.options or ():
            yield MarkedChoice("", tongue.text(Localised(option)), option["code"] in chosen)


def format_answer(question: Question, given: GivenAnswer, tongue: LocaleFormat) -> str:
    """An answer in words: the figure with its label, the options chosen, the text."""
    say = tongue.texts.gettext
    if given.not_applicable:
        return say(N_("Not applicable"))
    if question.kind == Kind.TEXT:
        return given.words or say(N_("No answer"))
    marked = [choice for choice in _list_choices(question, given, tongue) if choice.marked]
    figures = question.kind == Kind.RATING  # “7 of 10” has its figure in it
    parts = [f"{choice.figure} {choice.words}" if figures else choice.words for choice in marked]
    return tongue.comma.join(parts) or say(N_("No answer"))
