"""What went to the wrong department is assigned again (P9), and only where somebody deals with it."""

from __future__ import annotations

import pytest

from csat.models.access import RoleGrant
from csat.models.feedback import Action, FeedbackState, Step
from csat.models.people import Membership, Person
from csat.procedure.core.refusals import AffectedMayNotDecide, ValueMissing
from csat.procedure.feedback import board, callbacks, classification, view
from csat.procedure.feedback.classification import AssignedAlready
from csat.procedure.feedback.workflow import StepNotPossible
from csat.procedure.people import departments
from csat.procedure.people.departments import DepartmentUnstaffed
from tests.builders import NOW, a_department
from tests.feedback_builders import DAY, TODAY, a_feedback, assigned, called_back, in_progress, proposed, staffed


def test_it_goes_to_the_right_one_with_a_reason_and_its_dates_stay(cast):
    for found in (assigned(cast), called_back(cast)):
        software, due = staffed(f"软件部{found.id}"), (found.call_back_due_at, found.close_due_at)
        with pytest.raises(ValueMissing):
            classification.assign_feedback(found, software, cast.qa, cast.qa, NOW)
        with pytest.raises(AssignedAlready):
            classification.assign_feedback(found, cast.department, cast.qa, cast.qa, NOW, "再来")
        classification.assign_feedback(found, software, cast.qa2, cast.director, NOW + DAY, "是软件的事")
        assert (found.department, found.state, found.supervisor) == (software, FeedbackState.ASSIGNED, cast.qa2)
        assert (found.call_back_due_at, found.close_due_at) == due and found.passed_on == 0
        step = view.list_history(found)[0]
        assert (step.step, step.words, step.by) == (Step.ASSIGN, "是软件的事", cast.director)
        callbacks.pass_on_feedback(found, cast.department, "不是软件", cast.owner, NOW)  # the first passing-on still
        assert found.department == cast.department


def test_a_plan_that_was_sent_back_goes_and_one_that_waits_or_runs_stays(cast):
    found = proposed(cast)
    with pytest.raises(StepNotPossible):
        classification.assign_feedback(found, staffed(), cast.qa, cast.qa, NOW, "是软件的事")
    classification.return_plan(found, "不归他们", cast.qa, NOW)
    classification.assign_feedback(found, staffed("机房部"), cast.qa, cast.qa, NOW, "是机房的事")
    assert not Action.select().exists()
    with pytest.raises(StepNotPossible):
        classification.assign_feedback(in_progress(cast), staffed("开发部"), cast.qa, cast.qa, NOW, "晚了")


def test_nobody_takes_away_what_is_about_their_own_department(cast):
    found = assigned(cast)
    Membership.create(person=cast.qa2, department=cast.department, since=TODAY, until=TODAY)
    with pytest.raises(AffectedMayNotDecide):
        classification.assign_feedback(found, staffed(), cast.qa, cast.qa2, NOW, "不归他们")


def test_a_department_in_which_nobody_deals_with_it_gets_none(cast):
    empty, gone, off, idle = a_department("空部门"), staffed("走空"), staffed("停用"), staffed("无角色")
    Membership.update(until=TODAY).where(Membership.department == gone).execute()
    departments.retire_department(off, cast.admin, NOW)
    RoleGrant.update(ended_at=NOW).where(RoleGrant.person == Person.get(Person.name == "无角色的人")).execute()
    for department in (empty, gone, off, idle):
        for verb in (
            lambda to: classification.assign_feedback(a_feedback(cast), to, cast.qa, cast.qa, NOW),
            lambda to: classification.assign_feedback(assigned(cast), to, cast.qa, cast.qa, NOW, "错了"),
            lambda to: callbacks.pass_on_feedback(assigned(cast), to, "不归我们", cast.owner, NOW),
        ):
            with pytest.raises(DepartmentUnstaffed):
                verb(department)
    assert departments.list_staffed_departments(NOW) == [cast.department]
    assert {one.name for one in departments.list_unstaffed_departments(NOW)} == {"空部门", "走空", "无角色"}


def test_the_department_that_had_it_sees_where_it_went(cast):
    found, software = assigned(cast), staffed()
    assert board.list_left(cast.owner, TODAY, NOW) == []
    classification.assign_feedback(found, software, cast.qa, cast.qa, NOW, "是软件的事")
    (left,) = board.list_left(cast.owner, TODAY, NOW)
    assert (left.feedback, left.words) == (found, "是软件的事")
    assert board.list_left(Person.get(Person.name == "软件部的人"), TODAY, NOW) == []
    assert board.list_left(cast.owner, TODAY, NOW + 15 * DAY) == []
