"""QA's steps of a feedback (P8, P9): creating, assigning, classifying anew."""

from __future__ import annotations

import pytest

from csat.models.answers import Verdict
from csat.models.feedback import Feedback, FeedbackSource, FeedbackState, FeedbackStep, IssueType, Severity, Step
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.procedure.core.refusals import AffectedMayNotDecide, NotPermitted, SupervisorOfSameDepartment, ValueMissing
from csat.procedure.feedback import classification, view
from csat.procedure.feedback.classification import NotASupervisor, NotVerified, ResponseDoubted, SourcePassage
from tests.builders import NOW, a_client, a_person, a_response
from tests.feedback_builders import DAY, a_feedback, assigned, of_type, proposed


@pytest.mark.parametrize(
    ("severity", "call_back", "close"), [("critical", 1, 7), ("major", 3, 15), ("minor", 7, 30), ("suggestion", 14, 60)]
)
def test_due_instants_follow_the_severity_from_creation(cast, severity, call_back, close):
    made = a_feedback(cast, Severity(severity))
    assert made.call_back_due_at == NOW + call_back * DAY
    assert made.close_due_at == NOW + close * DAY


def test_a_feedback_needs_a_title(cast):
    with pytest.raises(ValueMissing) as refused:
        a_feedback(cast, title="  ")
    assert refused.value.field == "title"


def test_what_is_taken_from_a_response_has_the_responses_client(cast):
    lost = a_response(anonymous=True, verdict=Verdict.VALID)
    made = a_feedback(cast, client=a_client(), sources=[SourcePassage(lost)])
    assert made.client is None
    kept = a_response(client=a_client("城建集团"), verdict=Verdict.VALID)
    assert a_feedback(cast, sources=[SourcePassage(kept)]).client == kept.client
    assert FeedbackSource.select().count() == 2


def test_before_verification_only_critical_feedback_is_made(cast):
    pending = a_response()
    with pytest.raises(NotVerified) as refused:
        a_feedback(cast, Severity.MAJOR, sources=[SourcePassage(pending)])
    assert refused.value.field == "severity"
    assert a_feedback(cast, Severity.CRITICAL, sources=[SourcePassage(pending)]).state == FeedbackState.NEW


@pytest.mark.parametrize("verdict", [Verdict.DOUBTED, Verdict.REFUSED])
def test_no_feedback_is_made_from_a_doubted_response(cast, verdict):
    with pytest.raises(ResponseDoubted):
        a_feedback(cast, Severity.CRITICAL, sources=[SourcePassage(a_response(verdict=verdict))])
    assert Feedback.select().count() == 0


def test_linked_feedback_leads_to_the_first_so_that_the_matter_counts_once(cast):
    first = a_feedback(cast)
    second = a_feedback(cast, linked_to=first)
    assert a_feedback(cast, linked_to=second).linked_to == first == second.linked_to


def test_with_a_department_it_is_assigned_at_once(cast):
    made = assigned(cast)
    assert (made.state, made.department, made.supervisor) == (FeedbackState.ASSIGNED, cast.department, cast.qa)
    assert [step.step for step in view.list_history(made)] == [Step.ASSIGN, Step.CREATE]


def test_nothing_is_left_of_a_creation_whose_assignment_is_refused(cast):
    with pytest.raises(NotASupervisor):
        a_feedback(cast, department=cast.department, supervisor=cast.desk)
    assert Feedback.select().count() == FeedbackStep.select().count() == 0
    assert not AuditEntry.select().where(AuditEntry.action == "feedback created").exists()


def test_the_supervisor_is_of_qa_and_not_of_the_department(cast):
    both = a_person("转岗", Role.QA, department=cast.department)
    for person, refusal in ((None, NotASupervisor), (cast.desk, NotASupervisor), (both, SupervisorOfSameDepartment)):
        with pytest.raises(refusal):
            classification.assign_feedback(a_feedback(cast), cast.department, person, cast.qa, NOW)


def test_another_supervisor_can_take_over(cast):
    found = proposed(cast)
    classification.change_supervisor(found, cast.qa2, cast.qa, NOW)
    with pytest.raises(NotPermitted):
        classification.accept_plan(found, cast.qa, NOW)
    classification.accept_plan(found, cast.qa2, NOW)


def test_classifying_anew_moves_due_instants_and_keeps_the_history(cast):
    found = assigned(cast)
    schedule = of_type("schedule")
    classification.reclassify_feedback(found, schedule, Severity.CRITICAL, "影响生产", cast.qa, NOW + DAY)
    assert found.issue_type == schedule and found.close_due_at == NOW + 7 * DAY
    step = view.list_history(found)[0]
    assert step.words == "影响生产"
    assert step.detail == {"issue_type": ["slow_reply", "schedule"], "severity": ["minor", "critical"]}


def test_a_department_does_not_reclassify_what_is_about_it(cast):
    both = a_person("双职", Role.QA, Role.DEPARTMENT, department=cast.department)
    with pytest.raises(AffectedMayNotDecide):
        classification.reclassify_feedback(assigned(cast), IssueType.get(), Severity.SUGGESTION, "小事", both, NOW)
