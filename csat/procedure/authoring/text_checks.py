"""Checks of a form's words: both languages, lengths, nothing that looks like HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from csat.models.base import Localised
from csat.procedure.authoring import limits
from csat.procedure.authoring.checks import Check, passed, warn, wrong
from csat.procedure.core.bilingual import MARKUP
from csat.procedure.questionnaires.content import LANGUAGES, FormContent, QuestionContent
from csat.words import N_

BOTH_LANGUAGES = N_("Every text stands in Chinese and English.")
LOOKS_LIKE_HTML = N_("%(text)s: this looks like HTML. It will be shown just as it is typed.")
TOO_LONG = N_("%(over)s over the %(most)s characters that fit: “%(text)s”. Please shorten it.")

# By place: what is said where Chinese or English is missing.
TITLE = {"zh": N_("The title lacks Chinese."), "en": N_("The title lacks English.")}
INTRO = {"zh": N_("The introduction lacks Chinese."), "en": N_("The introduction lacks English.")}
SECTION = {
    "zh": N_("The title of section %(number)s lacks Chinese."),
    "en": N_("The title of section %(number)s lacks English."),
}
QUESTION = {"zh": N_("Question %(number)s lacks Chinese."), "en": N_("Question %(number)s lacks English.")}
HELP = {
    "zh": N_("The help of question %(number)s lacks Chinese."),
    "en": N_("The help of question %(number)s lacks English."),
}
OPTION = {
    "zh": N_("Option %(part)s of question %(number)s lacks Chinese."),
    "en": N_("Option %(part)s of question %(number)s lacks English."),
}
LABEL = {
    "zh": N_("Scale label %(part)s of question %(number)s lacks Chinese."),
    "en": N_("Scale label %(part)s of question %(number)s lacks English."),
}


@dataclass(frozen=True)
class PlacedText:
    """A text of a form, where it stands, and how many characters fit."""

    text: Localised
    missing: dict[str, str]
    most: int
    anchor: str
    field: str
    number: int = 0
    part: int = 0
    optional: bool = False

    @property
    def blank_languages(self) -> list[str]:
        """The languages in which it is still to be written."""
        blank = [language for language in LANGUAGES if not self.text.get(language, "").strip()]
        return [] if self.optional and len(blank) == len(LANGUAGES) else blank


def check_texts(form: FormContent) -> Iterator[Check]:
    """What is missing in a language, too long, or looks like HTML."""
    placed = list(list_texts(form))
    missing = [
        wrong(one.missing[language], one.anchor, number=one.number, part=one.part)
        for one in placed
        for language in one.blank_languages
    ]
    yield from missing or [passed(BOTH_LANGUAGES)]
    for one in placed:
        yield from _check_words(one)


def list_texts(form: FormContent) -> Iterator[PlacedText]:
    """All texts of a form in their order."""
    yield PlacedText(form.title, TITLE, limits.MAX_TITLE, "title", "title")
    yield PlacedText(form.intro, INTRO, limits.MAX_INTRO, "intro", "intro")
    number = 0
    for place, section in enumerate(form.sections, 1):
        yield PlacedText(section.title, SECTION, limits.MAX_SECTION_TITLE, section.key, "title", place)
        for question in section.questions:
            number += 1
            yield from _list_question_texts(question, number)


def _list_question_texts(question: QuestionContent, number: int) -> Iterator[PlacedText]:
    yield PlacedText(question.text, QUESTION, limits.MAX_QUESTION, question.key, "text", number)
    yield PlacedText(question.help, HELP, limits.MAX_HELP, question.key, "help", number, optional=True)
    for part, option in enumerate(question.options, 1):
        yield PlacedText(option.text, OPTION, limits.MAX_OPTION, question.key, f"option_{part - 1}", number, part)
    for part, label in enumerate(question.labels, 1):
        yield PlacedText(label, LABEL, limits.MAX_LABEL, question.key, f"label_{part}", number, part)


def _check_words(placed: PlacedText) -> Iterator[Check]:
    for language, text in placed.text.items():
        field = f"{placed.field}_{language}"
        if (over := len(text) - placed.most) > 0:
            yield wrong(TOO_LONG, placed.anchor, field, over=over, most=placed.most, text=f"{text[:40]}…")
        if found := MARKUP.search(text):
            yield warn(LOOKS_LIKE_HTML, placed.anchor, field, text=found.group()[:40])
