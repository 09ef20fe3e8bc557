"""Answers taken down for a campaign's contact: in an interview or on the telephone, always by name (P5)."""

from __future__ import annotations

from datetime import datetime, tzinfo

from csat.models.answers import Response
from csat.models.asking import Channel, Invitation, InvitationState, Naming
from csat.models.clients import Contact
from csat.models.people import Person
from csat.procedure.campaigns import campaigns
from csat.procedure.campaigns.invitation_states import InvitationEnded, refuse_ended_campaign, shown_state
from csat.procedure.campaigns.invitations import ContactOptedOut
from csat.procedure.campaigns.proposals import AskingGap, find_gap
from csat.procedure.core.refusals import NotFound, Refusal
from csat.procedure.questionnaires.answers import Answers
from csat.procedure.survey import submission
from csat.words import N_

TRANSCRIPT_CHANNELS = (Channel.INTERVIEW, Channel.TELEPHONE)
RECORDABLE_STATES = (InvitationState.MADE, InvitationState.SENT)


class AnonymousOnly(Refusal):
    sentence = N_("This campaign promises that nobody answers by name, so nothing is taken down in it.")


def invitation_to_record_for(person: Person, key: int, zone: tzinfo, now: datetime) -> tuple[Invitation, Contact]:
    """An invitation whose answers this person may take down, and its contact; raise NotFound for others."""
    invitation = campaigns.invitation_for(person, key, zone, now)
    # The desk records those of incidents, under its own rules.
    if invitation.incident_id is not None or invitation.contact is None:
        raise NotFound
    return invitation, invitation.contact


def refuse_recording(invitation: Invitation, now: datetime) -> None:
    """Raise AnonymousOnly, CampaignOver, or InvitationEnded for what has ended as far as anybody may know."""
    if invitation.campaign.naming == Naming.ANONYMOUS:
        raise AnonymousOnly
    refuse_ended_campaign(invitation.campaign, now)
    if shown_state(invitation) not in RECORDABLE_STATES:
        raise InvitationEnded


def refuse_calling(contact: Contact) -> None:
    """Raise ContactOptedOut for who wants no surveys: before the talk, for what was said is kept (P2)."""
    if find_gap(contact) == AskingGap.OPTED_OUT:
        raise ContactOptedOut


def record_transcript(
    invitation: Invitation,
    answers: Answers,
    channel: Channel,
    by: Person,
    now: datetime,
    name: str = "",
    reach: str = "",
) -> Response:
    """Keep what a contact said."""
    refuse_recording(invitation, now)  # again: something may have ended during the talk
    return submission.record_response(invitation, answers, channel, by, now, name, reach)
