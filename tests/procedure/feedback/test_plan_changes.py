"""A plan in progress changes with the supervisor's word; what was returned asks for more than words (I1)."""

from __future__ import annotations

import pytest

from csat.figures.feedback import compute_feedback_figures
from csat.models.feedback import Action, ActionChange, ActionFeedback, ChangeKind, FeedbackState, Step
from csat.procedure.commitments import counts
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotPermitted, ValueMissing
from csat.procedure.feedback import actions, due, plan_changes, view
from csat.procedure.feedback.actions import ChangeWaits, DayOver
from csat.procedure.feedback.plan_changes import (
    ActionNotOpen,
    ActionStillOpen,
    LastAction,
    NothingChanges,
    ServesOthers,
)
from csat.procedure.feedback.view import FeedbackView
from csat.procedure.feedback.workflow import StepNotPossible
from tests.builders import NOW
from tests.feedback_builders import DAY, TODAY, ZONE, change_asked, in_progress, returned

LATER = TODAY + 30 * DAY


def test_a_day_and_an_owner_move_once_the_supervisor_agrees_and_in_time_goes_by_the_new_day(cast):
    found = in_progress(cast)
    action = view.list_actions(found)[0]
    change_asked(cast, found, ChangeKind.MOVE, action, due=LATER, owner=cast.owner)
    assert Action.get_by_id(action.id).due == TODAY  # not before
    for stranger in (cast.qa2, cast.owner):
        with pytest.raises(NotPermitted):
            plan_changes.accept_change(found, stranger, NOW)
    plan_changes.accept_change(found, cast.qa, NOW)
    moved = Action.get_by_id(action.id)
    assert (moved.due, moved.owner) == (LATER, cast.owner)
    actions.finish_action(action, "验收单", cast.owner, NOW + 20 * DAY, ZONE)  # the page that reports it is older
    assert Action.get_by_id(action.id).done_in_time is True
    step = next(one for one in view.list_history(found) if one.step == Step.CHANGE_PLAN)
    assert step.detail["was"] == ["高工", TODAY.isoformat()] and step.detail["plan"][0]["due"] == LATER.isoformat()


def test_what_is_kept_changes_nothing_and_says_why(cast):
    found = in_progress(cast)
    change_asked(cast, found, ChangeKind.MOVE, view.list_actions(found)[0], due=LATER)
    with pytest.raises(ValueMissing):
        plan_changes.keep_plan(found, " ", cast.qa, NOW)
    plan_changes.keep_plan(found, "来得及", cast.qa, NOW)
    assert view.list_actions(found)[0].due == TODAY and ActionChange.get().accepted is False
    assert view.list_history(found)[0].words == "来得及"


def test_what_is_dropped_counts_nowhere(cast):
    found = in_progress(cast)
    dropped = view.list_actions(found)[0]
    change_asked(cast, found, ChangeKind.DROP, dropped)
    plan_changes.accept_change(found, cast.qa, NOW)
    late = (NOW + 9 * DAY).date()
    assert not due.is_action_overdue(Action.get_by_id(dropped.id), late)
    assert [one.id for one in Action.select().where(due.action_overdue_condition(late))] != []
    assert dropped not in list(Action.select().where(due.action_overdue_condition(late)))
    figures = compute_feedback_figures(20263, NOW + 9 * DAY, ZONE)
    assert (figures.actions, figures.actions_in_time.of) == (1, 1)
    quarter = Quarter(2026, 3)
    assert Action.select().where(counts.actions_due_condition(quarter, quarter)).count() == 1
    with pytest.raises(plan_changes.InputWrong):  # neither again, nor the one that is left
        change_asked(cast, found, ChangeKind.DROP, dropped)
    with pytest.raises(LastAction):
        change_asked(cast, found, ChangeKind.DROP, FeedbackView(found).open_actions[0])
    actions.finish_action(FeedbackView(found).open_actions[0], "验收单", cast.owner, NOW, ZONE)
    actions.finish_work(found, "完成", cast.owner, NOW)
    assert found.state == FeedbackState.DONE


def test_a_new_action_belongs_to_the_plan_only_once_it_is_accepted(cast):
    found = in_progress(cast)
    change_asked(cast, found)
    assert len(view.list_actions(found)) == 2 and Action.select().count() == 3
    plan_changes.keep_plan(found, "不需要", cast.qa, NOW)
    assert ActionFeedback.select().count() == 2
    change_asked(cast, found)
    plan_changes.accept_change(found, cast.qa, NOW)
    assert [one.what for one in view.list_actions(found)].count("复查") == 1


def test_what_was_returned_is_done_again_only_after_a_new_or_reopened_action(cast, zone):
    for kind in (ChangeKind.ADD, ChangeKind.REOPEN):
        found = returned(cast, zone)
        with pytest.raises(StepNotPossible):
            actions.finish_work(found, "已复查", cast.owner, NOW)
        action = view.list_actions(found)[0]
        if kind == ChangeKind.REOPEN:
            change_asked(cast, found, kind, action, due=LATER)
        else:
            change_asked(cast, found)
        plan_changes.keep_plan(found, "先说明原因", cast.qa, NOW)
        assert FeedbackView(found).rework_owed
        change_asked(cast, found, kind, action if kind == ChangeKind.REOPEN else None, due=LATER)
        plan_changes.accept_change(found, cast.qa, NOW)
        with pytest.raises(StepNotPossible):  # the new one is still to be done
            actions.finish_work(found, "已复查", cast.owner, NOW)
        actions.finish_action(FeedbackView(found).open_actions[0], "复查单", cast.owner, NOW, zone)
        actions.finish_work(found, "已复查", cast.owner, NOW)
        assert found.state == FeedbackState.DONE


def test_what_waits_is_not_reported_as_done_meanwhile(cast):
    found = in_progress(cast)
    first, second = view.list_actions(found)
    change_asked(cast, found, ChangeKind.DROP, first)
    with pytest.raises(ChangeWaits):
        actions.finish_action(first, "验收单", cast.owner, NOW, ZONE)
    actions.finish_action(second, "验收单", cast.owner, NOW, ZONE)
    with pytest.raises(StepNotPossible):  # one question at a time
        change_asked(cast, found)


def test_what_makes_no_sense_is_refused_at_its_field(cast, zone):
    found = in_progress(cast)
    action = view.list_actions(found)[0]
    wrong = (
        (ChangeKind.MOVE, action, {"due": TODAY - DAY}, DayOver),
        (ChangeKind.MOVE, action, {"due": TODAY}, NothingChanges),
        (ChangeKind.MOVE, None, {"due": LATER}, ValueMissing),
        (ChangeKind.REOPEN, action, {"due": LATER}, ActionStillOpen),
        (ChangeKind.ADD, None, {"what": " "}, ValueMissing),
        (ChangeKind.ADD, None, {"owner": None}, ValueMissing),
    )
    for kind, one, facts, refusal in wrong:
        with pytest.raises(refusal):
            change_asked(cast, found, kind, one, **facts)
    actions.finish_action(action, "验收单", cast.owner, NOW, zone)
    with pytest.raises(ActionNotOpen):
        change_asked(cast, found, ChangeKind.DROP, action)
    assert not ActionChange.select().exists() and Action.select().count() == 2


def test_an_action_that_others_have_left_behind_is_not_reopened(cast, zone):
    found = returned(cast, zone)
    action, other = view.list_actions(found)[0], returned(cast, zone)
    ActionFeedback.create(action=action, feedback=other)
    change_asked(cast, other)
    plan_changes.accept_change(other, cast.qa, NOW)
    actions.finish_action(FeedbackView(other).open_actions[0], "复查单", cast.owner, NOW, zone)
    actions.finish_work(other, "已复查", cast.owner, NOW)
    with pytest.raises(ServesOthers):
        change_asked(cast, found, ChangeKind.REOPEN, action, due=LATER)
