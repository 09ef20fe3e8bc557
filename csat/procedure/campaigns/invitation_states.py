"""What may be known of an invitation: where it may be answered anonymously, only our own acts, never its state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from peewee import ModelSelect

from csat.models.answers import Response
from csat.models.asking import Attempt, AttemptOutcome, Campaign, Invitation, InvitationState, Naming
from csat.models.people import Person
from csat.procedure.core.refusals import Refusal
from csat.procedure.incidents.delivery import STANDING, is_delivered, was_reached
from csat.words import N_

# Nothing here may tell a SENT invitation from an answered one: neither what is shown nor what is refused.
SHOWN_STATES = {
    AttemptOutcome.HANDED_OVER: InvitationState.SENT,
    AttemptOutcome.ANSWERED: InvitationState.DONE,
    AttemptOutcome.REFUSED: InvitationState.DENY,
    AttemptOutcome.WITHDRAWN: InvitationState.VOID,
    AttemptOutcome.BOUNCED: InvitationState.MADE,
}


class CampaignOver(Refusal):
    sentence = N_("This campaign is over: nobody can be asked in it any more.")


class AlreadyAnswered(Refusal):
    sentence = N_("This survey is answered: there is nothing left to ask.")


class InvitationEnded(Refusal):
    sentence = N_("This invitation was withdrawn or refused. Nothing more can be done with it.")


def attempts_of(invitations: Iterable[Invitation]) -> dict[int, list[Attempt]]:
    """The attempts of some invitations that were not taken back, by invitation, oldest first."""
    found: dict[int, list[Attempt]] = {invitation.id: [] for invitation in invitations}
    for one in _select_attempts(list(found)).where(STANDING):
        found[one.invitation_id].append(one)
    return found


def list_history(invitations: Iterable[Invitation]) -> list[Attempt]:
    """All attempts of some invitations, those that were taken back too, oldest first."""
    return list(_select_attempts([invitation.id for invitation in invitations]))


def list_attempts(invitation: Invitation) -> list[Attempt]:
    """The attempts of one invitation, oldest first."""
    return attempts_of([invitation])[invitation.id]


def shown_state(invitation: Invitation, attempts: Iterable[Attempt] | None = None) -> InvitationState:
    """What staff see of an invitation; of one that may be answered anonymously only what we did ourselves."""
    if invitation.campaign.naming == Naming.NAMED:
        return invitation.state
    tried = list_attempts(invitation) if attempts is None else attempts
    acts = [one.outcome for one in tried if one.outcome in SHOWN_STATES]
    if not acts:
        return InvitationState.MADE
    # A mail that came back takes away only what it had counted itself, not a link handed over besides.
    if acts[-1] == AttemptOutcome.BOUNCED and was_reached(acts):
        return InvitationState.SENT
    return SHOWN_STATES[acts[-1]]


def is_given_up(invitation: Invitation, now: datetime) -> bool:
    """Whether an incident's invitation was withdrawn, or its campaign ended before anybody was reached."""
    if is_answered_by_name(invitation):
        return False
    attempts = list_attempts(invitation)
    if shown_state(invitation, attempts) == InvitationState.VOID:
        return True
    return invitation.campaign.is_over(now) and not is_delivered(attempts)


def is_open(invitation: Invitation) -> bool:
    """Whether something can still be done with an invitation, by what may be known of it."""
    try:
        refuse_ended_invitation(invitation)
    except (AlreadyAnswered, InvitationEnded):
        return False
    return True


def is_answered_by_name(invitation: Invitation) -> bool:
    """Whether a response with a name is there: no secret, in contrast to an anonymous one."""
    if invitation.campaign.naming == Naming.NAMED:
        return Invitation.get_by_id(invitation.id).state == InvitationState.DONE
    if invitation.contact_id is None and invitation.incident_id is None:  # a printed form that names nobody
        return any(one.outcome == AttemptOutcome.ANSWERED for one in list_attempts(invitation))
    theirs = (Response.campaign == invitation.campaign_id) & (Response.contact == invitation.contact_id)
    same_incident = Response.incident == invitation.incident_id  # for Peewee, == None is IS NULL
    return Response.select().where(theirs, same_incident).exists()


def refuse_ended_campaign(campaign: Campaign, now: datetime) -> None:
    """Raise CampaignOver for a campaign that is closed, or past its closing."""
    if campaign.is_over(now):
        raise CampaignOver


def refuse_ended_invitation(invitation: Invitation) -> None:
    """Refuse by what may be known: our own acts, and responses with a name."""
    state = shown_state(invitation)
    if state == InvitationState.DONE or is_answered_by_name(invitation):
        raise AlreadyAnswered
    if state in (InvitationState.DENY, InvitationState.VOID):
        raise InvitationEnded


def _select_attempts(keys: list[int]) -> ModelSelect[Attempt]:
    query = Attempt.select(Attempt, Person).left_outer_join(Person, on=Attempt.by)
    return query.where(Attempt.invitation.in_(keys)).order_by(Attempt.id)
