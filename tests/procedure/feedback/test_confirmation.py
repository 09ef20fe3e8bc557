"""The improvement group's word (P10, I4): on evidence, and never by who took part."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.access import RoleGrant
from csat.models.feedback import Feedback, FeedbackState, Step
from csat.models.people import Membership
from csat.models.roles import Role
from csat.procedure.core.refusals import DoerMayNotConfirm, ValueMissing
from csat.procedure.feedback import actions, callbacks, confirmation, plan_changes, view
from csat.procedure.feedback.workflow import StepNotPossible
from tests.builders import NOW, a_client, a_person
from tests.feedback_builders import (
    DAY,
    TODAY,
    ZONE,
    a_feedback,
    assigned,
    change_asked,
    confirm,
    done,
    in_progress,
    staffed,
)


def test_confirming_closes_and_says_on_what_evidence(cast, zone):
    found = done(cast, zone)
    with pytest.raises(ValueMissing):
        confirmation.confirm_feedback(found, "", cast.improvement, NOW, ZONE)
    confirmation.confirm_feedback(found, "一个月未再发生", cast.improvement, NOW, ZONE)
    assert (found.state, found.closed_at) == (FeedbackState.CONFIRMED, NOW)
    assert view.list_history(found)[0].words == "一个月未再发生"


@pytest.mark.parametrize(("after", "in_time"), [(30 * DAY, True), (30 * DAY + timedelta(seconds=1), False)])
def test_in_time_means_confirmed_in_time(cast, zone, after, in_time):
    found = done(cast, zone)
    confirmation.confirm_feedback(found, "有效", cast.improvement, NOW + after, ZONE)
    assert Feedback.get_by_id(found.id).closed_in_time is in_time


def test_what_does_not_convince_is_returned_and_work_goes_on(cast, zone):
    found = done(cast, zone)
    confirmation.return_feedback(found, "没有证据", cast.improvement, NOW)
    assert found.state == FeedbackState.IN_PROGRESS
    with pytest.raises(StepNotPossible):  # saying it again is nothing new
        actions.finish_work(found, "补了证据", cast.owner, NOW)
    plan_changes.accept_change(change_asked(cast, found), cast.qa, NOW)
    actions.finish_action(view.list_actions(found)[-1], "复查单", cast.owner, NOW, zone)
    actions.finish_work(found, "补了证据", cast.owner, NOW)
    confirmation.confirm_feedback(found, "有效", cast.improvement, NOW, ZONE)


def test_what_is_not_done_is_not_confirmed(cast):
    found = in_progress(cast)
    for verb in (confirm, confirmation.return_feedback):
        with pytest.raises(StepNotPossible):
            verb(found, "有效", cast.improvement, NOW)


def test_owners_and_members_do_not_confirm_after_they_moved_to_improvement(cast, zone):
    found = done(cast, zone)
    for person in (cast.owner, cast.engineer):
        Membership.update(until=TODAY).where(Membership.person == person).execute()
        RoleGrant.update(ended_at=NOW).where(RoleGrant.person == person).execute()
        RoleGrant.create(person=person, role=Role.IMPROVEMENT, granted_at=NOW)
        for verb in (confirm, confirmation.return_feedback):
            with pytest.raises(DoerMayNotConfirm):
                verb(found, "有效", person, NOW)


def test_a_department_that_passed_it_on_does_not_confirm_either(cast):
    second = staffed("软件部")
    found = assigned(cast)
    callbacks.pass_on_feedback(found, second, "不是网络", cast.owner, NOW)
    callbacks.explain_feedback(found, "合同不含", a_person("软件", department=second), NOW)
    for department in (cast.department, second):
        with pytest.raises(DoerMayNotConfirm):
            confirm(found, "有效", a_person("改进", Role.IMPROVEMENT, department=department), NOW)


def test_the_queue_shows_what_is_due_first(cast, zone):
    later, sooner = done(cast, zone, now=NOW + DAY), done(cast, zone)
    in_progress(cast)
    assert list(confirmation.select_to_confirm()) == [sooner, later]


def test_the_same_elsewhere_is_evidence(cast, zone):
    client = a_client()
    found = done(cast, zone, client=client)
    again = a_feedback(cast, client=client, now=NOW + DAY)
    a_feedback(cast)
    assert confirmation.list_similar_feedback(found) == [again]
    assert confirmation.list_similar_feedback(a_feedback(cast)) == []
    assert Step.RECUR not in [step.step for step in view.list_history(again)]  # it was not closed yet


def test_an_explanation_counts_as_the_call_back_and_is_returned_to_the_department_or_confirmed(cast):
    found = assigned(cast)
    callbacks.explain_feedback(found, "做不到", cast.owner, NOW)
    assert found.state == FeedbackState.EXPLAINED and found.called_back_in_time
    confirmation.return_feedback(found, "可以做到", cast.improvement, NOW)
    assert found.state == FeedbackState.ASSIGNED
    callbacks.explain_feedback(found, "合同不含", cast.owner, NOW)
    confirmation.confirm_feedback(found, "已与客户核实", cast.improvement, NOW, ZONE)
    assert found.closed_in_time
