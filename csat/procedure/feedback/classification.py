"""QA's steps of a feedback (P8, P9): creating, assigning, classifying anew, and supervising the plan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from csat.database import write
from csat.models.answers import Answer, Response, Verdict
from csat.models.clients import Client
from csat.models.feedback import (
    Feedback,
    FeedbackOrigin,
    FeedbackSource,
    FeedbackState,
    FeedbackStep,
    IssueType,
    Severity,
    Step,
)
from csat.models.people import Department, Person
from csat.procedure.core import audit
from csat.procedure.core.guards import need_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, OutOfOrder, Refusal, ValueMissing
from csat.procedure.feedback import recurrence, turn_notices
from csat.procedure.feedback.access import refuse_other_supervisor
from csat.procedure.feedback.actions import drop_plan
from csat.procedure.feedback.due_days import compute_due_instants
from csat.procedure.feedback.steps import add_history_entry, take_step
from csat.procedure.people import departments, permissions, separation_of_duties
from csat.procedure.risks.issue_types import refuse_retired_type
from csat.words import N_


class NotVerified(InputWrong):
    sentence = N_("Before the response is verified, only critical feedback can be taken from it.")


class ResponseDoubted(OutOfOrder):
    sentence = N_("This response stands at “%(state)s”, so no feedback can be taken from it.")


class AssignedAlready(InputWrong):
    sentence = N_("The feedback is with this department already.")


class AssignedMeanwhile(OutOfOrder):
    sentence = N_("A colleague assigned it meanwhile. Open it to assign it again, with a reason.")


class NotASupervisor(InputWrong):
    sentence = N_("Please choose a supervisor who belongs to the quality control group now.")


class SourcePassage(NamedTuple):
    """Where a feedback was taken from: the response, and the words of an answer from–to."""

    response: Response
    answer: Answer | None = None
    starts: int | None = None
    ends: int | None = None


def create_feedback(
    title: str,
    words: str,
    origin: FeedbackOrigin,
    client: Client | None,
    issue_type: IssueType,
    severity: Severity,
    quarter: Quarter | int,
    by: Person,
    now: datetime,
    department: Department | None = None,
    supervisor: Person | None = None,
    sources: Iterable[SourcePassage] = (),
    linked_to: Feedback | None = None,
) -> Feedback:
    """Put down a feedback, from responses (P9) or elsewhere (P15); with a department it is assigned at once."""
    sources, title = list(sources), need_text(title, "title")
    refuse_retired_type(issue_type)
    with write():
        _refuse_unverified(sources, severity)
        linked_to = linked_to and Feedback.get_by_id(linked_to.id)  # it may have been unlinked meanwhile
        call_back_due_at, close_due_at = compute_due_instants(severity, now)
        feedback = Feedback.create(
            title=title,
            words=words.strip(),
            origin=origin,
            quarter=int(quarter),
            client=sources[0].response.client_id if sources else client,  # none if it lost it: nobody guesses
            issue_type=issue_type,
            severity=severity,
            created_by=by,
            created_at=now,
            linked_to=linked_to and linked_to.matter_id,
            call_back_due_at=call_back_due_at,
            close_due_at=close_due_at,
        )
        entry = _record_creation(feedback, sources, by, now)
        if department is not None:
            assign_feedback(feedback, department, supervisor, by, now)
        else:
            _tell_assigners(feedback, entry, by, now)
    return feedback


def assign_feedback(
    feedback: Feedback,
    department: Department | None,
    supervisor: Person | None,
    by: Person,
    now: datetime,
    reason: str = "",
) -> None:
    """Give a feedback to a department, and name who of QA supervises the plan.

    Again, where it went to the wrong one: with a reason; due dates stay, and it is no passing on (P9).
    """
    if department is None:
        raise ValueMissing(field="department")
    departments.ensure_staffed(department, now)
    with take_step(Step.ASSIGN, feedback, by, now, reason, department=department.id) as fresh:
        if fresh.state != FeedbackState.NEW:
            _take_back(fresh, department, reason, by)
        fresh.supervisor = _check_supervisor(supervisor, fresh, department)
        fresh.department = department
        fresh.state = FeedbackState.ASSIGNED


def _take_back(feedback: Feedback, department: Department, reason: str, by: Person) -> None:
    """Take a feedback from the department that has it, for another."""
    need_text(reason)
    separation_of_duties.ensure_may_reclassify(by, feedback)  # nobody takes what is about their own department away
    if department.id == feedback.department_id:
        raise AssignedAlready(field="department")
    drop_plan(feedback)  # one that was sent back: the history keeps it


def assign_in_bulk(
    several: Iterable[Feedback], department: Department, supervisor: Person, by: Person, now: datetime
) -> tuple[list[Feedback], list[tuple[Feedback, Refusal]]]:
    """Assign several, each by itself: those that went through, and those that did not, with the refusal."""
    done, refused = [], []
    for one in several:
        try:
            _refuse_assigned_meanwhile(one)
            assign_feedback(one, department, supervisor, by, now)
            done.append(one)
        except Refusal as refusal:
            refused.append((one, refusal))
    return done, refused


def _refuse_assigned_meanwhile(feedback: Feedback) -> None:
    if Feedback.get_by_id(feedback.id).state != FeedbackState.NEW:
        raise AssignedMeanwhile


def change_supervisor(feedback: Feedback, supervisor: Person | None, by: Person, now: datetime) -> None:
    """Name another supervisor: people leave."""
    with take_step(Step.SUPERVISE, feedback, by, now, supervisor.name if supervisor else "") as fresh:
        fresh.supervisor = _check_supervisor(supervisor, fresh, None)


def reclassify_feedback(
    feedback: Feedback, issue_type: IssueType, severity: Severity, reason: str, by: Person, now: datetime
) -> None:
    """Change type or severity; due instants follow the severity, from creation. The history keeps both."""
    separation_of_duties.ensure_may_reclassify(by, feedback)
    reason = need_text(reason)
    if issue_type.id != feedback.issue_type_id:
        refuse_retired_type(issue_type)
    changed = audit.list_changes(feedback, issue_type=issue_type, severity=severity)
    moved = {"issue_type": [feedback.issue_type.code, issue_type.code], "severity": [feedback.severity, severity]}
    with write():
        with take_step(Step.RECLASSIFY, feedback, by, now, reason, moved, **changed) as fresh:
            if severity != fresh.severity:
                fresh.call_back_due_at, fresh.close_due_at = compute_due_instants(severity, fresh.created_at)
            fresh.issue_type, fresh.severity = issue_type, severity
        recurrence.update_recurrences(feedback, by, now)  # of another type it may repeat another matter, or none


def accept_plan(feedback: Feedback, by: Person, now: datetime) -> None:
    """Accept the call-back and the plan, as the named supervisor: the work may start (P9)."""
    with take_step(Step.ACCEPT, feedback, by, now) as fresh:
        refuse_other_supervisor(fresh, by)
        fresh.state = FeedbackState.PLANNED


def return_plan(feedback: Feedback, reason: str, by: Person, now: datetime) -> None:
    """Send the call-back and the plan back to the department, as the named supervisor."""
    reason = need_text(reason)
    with take_step(Step.SEND_BACK, feedback, by, now, reason) as fresh:
        refuse_other_supervisor(fresh, by)


def _refuse_unverified(sources: list[SourcePassage], severity: Severity) -> None:
    for source in sources:
        verdict = Response.get_by_id(source.response.id).verdict  # as it stands now: the page may be older
        if verdict in (Verdict.DOUBTED, Verdict.REFUSED):
            raise ResponseDoubted(state=verdict)
        if verdict == Verdict.PENDING and severity != Severity.CRITICAL:
            raise NotVerified(field="severity")


def _record_creation(feedback: Feedback, sources: list[SourcePassage], by: Person, now: datetime) -> FeedbackStep:
    for source in sources:
        FeedbackSource.create(feedback=feedback, **source._asdict())
    entry = add_history_entry(Step.CREATE, feedback, by, now)
    audit.record(by, "feedback created", feedback, now, origin=feedback.origin, severity=feedback.severity)
    recurrence.update_recurrences(feedback, by, now)
    return entry


def _tell_assigners(feedback: Feedback, entry: FeedbackStep, by: Person, now: datetime) -> None:
    """Tell QA of what somebody else entered; who can assign it themselves need not tell their colleagues."""
    if not permissions.has_permission(by, "feedback.assign"):
        turn_notices.tell_new_holders(feedback, set(), entry, by, now)


def _check_supervisor(supervisor: Person | None, feedback: Feedback, department: Department | None) -> Person:
    if supervisor is None or not permissions.has_permission(supervisor, "feedback.supervise"):
        raise NotASupervisor(field="supervisor")
    separation_of_duties.ensure_may_supervise(supervisor, feedback, department)
    return supervisor
