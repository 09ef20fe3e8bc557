"""QA's steps of a feedback (P8, P9): creating, assigning, classifying anew, and supervising the plan.

Callers find them in `feedback`, beside the department's steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from csat.database import write
from csat.models.answers import Answer, Response, Verdict
from csat.models.clients import Client
from csat.models.feedback import (
    Feedback,
    FeedbackOrigin,
    FeedbackSource,
    FeedbackState,
    IssueType,
    Severity,
    Step,
)
from csat.models.people import Department, Person
from csat.procedure.core import audit, settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, Missing, NotYours, OutOfOrder, Refusal
from csat.procedure.feedback import recurrence
from csat.procedure.feedback.workflow import put_down, taking
from csat.procedure.people import permissions, separation_of_duties
from csat.words import N_


class NotVerified(InputWrong):
    sentence = N_("Before the response is verified, only critical feedback can be taken from it.")


class ResponseDoubted(OutOfOrder):
    sentence = N_("This response stands at “%(state)s”, so no feedback can be taken from it.")


class SupervisorWrong(InputWrong):
    sentence = N_("Please choose a supervisor who belongs to the quality control group now.")


class Source(NamedTuple):
    """Where a feedback was taken from: the response, and the words of an answer from–to."""

    response: Response
    answer: Answer | None = None
    starts: int | None = None
    ends: int | None = None


def create(
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
    sources: Iterable[Source] = (),
    linked_to: Feedback | None = None,
) -> Feedback:
    """Put down a feedback, from responses (P9) or elsewhere (P15); with a department it is assigned at once.

    What was taken from a response has that response's client, or none if it lost it: nobody guesses.
    `linked_to` is the same matter at another department; linked feedback counts once.
    """
    sources = list(sources)
    if not title.strip():
        raise Missing(field="title")
    with write():
        _refuse_unverified(sources, severity)
        linked_to = linked_to and Feedback.get_by_id(linked_to.id)  # it may have been unlinked meanwhile
        feedback = Feedback.create(
            title=title.strip(),
            words=words.strip(),
            origin=origin,
            quarter=int(quarter),
            client=sources[0].response.client_id if sources else client,
            issue_type=issue_type,
            severity=severity,
            created_by=by,
            created_at=now,
            linked_to=linked_to and (linked_to.linked_to or linked_to),
            **_due(severity, now),
        )
        _put_down_creation(feedback, sources, by, now)
        if department is not None:
            assign(feedback, department, supervisor, by, now)
    return feedback


def assign(
    feedback: Feedback, department: Department | None, supervisor: Person | None, by: Person, now: datetime
) -> None:
    """Give a new feedback to a department, and name who of QA supervises the plan."""
    if department is None:
        raise Missing(field="department")
    with taking(Step.ASSIGN, feedback, by, now, department=department.id) as fresh:
        fresh.supervisor = _able(supervisor, fresh, department)
        fresh.department = department
        fresh.state = FeedbackState.ASSIGNED


def assign_all(
    several: Iterable[Feedback], department: Department, supervisor: Person, by: Person, now: datetime
) -> tuple[list[Feedback], list[tuple[Feedback, Refusal]]]:
    """Assign several, each by itself: those that went through, and those that did not, with the refusal."""
    done: list[Feedback] = []
    refused: list[tuple[Feedback, Refusal]] = []
    for one in several:
        try:
            assign(one, department, supervisor, by, now)
            done.append(one)
        except Refusal as refusal:
            refused.append((one, refusal))
    return done, refused


def supervise(feedback: Feedback, supervisor: Person | None, by: Person, now: datetime) -> None:
    """Name another supervisor: people leave."""
    with taking(Step.SUPERVISE, feedback, by, now, supervisor.name if supervisor else "") as fresh:
        fresh.supervisor = _able(supervisor, fresh, None)


def reclassify(
    feedback: Feedback, issue_type: IssueType, severity: Severity, reason: str, by: Person, now: datetime
) -> None:
    """Change type or severity; due instants follow the severity, from creation. The history keeps both."""
    separation_of_duties.reclassify(by, feedback)
    if not reason.strip():
        raise Missing(field="reason")
    changed = audit.changes(feedback, issue_type=issue_type, severity=severity)
    moved = {
        "issue_type": [feedback.issue_type.code, issue_type.code],
        "severity": [feedback.severity, severity],
    }
    with write():
        with taking(Step.RECLASSIFY, feedback, by, now, reason, moved, **changed) as fresh:
            due = _due(severity, fresh.created_at) if severity != fresh.severity else {}
            for name, value in {"issue_type": issue_type, "severity": severity, **due}.items():
                setattr(fresh, name, value)
        recurrence.settle(feedback, by, now)


def accept(feedback: Feedback, by: Person, now: datetime) -> None:
    """Accept the call-back and the plan, as the named supervisor: the work may start (P9)."""
    with taking(Step.ACCEPT, feedback, by, now) as fresh:
        _refuse_other_supervisor(fresh, by)
        fresh.state = FeedbackState.PLANNED


def send_back(feedback: Feedback, reason: str, by: Person, now: datetime) -> None:
    """Send the call-back and the plan back to the department, as the named supervisor."""
    if not reason.strip():
        raise Missing(field="reason")
    with taking(Step.SEND_BACK, feedback, by, now, reason) as fresh:
        _refuse_other_supervisor(fresh, by)


def _due(severity: Severity, created_at: datetime) -> dict[str, datetime]:
    """Due instants by severity, in calendar days from creation (I2)."""
    call_back_days = settings.whole(f"call_back_{severity}")
    close_days = settings.whole(f"close_{severity}")
    return {
        "call_back_due_at": created_at + timedelta(days=call_back_days),
        "close_due_at": created_at + timedelta(days=close_days),
    }


def _refuse_unverified(sources: list[Source], severity: Severity) -> None:
    for source in sources:
        verdict = Response.get_by_id(source.response.id).verdict
        if verdict in (Verdict.DOUBTED, Verdict.REFUSED):
            raise ResponseDoubted(state=verdict)
        if verdict == Verdict.PENDING and severity != Severity.CRITICAL:
            raise NotVerified(field="severity")


def _put_down_creation(feedback: Feedback, sources: list[Source], by: Person, now: datetime) -> None:
    for source in sources:
        FeedbackSource.create(feedback=feedback, **source._asdict())
    put_down(Step.CREATE, feedback, by, now)
    audit.record(by, "feedback created", feedback, now, origin=feedback.origin, severity=feedback.severity)
    recurrence.settle(feedback, by, now)


def _able(supervisor: Person | None, feedback: Feedback, department: Department | None) -> Person:
    if supervisor is None or not permissions.may(supervisor, "feedback.supervise"):
        raise SupervisorWrong(field="supervisor")
    separation_of_duties.supervise(supervisor, feedback, department)
    return supervisor


def _refuse_other_supervisor(feedback: Feedback, by: Person) -> None:
    if feedback.supervisor_id != by.id:
        raise NotYours
    separation_of_duties.supervise(by, feedback, None)
