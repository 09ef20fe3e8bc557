"""Campaigns and closed incidents, for the tests of this room."""

from __future__ import annotations

from csat.models.asking import Attempt, AttemptOutcome, Invitation, InvitationState, Naming, Occasion
from csat.procedure.campaigns import campaigns, desk, invitations
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires import questionnaires
from tests.builders import NOW, ZONE, a_client, a_closed_incident, a_contact, an_invitation

Q3 = Quarter(2026, 3)


def key():
    return b"public"


def a_round(zone, naming=Naming.BOTH, occasion=Occasion.QUARTERLY, quarter=Q3, closes=None, form="company", **more):
    closes = closes or campaigns.closing_instant_of(campaigns.propose_last_day(quarter, zone, NOW), zone)
    version = questionnaires.get_version_in_force(form, NOW)
    title = {"title": "一期验收", **more}
    return campaigns.open_campaign(occasion, version, quarter, closes, naming, key(), None, NOW, **title)


def closed_incident(contact, number="INC1", **more):
    return a_closed_incident(number, 1, contact, ZONE, **more)


def invited(campaign, client, answered: int, of: int) -> list[Invitation]:
    """So many of a client's people who have their link, of whom these answered."""
    made = []
    for number in range(of):
        state = InvitationState.DONE if number < answered else InvitationState.SENT
        contact = a_contact(client, f"{client.name}{campaign.id}-{number}")
        made.append(an_invitation(campaign, contact, state=state))
        Attempt.create(invitation=made[-1], at=NOW, outcome=AttemptOutcome.HANDED_OVER)
    return made


def due(now=NOW, **more):
    """The numbers of what the desk has to survey."""
    return [incident.number for incident in desk.list_due_incidents(now, ZONE, **more)]


def later(now=NOW):
    return [incident.number for incident in desk.list_later_calls(now)]


def described():
    """What the desk has to survey, with what it needs to know of each."""
    return desk.describe_incidents(list(desk.list_due_incidents(NOW, ZONE)), NOW, ZONE)


def asked(zone, incident=None):
    """The invitation to the survey of an incident."""
    incident = incident or closed_incident(a_contact(a_client()))
    campaign = campaigns.ensure_standing_campaign(Q3, key, NOW, zone)
    return invitations.invite_contact(campaign, incident.contact, None, NOW, incident=incident, zone=zone)
