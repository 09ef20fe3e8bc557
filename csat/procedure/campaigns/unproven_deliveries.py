"""Markings 'handed over' from before a link was needed for them (P1): found for QA, taken back one by one."""

from __future__ import annotations

from datetime import datetime

from peewee import JOIN, ModelSelect

from csat.database import write
from csat.models.answers import Response
from csat.models.asking import Attempt, AttemptOutcome, Campaign, Invitation, InvitationState, Link
from csat.models.clients import Client, Contact, Incident
from csat.models.outbox import MailKind, MailState, OutboxMessage
from csat.models.people import Person
from csat.procedure.campaigns.invitation_states import list_attempts
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.refusals import OutOfOrder
from csat.procedure.incidents import survey_clock
from csat.procedure.incidents.delivery import STANDING, find_reached_at
from csat.procedure.incidents.survey_cooldown import end_rest
from csat.words import N_

LEFT_STATES = (MailState.DONE, MailState.BACK)  # the server had taken the mail


class AlreadyTakenBack(OutOfOrder):
    sentence = N_("This is taken back already, or a link was in somebody's hand after all.")


def select_unproven_deliveries() -> ModelSelect[Attempt]:
    """A query of what counts as handed over though no link was in hand and no mail had left; the oldest first."""
    in_hand = Link.select(Link.invitation).where(Link.by_hand)
    mailed = OutboxMessage.select(OutboxMessage.invitation).where(
        OutboxMessage.kind == MailKind.ASK, OutboxMessage.state.in_(LEFT_STATES)
    )
    query = Attempt.select(Attempt, Person, Invitation, Campaign, Client, Contact, Incident)
    query = query.join(Person, JOIN.LEFT_OUTER, on=Attempt.by).switch(Attempt).join(Invitation).join(Campaign)
    for table in (Client, Contact, Incident):
        query = query.join_from(Invitation, table, JOIN.LEFT_OUTER)
    query = query.where(STANDING, Attempt.outcome == AttemptOutcome.HANDED_OVER)
    return query.where(Attempt.invitation.not_in(in_hand), Attempt.invitation.not_in(mailed)).order_by(Attempt.id)


def get_unproven_delivery(key: int) -> Attempt:
    """One of them; raise NotFound."""
    return get_or_refuse(Attempt, key, Attempt.outcome == AttemptOutcome.HANDED_OVER)


def take_back_delivery(attempt: Attempt, reason: str, by: Person, now: datetime) -> None:
    """Take such a marking back, with the reason: what counted by it alone is open, due or late again."""
    reason = need_text(reason, "reason")
    with write():
        stands = select_unproven_deliveries().where(Attempt.id == attempt.id).first()
        if stands is None:
            raise AlreadyTakenBack
        Attempt.update(undone_at=now, undone_by=by).where(Attempt.id == stands.id).execute()
        audit.record(by, "delivery taken back", stands.invitation, now, attempt=stands.id, reason=reason)
        _restore(stands.invitation)
        end_rest(stands.invitation.contact, now)


def _restore(invitation: Invitation) -> None:
    """The invitation and its incident stand as they would without the marking."""
    reached_at = find_reached_at(list_attempts(invitation))
    if reached_at is None:  # an answer that came stays one, seen or unseen
        sent = (Invitation.id == invitation.id) & (Invitation.state == InvitationState.SENT)
        Invitation.update(state=InvitationState.MADE).where(sent).execute()
    survey_clock.correct_surveyed(invitation.incident_id, _earliest(reached_at, _find_named_answer(invitation)))


def _find_named_answer(invitation: Invitation) -> datetime | None:
    """When an answer with a name came; an anonymous one surveys nothing (P1)."""
    if invitation.incident_id is None:
        return None
    same = (Response.incident == invitation.incident_id) & ~Response.anonymous
    return min((one.received_at for one in Response.select().where(same) if one.received_at), default=None)


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((one for one in instants if one is not None), default=None)
