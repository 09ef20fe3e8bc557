"""Separation of duties, by person and record, whatever roles they hold now (I4). The one place for it."""

from __future__ import annotations

from datetime import date

from csat.models.answers import Response
from csat.models.clients import Incident
from csat.models.feedback import Action, ActionFeedback, Feedback, FeedbackStep
from csat.models.people import Membership, Person
from csat.models.reporting import Report
from csat.procedure.refusals import (
    DoerMayNotConfirm,
    HandlerMayNotRecord,
    NoSelfGrant,
    PreparerMayNotSign,
    RecorderMayNotVerify,
    SecondPersonNeeded,
)


def record_survey(person: Person, incident: Incident | None) -> None:
    """Who handled the incident never records its survey (P2)."""
    if incident is not None and person.id in (incident.assigned_to_id, incident.resolved_by_id):
        raise HandlerMayNotRecord


def verify(person: Person, response: Response) -> None:
    """Who recorded a response does not verify it."""
    if response.recorder_id == person.id:
        raise RecorderMayNotVerify


def second(person: Person, response: Response, first: Person) -> None:
    """A refusal is confirmed by another person than the one who asked for it, and not by the recorder (P7)."""
    if person.id == first.id:
        raise SecondPersonNeeded
    verify(person, response)


def confirm(person: Person, feedback: Feedback) -> None:
    """Who owns or made an action, or belonged to a department that dealt with it, does not confirm it."""
    actions = Action.select().join(ActionFeedback).where(ActionFeedback.feedback == feedback)
    if any(person.id in (action.owner_id, action.made_by_id) for action in actions):
        raise DoerMayNotConfirm
    if departments_of(person) & _departments_of_history(feedback):
        raise DoerMayNotConfirm


def sign(person: Person, report: Report) -> None:
    """Who prepared a report does not sign it."""
    if report.prepared_by_id == person.id:
        raise PreparerMayNotSign


def grant(by: Person | None, to: Person) -> None:
    """Nobody grants themselves a role, nor takes one away from themselves."""
    if by is not None and by.id == to.id:
        raise NoSelfGrant


def departments_of(person: Person, day: date | None = None) -> set[int]:
    """The departments a person belongs to on a day, or ever belonged to."""
    query = Membership.select(Membership.department).where(Membership.person == person)
    if day is not None:
        query = query.where(
            (Membership.since <= day) & (Membership.until.is_null() | (Membership.until > day))
        )
    return {row.department_id for row in query}


def _departments_of_history(feedback: Feedback) -> set[int]:
    steps = FeedbackStep.select(FeedbackStep.department).where(
        FeedbackStep.feedback == feedback, FeedbackStep.department.is_null(False)
    )
    return {row.department_id for row in steps} | {feedback.department_id}
