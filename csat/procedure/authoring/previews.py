"""Previews: a draft or a version as forms that are tried; answers to them go nowhere (Q7).

A draft can be unfinished in every way, and is still shown: what is missing is marked, and codes that cannot tell
questions or options apart are replaced, in what is shown only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from csat.models.base import Localised
from csat.models.questionnaires import Question, QuestionnaireDraft, QuestionnaireVersion, VersionState
from csat.procedure.authoring import drafts
from csat.procedure.questionnaires.answers import NOT_APPLICABLE_CODE
from csat.procedure.questionnaires.content import (
    CHOICES,
    FormContent,
    OptionContent,
    QuestionContent,
    build_questions,
    read_version,
)
from csat.procedure.questionnaires.form_length import count_minutes

USABLE_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")  # what begins with _ is never one: see _tell_apart
MISSING_TEXT = Localised({"zh": "【中文待补】", "en": "[English text missing]"})
MISSING_OPTION = Localised({"zh": "【选项待补】", "en": "[options missing]"})


@dataclass(frozen=True)
class Preview:
    """A form to be tried. Version and questions are in no table."""

    version: QuestionnaireVersion
    questions: tuple[Question, ...]
    code: str  # of the questionnaire


def preview_draft(draft: QuestionnaireDraft) -> Preview:
    """The draft as it stands now."""
    form = drafts.read_draft(draft)
    return build_preview(form, count_minutes(form))


def preview_version(version: QuestionnaireVersion) -> Preview:
    """A version as it was published."""
    return build_preview(read_version(version), version.minutes)


def build_preview(form: FormContent, minutes: int) -> Preview:
    """Any form as one that can be shown and tried, however unfinished."""
    shown = _mark_form(form)
    version = QuestionnaireVersion(state=VersionState.DRAFT, title=shown.title, intro=shown.intro, minutes=minutes)
    return Preview(version, tuple(build_questions(shown)), form.code)


def _mark_form(form: FormContent) -> FormContent:
    codes = iter(_tell_apart([question.code for question in form.questions]))
    sections = tuple(
        replace(
            section,
            title=_mark(section.title),
            questions=tuple(_mark_question(question, next(codes)) for question in section.questions),
        )
        for section in form.sections
    )
    return replace(form, title=_mark(form.title), intro=_mark(form.intro), sections=sections)


def _mark_question(question: QuestionContent, code: str) -> QuestionContent:
    return replace(
        question,
        code=code,
        text=_mark(question.text),
        help=_mark(question.help) if _is_begun(question.help) else question.help,
        labels=tuple(_mark(label) for label in question.labels),
        options=_mark_options(question.options) if question.kind in CHOICES else (),
    )


def _mark_options(options: Sequence[OptionContent]) -> tuple[OptionContent, ...]:
    offered = options or (OptionContent(text=MISSING_OPTION),)
    codes = _tell_apart([option.code for option in offered])
    return tuple(OptionContent(code, _mark(option.text)) for code, option in zip(codes, offered, strict=True))


def _mark(text: Localised) -> Localised:
    """The text with a mark in each language in which it is still to be written."""
    return Localised({language: text.get(language, "").strip() or mark for language, mark in MISSING_TEXT.items()})


def _is_begun(text: Localised) -> bool:
    return any(words.strip() for words in text.values())


def _tell_apart(codes: Sequence[str]) -> list[str]:
    """The codes; in the place of one that is missing, comes twice or cannot be used, its number after a _."""
    seen: set[str] = {NOT_APPLICABLE_CODE}  # as an option it would say that the question does not apply
    told = []
    for number, code in enumerate(codes, 1):
        told.append(f"_{number}" if code in seen or not USABLE_CODE.fullmatch(code) else code)
        seen.add(code)
    return told
