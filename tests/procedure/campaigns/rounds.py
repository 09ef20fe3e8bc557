"""Campaigns and closed incidents, for the tests of this room."""

from __future__ import annotations

from datetime import timedelta

from csat.models.asking import Naming, Occasion
from csat.procedure.campaigns import campaigns, invitation_states, invitations
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires import questionnaires
from tests.builders import NOW, an_incident

Q3 = Quarter(2026, 3)


def key():
    return b"public"


def a_round(zone, naming=Naming.BOTH, occasion=Occasion.QUARTERLY, quarter=Q3, **more):
    closes = campaigns.closing_instant_of(campaigns.propose_last_day(quarter, zone, NOW), zone)
    version = questionnaires.get_version_in_force("company")
    title = {"title": "一期验收", **more}
    return campaigns.open_campaign(occasion, version, quarter, closes, naming, key(), None, NOW, **title)


def closed_incident(contact, number="INC1", **more):
    details = {
        "first_closed_at": NOW - timedelta(hours=1),
        "closed_at": NOW - timedelta(hours=1),
        "survey_due_at": NOW + timedelta(hours=47),
        "quarter": 20263,
        **more,
    }
    return an_incident(number, contact.client, contact=contact, **details)


def asked(incident, zone):
    campaign = campaigns.ensure_standing_campaign(Q3, key, NOW, zone)
    return invitations.invite_contact(campaign, incident.contact, None, NOW, incident=incident, zone=zone)


def shown(invitation):
    return invitation_states.shown_state(invitation)
