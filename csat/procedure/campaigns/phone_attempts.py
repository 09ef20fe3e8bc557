"""Calls of the service desk: which one comes next, which come back, and who is on the telephone now (P2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from peewee import ModelSelect, fn

from csat.models.asking import Attempt, AttemptOutcome, Invitation
from csat.models.base import Condition
from csat.models.clients import Contact, Incident
from csat.models.people import Person
from csat.models.records import AuditEntry
from csat.procedure.clients.opt_out import opted_out_condition
from csat.procedure.core import audit
from csat.procedure.incidents.delivery import STANDING

CALL_LASTS = timedelta(minutes=10)  # so long a number that somebody looked at counts as being called
CALLABLE = Incident.client.is_null(False) & (Contact.telephone != "") & Contact.retired_at.is_null()


def select_last_attempts() -> ModelSelect[Attempt]:
    """A query of the last attempt on each invitation that was not taken back."""
    return Attempt.select(fn.MAX(Attempt.id)).where(STANDING).group_by(Attempt.invitation)


def select_call_later(now: datetime) -> ModelSelect[Invitation]:
    """Incidents to be called again at a time that has not come yet."""
    return _select_by_last_attempt(Attempt.again_at > now)


def select_call_promised(now: datetime) -> ModelSelect[Invitation]:
    """Incidents whose contact asked to be called at a time that has come."""
    return _select_by_last_attempt((Attempt.outcome == AttemptOutcome.LATER) & (Attempt.again_at <= now))


def select_wrong_number() -> ModelSelect[Invitation]:
    """Incidents whose contact has another number than the one we called, and nobody has found it yet."""
    return _select_by_last_attempt((Attempt.outcome == AttemptOutcome.WRONG_NUMBER) & Attempt.again_at.is_null())


def find_next_call(due: ModelSelect[Incident], by: Person, now: datetime) -> Incident | None:
    """Out of the due incidents the one to call now: those promised first, then the least time left."""
    # Not one that this person handled (P2), that has no number, or that a colleague is calling.
    handled = (Incident.assigned_to == by) | (Incident.resolved_by == by)
    mine = Incident.select(Incident.id).where(handled)
    query = due.where(
        CALLABLE, ~opted_out_condition(), Incident.id.not_in(mine), Incident.id.not_in(select_wrong_number())
    )
    query = query.where(Contact.id.not_in(list(find_calls_in_progress(now, by))))
    return query.where(Incident.id.in_(select_call_promised(now))).first() or query.first()


def _select_by_last_attempt(how: Condition) -> ModelSelect[Invitation]:
    query = Invitation.select(Invitation.incident).join(Attempt)
    return query.where(Attempt.id.in_(select_last_attempts()), Invitation.incident.is_null(False), how)


def find_calls_in_progress(now: datetime, but: Person) -> dict[int, AuditEntry]:
    """By contact: the last look at their number within ten minutes, by anybody else."""
    recent = AuditEntry.select().where(
        AuditEntry.action == "contact unmasked",
        AuditEntry.at > now - CALL_LASTS,
        AuditEntry.actor != audit.name_actor(but),
    )
    return {int(entry.subject.partition(":")[2]): entry for entry in recent.order_by(AuditEntry.id)}


def find_other_caller(contact: Contact, now: datetime, but: Person) -> str:
    """The name of the colleague who may be talking to a contact now; '' if nobody."""
    entry = find_calls_in_progress(now, but).get(contact.id)
    return audit.find_actor_names([entry]).get(entry.actor, "") if entry else ""
