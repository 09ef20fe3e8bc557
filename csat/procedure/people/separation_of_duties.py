"""Separation of duties, by person and record, whatever roles they hold now (I4). The one place for it."""

from __future__ import annotations

from datetime import date

from csat.models.answers import Response
from csat.models.asking import Invitation
from csat.models.clients import Incident
from csat.models.effect import ClosingCheck
from csat.models.feedback import Action, ActionFeedback, Feedback, FeedbackStep
from csat.models.people import Department, Membership, Person
from csat.models.reporting import Report
from csat.procedure.core import refusals
from csat.procedure.core.refusals import DutyConflict
from csat.procedure.people import link_holders
from csat.procedure.people.departments import covers_day


def ensure_may_record_survey(person: Person, incident: Incident | None) -> None:
    """Who handled the incident never records its survey (P2)."""
    if incident is not None and person.id in (incident.assigned_to_id, incident.resolved_by_id):
        raise refusals.HandlerMayNotRecord


def ensure_may_record_check(person: Person, invitation: Invitation) -> None:
    """Who had a hand in a feedback does not ask its client whether it is settled (as under P2 and I4)."""
    check = ClosingCheck.get_or_none(ClosingCheck.invitation == invitation)
    if check is None:
        return
    try:
        ensure_may_confirm(person, check.feedback)
    except refusals.DoerMayNotConfirm as refusal:
        raise refusals.DoerMayNotCheck from refusal


def ensure_may_verify(person: Person, response: Response) -> None:
    """Who recorded a response does not verify it, nor who had links of its anonymous survey in hand (D7)."""
    link_holders.ensure_may_read(person, response)
    if response.recorder_id == person.id:
        raise refusals.RecorderMayNotVerify


def ensure_may_triage(person: Person, response: Response) -> None:
    """Who handled the incident does not sort what was said about it."""
    incident = response.incident
    handlers = (incident.assigned_to_id, incident.resolved_by_id) if incident else ()
    if person.id in (response.engineer_id, *handlers):
        raise refusals.HandlerMayNotTriage


def ensure_may_make_check_call(person: Person, response: Response) -> None:
    """Who recorded a response, or whom it is about, does not make its check call (P7)."""
    if response.recorder_id == person.id:
        raise refusals.RecorderMayNotCheck
    ensure_may_decide(person, response)


def ensure_may_challenge(person: Person, response: Response) -> None:
    """Neither the recorder nor whom it is about refuses or reopens a response, or decides a correction (P7, P11)."""
    ensure_may_verify(person, response)
    ensure_may_decide(person, response)


def ensure_may_propose_correction(person: Person, response: Response) -> None:
    """Whom it is about proposes no correction; the recorder may, since another person decides it (P2, P11)."""
    ensure_may_decide(person, response)


def ensure_may_correct_refusal(person: Person, invitation: Invitation) -> None:
    """Nobody says that a refusal was none whose incident they or a department they belonged to handled."""
    ensure_may_record_survey(person, invitation.incident)
    _refuse_affected(person, invitation.engineer_id, invitation.department_id)


def ensure_may_second(
    person: Person, response: Response, proposer: int, refusal: type[DutyConflict] = refusals.SecondPersonNeeded
) -> None:
    """What one person proposed about a response, another decides; who may not propose it decides neither."""
    if person.id == proposer:
        raise refusal
    ensure_may_challenge(person, response)


def ensure_may_decide(person: Person, response: Response) -> None:
    """Nobody refuses, reopens or dismisses what is about themselves or a department they belonged to."""
    _refuse_affected(person, response.engineer_id, response.department_id)


def ensure_may_reclassify(person: Person, feedback: Feedback) -> None:
    """Nobody reclassifies feedback that a department they belonged to has dealt with."""
    if departments_of(person) & _departments_involved(feedback):
        raise refusals.AffectedMayNotDecide


def ensure_may_supervise(person: Person, feedback: Feedback, department: Department | None) -> None:
    """The supervisor of a plan is not of the department that makes it, nor did they help to make it."""
    departments = _departments_involved(feedback) | ({department.id} if department else set())
    if departments_of(person) & departments:
        raise refusals.SupervisorOfSameDepartment
    _refuse_doer(person, feedback)


def ensure_may_confirm(person: Person, feedback: Feedback) -> None:
    """Who owns or made an action, or belonged to a department that dealt with it, does not confirm it."""
    _refuse_doer(person, feedback)
    if departments_of(person) & _departments_involved(feedback):
        raise refusals.DoerMayNotConfirm


def ensure_may_sign(person: Person, report: Report) -> None:
    """Who prepared a report, or had a hand in it, does not sign it."""
    helpers = report.document["report"]["preparers"] if report.document else []  # who had a hand in it
    if person.id in (report.prepared_by_id, *helpers):
        raise refusals.PreparerMayNotSign


def ensure_may_grant(by: Person | None, to: Person) -> None:
    """Nobody grants themselves a role, nor takes one away from themselves."""
    if by is not None and by.id == to.id:  # nobody: a command, given by who holds the machine anyway
        raise refusals.NoSelfGrant


def departments_of(person: Person, day: date | None = None) -> set[int]:
    """The departments a person belongs to on a day, or ever belonged to."""
    query = Membership.select(Membership.department).where(Membership.person == person)
    if day is not None:
        query = query.where(covers_day(Membership, day))
    return {row.department_id for row in query}


def _refuse_affected(person: Person, engineer: int | None, department: int | None) -> None:
    if person.id == engineer or department in departments_of(person):
        raise refusals.AffectedMayNotDecide


def _refuse_doer(person: Person, feedback: Feedback) -> None:
    actions = Action.select().join(ActionFeedback).where(ActionFeedback.feedback == feedback)
    if any(person.id in (action.owner_id, action.made_by_id) for action in actions):
        raise refusals.DoerMayNotConfirm


def _departments_involved(feedback: Feedback) -> set[int | None]:
    steps = FeedbackStep.select(FeedbackStep.department).where(FeedbackStep.feedback == feedback)
    return {row.department_id for row in steps} | {feedback.department_id}
