"""What one can do to a form in work: add, move, copy, remove, put back (Q7). Each act gives the form it leads to.

Everything in a form has a key that stays; acts name it by its key, so that what two people do at once goes together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeVar

from csat.models.questionnaires import Kind
from csat.procedure.authoring.limits import MAX_OPTIONS, MAX_QUESTIONS
from csat.procedure.core.refusals import Refusal
from csat.procedure.questionnaires.content import (
    CHOICES,
    FormContent,
    OptionContent,
    QuestionContent,
    SectionContent,
    make_key,
)
from csat.words import N_

T = TypeVar("T")


class ItemGone(Refusal):
    sentence = N_("This part of the draft is not there any more: somebody removed it meanwhile.")


class TooManyQuestions(Refusal):
    sentence = N_("A questionnaire has at most %(most)s questions. Please remove one before you add another.")


class TooManyOptions(Refusal):
    sentence = N_("A question has at most %(most)s options.")


class LastSection(Refusal):
    sentence = N_("A questionnaire needs at least one section. Please add another before you remove this one.")


@dataclass(frozen=True)
class Removed:
    """What was taken out of a form, and where it stood: in which section, behind which one (''; at the beginning)."""

    item: QuestionContent | SectionContent
    section: str = ""
    behind: str = ""


# --- questions ---------------------------------------------------------------------------------------


def add_question(form: FormContent, section: str, kind: Kind, taken: Container[str] = ()) -> tuple[FormContent, str]:
    """The form with a new question at the end of a section, and the question's key."""
    options = (OptionContent("option_1"), OptionContent("option_2")) if kind in CHOICES else ()
    fresh = QuestionContent(
        kind=kind, code=propose_code(form, "question", taken), required=kind != Kind.TEXT, options=options
    )
    return _insert(_ensure_room(form), section, len(_get_section(form, section).questions), fresh), fresh.key


def copy_question(form: FormContent, key: str, taken: Container[str] = ()) -> tuple[FormContent, str]:
    """The form with a question once more, right behind itself, under a code that is free; and the copy's key."""
    section, at = _locate(_ensure_room(form), key)
    original = section.questions[at]
    twin = replace(original, key=make_key(), code=propose_code(form, original.code or "question", taken))
    return _insert(form, section.key, at + 1, twin), twin.key


def move_question(form: FormContent, key: str, step: int) -> FormContent:
    """The form with a question one place up (-1) or down (1); beyond a section's border it enters the next one."""
    section, at = _locate(form, key)
    if 0 <= at + step < len(section.questions):
        return _insert(_without(form, key), section.key, at + step, section.questions[at])
    neighbour = form.sections.index(section) + step
    if not 0 <= neighbour < len(form.sections):
        return form
    target = form.sections[neighbour]
    return _insert(_without(form, key), target.key, len(target.questions) if step < 0 else 0, section.questions[at])


def move_to_section(form: FormContent, key: str, target: str) -> FormContent:
    """The form with a question at the end of another section."""
    section, at = _locate(form, key)
    if section.key == target:
        return form
    return _insert(_without(form, key), target, len(_get_section(form, target).questions), section.questions[at])


def remove_question(form: FormContent, key: str) -> tuple[FormContent, Removed]:
    """The form without a question, and what it takes to put it back."""
    section, at = _locate(form, key)
    behind = section.questions[at - 1].key if at else ""
    return _without(form, key), Removed(section.questions[at], section.key, behind)


def restore_question(form: FormContent, before: FormContent, code: str) -> tuple[FormContent, str]:
    """The form with a question as the version before has it, behind what it stood behind there; and its key."""
    order = [question.code for question in before.questions]
    if code not in order or any(question.code == code for question in form.questions):
        raise ItemGone
    fresh = replace(before.questions[order.index(code)], key=make_key())
    here = {question.code: question.key for question in _ensure_room(form).questions}
    above = next((here[one] for one in reversed(order[: order.index(code)]) if one in here), "")
    section, at = _locate(form, above) if above else (form.sections[0], -1)
    return _insert(form, section.key, at + 1, fresh), fresh.key


def propose_code(form: FormContent, like: str, taken: Container[str] = ()) -> str:
    """A code that no question of the form has, nor any that is `taken`: like_2, like_3 …"""
    stem = re.sub(r"_\d+$", "", like)[:36]
    codes = {question.code for question in form.questions}
    return next(code for n in count(2) if (code := f"{stem}_{n}") not in codes and code not in taken)


# --- sections ----------------------------------------------------------------------------------------


def add_section(form: FormContent) -> tuple[FormContent, str]:
    """The form with an empty section at its end, and the section's key."""
    fresh = SectionContent()
    return replace(form, sections=(*form.sections, fresh)), fresh.key


def move_section(form: FormContent, key: str, step: int) -> FormContent:
    """The form with a section and its questions one place up (-1) or down (1)."""
    at = form.sections.index(_get_section(form, key))
    return replace(form, sections=_moved(form.sections, at, step))


def remove_section(form: FormContent, key: str) -> tuple[FormContent, Removed]:
    """The form without a section and its questions, and what it takes to put them back."""
    section = _get_section(form, key)
    if len(form.sections) == 1:
        raise LastSection
    at = form.sections.index(section)
    rest = tuple(one for one in form.sections if one is not section)
    return replace(form, sections=rest), Removed(section, behind=form.sections[at - 1].key if at else "")


def put_back(form: FormContent, removed: Removed) -> FormContent:
    """The form with what was removed, where it stood; if that place is gone, at the end."""
    if isinstance(removed.item, SectionContent):
        keys = [section.key for section in form.sections]
        at = keys.index(removed.behind) + 1 if removed.behind in keys else (len(keys) if removed.behind else 0)
        return replace(form, sections=(*form.sections[:at], removed.item, *form.sections[at:]))
    section = next((one for one in form.sections if one.key == removed.section), form.sections[-1])
    keys = [question.key for question in section.questions]
    known = removed.behind in keys or (not removed.behind and section.key == removed.section)
    at = (keys.index(removed.behind) + 1 if removed.behind else 0) if known else len(keys)
    return _insert(_ensure_room(form), section.key, at, removed.item)


# --- options and labels ------------------------------------------------------------------------------


def add_option(question: QuestionContent) -> QuestionContent:
    """The question with one more option, under a code that is free."""
    if len(question.options) >= MAX_OPTIONS:
        raise TooManyOptions(most=MAX_OPTIONS)
    codes = {option.code for option in question.options}
    code = next(code for n in count(1) if (code := f"option_{n}") not in codes)
    return replace(question, options=(*question.options, OptionContent(code)))


def move_option(question: QuestionContent, at: int, step: int) -> QuestionContent:
    """The question with an option one place up (-1) or down (1)."""
    return replace(question, options=_moved(question.options, at, step))


def remove_option(question: QuestionContent, at: int) -> QuestionContent:
    """The question without one of its options."""
    return replace(question, options=question.options[:at] + question.options[at + 1 :])


def change_question(form: FormContent, key: str, change: Callable[[QuestionContent], QuestionContent]) -> FormContent:
    """The form with a question changed; raise ItemGone."""
    section, at = _locate(form, key)
    questions = (*section.questions[:at], change(section.questions[at]), *section.questions[at + 1 :])
    return _with_section(form, replace(section, questions=questions))


# --- inside ------------------------------------------------------------------------------------------


def _ensure_room(form: FormContent) -> FormContent:
    if len(form.questions) >= MAX_QUESTIONS:
        raise TooManyQuestions(most=MAX_QUESTIONS)
    return form


def _get_section(form: FormContent, key: str) -> SectionContent:
    for section in form.sections:
        if section.key == key:
            return section
    raise ItemGone


def _locate(form: FormContent, key: str) -> tuple[SectionContent, int]:
    for section in form.sections:
        for at, question in enumerate(section.questions):
            if question.key == key:
                return section, at
    raise ItemGone


def _insert(form: FormContent, section: str, at: int, question: QuestionContent) -> FormContent:
    target = _get_section(form, section)
    questions = (*target.questions[:at], question, *target.questions[at:])
    return _with_section(form, replace(target, questions=questions))


def _without(form: FormContent, key: str) -> FormContent:
    section, at = _locate(form, key)
    return _with_section(form, replace(section, questions=section.questions[:at] + section.questions[at + 1 :]))


def _with_section(form: FormContent, changed: SectionContent) -> FormContent:
    return replace(form, sections=tuple(changed if one.key == changed.key else one for one in form.sections))


def _moved(row: tuple[T, ...], at: int, step: int) -> tuple[T, ...]:
    if not (0 <= at < len(row) and 0 <= at + step < len(row)):
        return row
    rest = row[:at] + row[at + 1 :]
    return (*rest[: at + step], row[at], *rest[at + step :])
