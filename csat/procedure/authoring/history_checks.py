"""Checks of a form against what was published before: codes keep their nature, trends and sealed answers go on (Q7)."""

from __future__ import annotations

from collections.abc import Iterator

from csat.models.questionnaires import Dimension
from csat.procedure.authoring.checks import Check, passed, warn, wrong
from csat.procedure.authoring.form_history import FormHistory
from csat.procedure.questionnaires.comparison import compare_forms
from csat.procedure.questionnaires.content import FormContent
from csat.words import N_

NATURE_KEPT = N_("Kind and dimension of every code are as before.")
KIND_CHANGED = N_(
    "Question %(number)s: code “%(code)s” was of the kind “%(before)s” before. A code keeps its kind for ever: "
    "set it back, or use a new code."
)
DIMENSION_CHANGED = N_(
    "Question %(number)s: code “%(code)s” had the dimension “%(before)s” before. A code keeps its dimension for ever: "
    "set it back, or use a new code."
)
HAD_NO_DIMENSION = N_(
    "Question %(number)s: code “%(code)s” had no dimension before. A code keeps that for ever: set it back, "
    "or use a new code."
)
SAME_AS_BEFORE = N_("Nothing differs from version %(number)s, which is published already.")
DIMENSION_DROPPED = N_("No question asks about “%(dimension)s” any more: its trend in this questionnaire ends.")
FIRST_CONTACT_DROPPED = N_("“first_contact” is gone: the first-contact share beside the commitment ends.")
COMMENTS_UNSORTED = N_("“%(code)s” is gone: the report sorts comments by this code; others stand without a heading.")
QUESTION_DROPPED = N_(
    "“%(code)s” is removed while answers to it still come in. Running surveys go on asking it; but what is sealed when "
    "they close is stored with the next survey, and then without this question."
)
OPTION_DROPPED = N_(
    "Option “%(option)s” of “%(code)s” is removed while answers with it still come in. Running surveys go on offering "
    "it; but what is sealed when they close is stored with the next survey, and then without this option."
)

# Codes that something else reads, and what is said when one goes.
READ_ELSEWHERE = {
    "first_contact": FIRST_CONTACT_DROPPED,
    "most_satisfied": COMMENTS_UNSORTED,
    "to_improve": COMMENTS_UNSORTED,
}


def check_history(form: FormContent, history: FormHistory) -> Iterator[Check]:
    """What the versions before forbid, and what ends with this one."""
    if history.newest is None:
        return
    changed = list(_find_changed_natures(form, history))
    yield from changed or [passed(NATURE_KEPT)]
    if not compare_forms(history.newest, form):
        yield wrong(SAME_AS_BEFORE, number=history.newest_number)
    yield from _find_ended(history.newest, form)
    yield from _find_lost_answers(form, history)


def _find_changed_natures(form: FormContent, history: FormHistory) -> Iterator[Check]:
    for number, question in enumerate(form.questions, 1):
        kind, dimension = history.natures.get(question.code, (question.kind, question.dimension))
        place = {"number": number, "code": question.code}
        if kind != question.kind:
            yield wrong(KIND_CHANGED, question.key, "code", before=kind, **place)
        elif dimension is None and question.dimension is not None:
            yield wrong(HAD_NO_DIMENSION, question.key, "code", **place)
        elif dimension != question.dimension:
            yield wrong(DIMENSION_CHANGED, question.key, "code", before=dimension, **place)


def _find_ended(newest: FormContent, form: FormContent) -> Iterator[Check]:
    left = {question.dimension for question in form.questions}
    for dimension in Dimension:
        if dimension not in left and any(question.dimension == dimension for question in newest.questions):
            yield warn(DIMENSION_DROPPED, dimension=dimension)
    codes = {question.code for question in form.questions}
    for question in newest.questions:
        if question.code in READ_ELSEWHERE and question.code not in codes:
            yield warn(READ_ELSEWHERE[question.code], code=question.code)


def _find_lost_answers(form: FormContent, history: FormHistory) -> Iterator[Check]:
    """What version_mapping would have to leave out of answers that are sealed until a later campaign."""
    offered = {question.code: {option.code for option in question.options} for question in form.questions}
    keys = {question.code: question.key for question in form.questions}
    asked: dict[str, dict[str, None]] = {one.code: {} for version in history.in_use for one in version.questions}
    for version in history.in_use:
        for question in version.questions:
            asked[question.code] |= {option.code: None for option in question.options}  # in order, each once
    for code, options in asked.items():
        if code not in offered:
            yield warn(QUESTION_DROPPED, code=code)
            continue
        for option in options:
            if option not in offered[code]:
                yield warn(OPTION_DROPPED, keys[code], "options", code=code, option=option)
