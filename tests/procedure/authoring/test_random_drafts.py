"""Drafts as chance makes them are published and can be answered, or are refused with a reason (Q7)."""

from __future__ import annotations

from itertools import count

from hypothesis import given, settings

from csat.models.base import Localised
from csat.models.questionnaires import Kind, Question
from csat.procedure.authoring import checking, drafts, publishing
from csat.procedure.authoring.checks import CheckState
from csat.procedure.authoring.form_history import FormHistory
from csat.procedure.questionnaires import answers, questionnaires
from csat.procedure.questionnaires.content import copy_content, read_version, write_content
from tests.builders import NOW, ZONE
from tests.procedure.authoring.random_forms import any_forms, likely_forms

SENT = {Kind.RATING: ["4"], Kind.RECOMMEND: ["9"], Kind.YES_NO: ["yes"], Kind.TEXT: ["好"]}
names = count(1)


@given(any_forms | likely_forms)
def test_every_finding_can_be_said(form):
    for check in checking.check_form(form, FormHistory(), lambda form, language: 1):
        assert check.sentence % check.facts if check.facts else check.sentence


@settings(max_examples=60)
@given(likely_forms)
def test_a_draft_is_published_and_can_be_answered_or_is_refused_with_a_reason(db, cast, form):
    draft = drafts.start_questionnaire(f"form_{next(names)}", form, cast.qa, NOW)
    wrong = [
        one
        for one in checking.check_form(drafts.read_draft(draft), FormHistory(), small)
        if one.state == CheckState.WRONG
    ]
    try:
        made = publishing.publish_draft(draft, "试用", None, cast.qa, NOW, ZONE, small)
    except publishing.ChecksFailed:
        assert wrong
        return
    assert not wrong
    tidy = publishing.tidy_form(copy_content(form, made.questionnaire.code))
    assert write_content(read_version(made), 1) == write_content(tidy, 1)
    asked = questionnaires.questions_of(made)
    given_answers = {one.code: answers.parse_answer(one, said(one)) for one in asked}
    answers.check_answers(asked, given_answers)


def small(form, language: str) -> int:
    """The size of a page that fits."""
    return 1


def said(question: Question) -> list[str]:
    """What a respondent would send for a question."""
    assert all(Localised(question.text).in_(language) for language in ("zh", "en"))
    return SENT.get(question.kind) or [(question.options or [])[-1]["code"]]
