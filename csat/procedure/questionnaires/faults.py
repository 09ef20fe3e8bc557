"""What is wrong with a form in work, field by field. A draft keeps it as typed; only publishing demands better (Q7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from csat.models.base import Localised
from csat.models.questionnaires import Kind
from csat.procedure.questionnaires import limits
from csat.procedure.questionnaires.answers import NOT_APPLICABLE_CODE
from csat.procedure.questionnaires.content import CHOICES, LANGUAGES, FormContent, QuestionContent, SectionContent
from csat.procedure.questionnaires.draft_fields import HEAD, Fields, head_fields, question_fields, section_fields
from csat.procedure.questionnaires.drafts import CODE_PATTERN, CodeMalformed
from csat.procedure.questionnaires.form_history import Nature
from csat.words import N_

# Characters, by the beginning of the field's name; of a question, the head and a section.
QUESTION_LIMITS = {
    "text_": limits.MAX_QUESTION,
    "help_": limits.MAX_HELP,
    "option_": limits.MAX_OPTION,
    "label_": limits.MAX_LABEL,
}
HEAD_LIMITS = {"title_": limits.MAX_TITLE, "intro_": limits.MAX_INTRO}
SECTION_LIMITS = {"title_": limits.MAX_SECTION_TITLE}

TOO_LONG = N_("This has %(length)s characters; at most %(most)s fit. Please shorten it: nothing was cut off.")
CODE_TWICE = N_("Another question has this code too. Please give one of them another code.")
CODE_OTHER_NATURE = N_(
    "This code was published as %(kind)s, and keeps kind and dimension for ever. Please choose another code."
)
CODE_OTHER_DIMENSION = N_(
    "This code was published as %(kind)s, dimension %(dimension)s, and keeps both for ever. Please choose another code."
)
OPTION_MALFORMED = N_("Please write a code of at most 40 small letters, digits and _.")
OPTION_TWICE = N_("Another option of this question has this code too. Please change one of them.")
OPTION_RESERVED = N_("“na” means “not applicable” already. Please choose another code.")


@dataclass(frozen=True)
class Fault:
    """Something wrong in one field of one item: a sentence with its parameters."""

    key: str
    name: str
    sentence: str
    facts: dict[str, object] = field(default_factory=dict)


def find_faults(form: FormContent, natures: Mapping[str, Nature]) -> list[Fault]:
    """Everything typed that cannot be published, in the order of the form. What is only missing is no fault."""
    codes = Counter(question.code for question in form.questions)
    faults = list(_find_long(HEAD, head_fields(form), HEAD_LIMITS))
    for section in form.sections:
        faults += _find_long(section.key, section_fields(section), SECTION_LIMITS)
        for question in section.questions:
            faults += _find_long(question.key, question_fields(question), QUESTION_LIMITS)
            faults += _find_code_faults(question, codes, natures)
            faults += _find_option_faults(question)
    return faults


def is_locked(question: QuestionContent, form: FormContent, natures: Mapping[str, Nature]) -> bool:
    """Whether a question's code, kind and dimension are fixed: it was published so, and no other has its code."""
    alone = sum(other.code == question.code for other in form.questions) == 1
    return alone and natures.get(question.code) == (question.kind, question.dimension)


def list_missing(item: FormContent | SectionContent | QuestionContent) -> list[str]:
    """The languages in which something of an item is still to be written."""
    return [language for language in LANGUAGES if any(not text.get(language) for text in _needed_texts(item))]


def count_missing(form: FormContent) -> int:
    """How many texts are still to be written, each language counted."""
    items: list[FormContent | SectionContent | QuestionContent] = [form, *form.sections, *form.questions]
    return sum(not text.get(language) for item in items for text in _needed_texts(item) for language in LANGUAGES)


def _needed_texts(item: FormContent | SectionContent | QuestionContent) -> list[Localised]:
    if isinstance(item, FormContent):
        return [item.title, item.intro]
    if isinstance(item, SectionContent):
        return [item.title]
    helped = [item.help] if any(item.help.values()) else []  # in one language is in both
    labels = item.labels if item.kind == Kind.RATING else ()
    options = [option.text for option in item.options] if item.kind in CHOICES else []
    return [item.text, *helped, *labels, *options]


def _find_long(key: str, fields: Fields, limits: dict[str, int]) -> Iterator[Fault]:
    for name, text in fields.items():
        most = next((most for start, most in limits.items() if name.startswith(start)), len(text))
        if len(text) > most and not name.endswith("code"):  # a code has its own sentence
            yield Fault(key, name, TOO_LONG, {"length": len(text), "most": most})


def _find_code_faults(question: QuestionContent, codes: Counter[str], natures: Mapping[str, Nature]) -> Iterator[Fault]:
    code = question.code
    if not code:
        return
    if not CODE_PATTERN.fullmatch(code):
        yield Fault(question.key, "code", CodeMalformed.sentence)
    if codes[code] > 1:
        yield Fault(question.key, "code", CODE_TWICE)
    if (nature := natures.get(code)) and nature != (question.kind, question.dimension):
        kind, dimension = nature
        sentence = CODE_OTHER_DIMENSION if dimension else CODE_OTHER_NATURE
        yield Fault(question.key, "code", sentence, {"kind": kind, **({"dimension": dimension} if dimension else {})})


def _find_option_faults(question: QuestionContent) -> Iterator[Fault]:
    if question.kind not in CHOICES:
        return
    codes = Counter(option.code for option in question.options)
    for at, option in enumerate(question.options):
        where = f"option_{at}_code"
        if option.code and not limits.OPTION_PATTERN.fullmatch(option.code):
            yield Fault(question.key, where, OPTION_MALFORMED)
        elif option.code and codes[option.code] > 1:
            yield Fault(question.key, where, OPTION_TWICE)
        elif option.code == NOT_APPLICABLE_CODE and question.offers_na:
            yield Fault(question.key, where, OPTION_RESERVED)
