"""One person does not do both steps on the same record (I4): each rule, and who may all the same."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from csat.models.effect import ClosingCheck
from csat.models.feedback import Action, ActionFeedback, ActionKind, FeedbackState, FeedbackStep, Step
from csat.models.people import Membership
from csat.models.reporting import Report
from csat.models.roles import Role
from csat.procedure.core import refusals
from csat.procedure.core.refusals import DutyConflict
from csat.procedure.people import accounts, persons
from csat.procedure.people import separation_of_duties as duties
from csat.procedure.people.permissions import roles_of
from tests.builders import NOW, a_campaign, a_department, a_person, a_response, an_incident, an_invitation
from tests.feedback_builders import a_stored_feedback


def refused(rule, *about) -> type[DutyConflict] | None:
    """Why a rule refuses; None when it lets pass."""
    try:
        rule(*about)
    except DutyConflict as refusal:
        return type(refusal)
    return None


def a_leaver(department):
    """Somebody who once belonged to a department, and no longer does."""
    person = a_person("前同事")
    Membership.create(person=person, department=department, since=date(2020, 1, 1), until=date(2021, 1, 1))
    return person


def give_action(feedback, owner, made_by) -> None:
    action = Action.create(kind=ActionKind.CORRECTIVE, what="更换链路", owner=owner, due=NOW.date(), made_by=made_by)
    ActionFeedback.create(action=action, feedback=feedback)


def test_who_handled_an_incident_neither_records_nor_sorts_what_is_said_of_it(cast):
    solver = a_person("解决人")
    incident = an_incident(assigned_to=cast.engineer, resolved_by=solver)
    response = a_response(incident=incident)
    for person in (cast.engineer, solver):
        assert refused(duties.ensure_may_record_survey, person, incident) is refusals.HandlerMayNotRecord
        assert refused(duties.ensure_may_triage, person, response) is refusals.HandlerMayNotTriage
    assert refused(duties.ensure_may_record_survey, cast.desk, incident) is None
    assert refused(duties.ensure_may_triage, cast.desk, response) is None


def test_without_an_incident_the_engineer_alone_may_not_sort(cast):
    response = a_response(engineer=cast.engineer)
    assert refused(duties.ensure_may_record_survey, cast.engineer, None) is None
    assert refused(duties.ensure_may_triage, cast.engineer, response) is refusals.HandlerMayNotTriage
    assert refused(duties.ensure_may_triage, cast.desk, response) is None


def test_the_recorder_neither_verifies_nor_checks_nor_challenges(cast):
    response = a_response(recorder=cast.desk)
    assert refused(duties.ensure_may_verify, cast.desk, response) is refusals.RecorderMayNotVerify
    assert refused(duties.ensure_may_challenge, cast.desk, response) is refusals.RecorderMayNotVerify
    assert refused(duties.ensure_may_make_check_call, cast.desk, response) is refusals.RecorderMayNotCheck
    assert refused(duties.ensure_may_second, cast.desk, response, cast.qa.id) is refusals.RecorderMayNotVerify
    assert refused(duties.ensure_may_decide, cast.desk, response) is None


def test_whom_a_response_is_about_decides_nothing_of_it(cast):
    response = a_response(engineer=cast.engineer, department=cast.department)
    for person in (cast.engineer, cast.owner, a_leaver(cast.department)):
        for rule in (duties.ensure_may_decide, duties.ensure_may_challenge, duties.ensure_may_make_check_call):
            assert refused(rule, person, response) is refusals.AffectedMayNotDecide
        assert refused(duties.ensure_may_second, person, response, cast.qa.id) is refusals.AffectedMayNotDecide
        assert refused(duties.ensure_may_verify, person, response) is None
    # A department alone, and an engineer alone, are enough.
    assert refused(duties.ensure_may_decide, cast.owner, a_response(department=cast.department))
    assert refused(duties.ensure_may_decide, cast.qa, a_response(engineer=cast.qa))


def test_a_colleague_may_do_all_of_it(cast):
    response = a_response(recorder=cast.desk, engineer=cast.engineer, department=cast.department)
    for rule in (
        duties.ensure_may_verify,
        duties.ensure_may_decide,
        duties.ensure_may_challenge,
        duties.ensure_may_make_check_call,
        duties.ensure_may_triage,
    ):
        assert refused(rule, cast.qa, response) is None
    assert refused(duties.ensure_may_second, cast.qa2, response, cast.qa.id) is None


def test_a_proposal_takes_a_second_person_and_says_so_in_its_own_words(cast):
    response = a_response()
    assert refused(duties.ensure_may_second, cast.qa, response, cast.qa.id) is refusals.SecondPersonNeeded
    own = (cast.qa, response, cast.qa.id, refusals.NoSelfGrant)
    assert refused(duties.ensure_may_second, *own) is refusals.NoSelfGrant


def test_whose_department_dealt_with_feedback_neither_reclassifies_supervises_nor_confirms(cast):
    feedback = a_stored_feedback(department=cast.department)
    for person in (cast.owner, cast.engineer, a_leaver(cast.department)):
        assert refused(duties.ensure_may_reclassify, person, feedback) is refusals.AffectedMayNotDecide
        assert refused(duties.ensure_may_supervise, person, feedback, None) is refusals.SupervisorOfSameDepartment
        assert refused(duties.ensure_may_confirm, person, feedback) is refusals.DoerMayNotConfirm
    assert refused(duties.ensure_may_reclassify, cast.qa, feedback) is None
    assert refused(duties.ensure_may_supervise, cast.qa, feedback, cast.department) is None
    assert refused(duties.ensure_may_confirm, cast.improvement, feedback) is None


def test_a_department_that_passed_feedback_on_has_dealt_with_it_too(cast):
    feedback, before = a_stored_feedback(department=cast.department), a_department("安全部")
    colleague, elsewhere = a_person("旧部门的人", department=before), a_stored_feedback(department=cast.department)
    details = {"step": Step.PASS_ON, "state": FeedbackState.ASSIGNED, "by": cast.owner, "at": NOW}
    FeedbackStep.create(feedback=feedback, department=before, **details)
    FeedbackStep.create(feedback=feedback, department=None, **details)
    assert refused(duties.ensure_may_confirm, colleague, feedback) is refusals.DoerMayNotConfirm
    assert refused(duties.ensure_may_reclassify, colleague, feedback) is refusals.AffectedMayNotDecide
    assert refused(duties.ensure_may_confirm, colleague, elsewhere) is None


def test_a_supervisor_is_not_of_the_department_that_is_to_plan(cast):
    feedback = a_stored_feedback()
    assert refused(duties.ensure_may_supervise, cast.owner, feedback, None) is None
    about = (cast.owner, feedback, cast.department)
    assert refused(duties.ensure_may_supervise, *about) is refusals.SupervisorOfSameDepartment


def test_who_owns_or_made_an_action_neither_supervises_nor_confirms(cast):
    feedback, other = a_stored_feedback(department=cast.department), a_stored_feedback(department=cast.department)
    owner, maker = a_person("责任人"), a_person("制定人")
    give_action(feedback, owner, maker)
    for person in (owner, maker):
        assert refused(duties.ensure_may_confirm, person, feedback) is refusals.DoerMayNotConfirm
        assert refused(duties.ensure_may_supervise, person, feedback, None) is refusals.DoerMayNotConfirm
        assert refused(duties.ensure_may_confirm, person, other) is None


def test_who_took_part_does_not_ask_whether_it_is_settled(cast):
    feedback, campaign = a_stored_feedback(department=cast.department), a_campaign()
    asked, apart = an_invitation(campaign), an_invitation(campaign)
    ClosingCheck.create(feedback=feedback, invitation=asked, at=NOW)
    assert refused(duties.ensure_may_record_check, cast.owner, asked) is refusals.DoerMayNotCheck
    assert refused(duties.ensure_may_record_check, cast.desk, asked) is None
    assert refused(duties.ensure_may_record_check, cast.owner, apart) is None


def test_who_prepared_a_report_or_helped_does_not_sign_it(cast):
    report = Report.create(
        quarter=20262, version=1, cut_off_at=NOW, prepared_by=cast.qa, prepared_at=NOW, document=None
    )
    assert refused(duties.ensure_may_sign, cast.qa, report) is refusals.PreparerMayNotSign
    assert refused(duties.ensure_may_sign, cast.qa2, report) is None
    report.document = {"report": {"preparers": [cast.qa2.id]}}
    assert refused(duties.ensure_may_sign, cast.qa2, report) is refusals.PreparerMayNotSign
    assert refused(duties.ensure_may_sign, cast.qa, report) is refusals.PreparerMayNotSign
    assert refused(duties.ensure_may_sign, cast.director, report) is None


@pytest.mark.parametrize("role", list(Role))
def test_nobody_grants_themselves_a_role_nor_takes_one_away(cast, role):
    with pytest.raises(refusals.NoSelfGrant):
        accounts.grant_role(cast.admin, role, cast.admin, NOW)
    with pytest.raises(refusals.NoSelfGrant):
        accounts.withdraw_role(cast.admin, role, cast.admin, NOW)
    assert roles_of(cast.admin) == {Role.ADMIN}


def test_nor_by_retiring_themselves(cast):
    with pytest.raises(refusals.NoSelfGrant):
        persons.retire_person(cast.admin, NOW.date(), cast.admin, NOW)
    assert roles_of(cast.admin) == {Role.ADMIN}


def test_another_administrator_and_a_command_may(cast):
    accounts.grant_role(cast.admin, Role.QA, cast.admin2, NOW)
    assert roles_of(cast.admin) == {Role.ADMIN, Role.QA}
    assert refused(duties.ensure_may_grant, None, cast.admin) is None


def test_a_person_belongs_to_departments_on_a_day_or_ever(cast):
    leaver, other = a_leaver(cast.department), a_department("安全部")
    Membership.create(person=leaver, department=other, since=NOW.date())
    assert duties.departments_of(leaver) == {cast.department.id, other.id}
    assert duties.departments_of(leaver, NOW.date()) == {other.id}
    assert duties.departments_of(leaver, NOW.date() - timedelta(days=1)) == set()
    assert duties.departments_of(cast.desk) == set()
