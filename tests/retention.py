"""Contacts whose time is over, and what they once said."""

from __future__ import annotations

from datetime import datetime, timedelta

from csat.models.answers import Response, Verdict
from csat.models.asking import InvitationState
from csat.models.clients import Contact
from csat.procedure.review import tally as scoring
from tests.builders import NOW, a_campaign, a_client, a_contact, a_response, an_invitation

YEAR = timedelta(days=366)
LONG_AGO = NOW - 4 * YEAR
RECENT = NOW - timedelta(days=30)


def known(contact: Contact, since: datetime = LONG_AGO) -> Contact:
    contact.known_since = since.date()
    contact.save()
    return contact


def an_old_contact(name: str = "王晓明", **more) -> Contact:
    details = {"email": "wang@client.example", "telephone": "13800005678", **more}
    return known(a_contact(a_client(name=f"{name}的单位"), name=name, **details))


def a_named_response(contact: Contact, at: datetime = LONG_AGO, **more) -> Response:
    """A valid named response with its invitation, counted."""
    campaign = a_campaign(opened_at=at, closes_at=at + timedelta(days=10), quarter=20223)
    incident = more.get("incident")
    an_invitation(campaign, contact, incident=incident, state=InvitationState.DONE)
    response = a_response(
        opinions="等待时间太长",
        contact=contact,
        client=contact.client,
        campaign=campaign,
        received_at=at,
        quarter=20223,
        verdict=Verdict.VALID,
        respondent_name=contact.name,
        respondent_reach=contact.telephone,
        **more,
    )
    scoring.add_to_tally(response)
    return response


def asked_lately(contact: Contact) -> None:
    an_invitation(a_campaign(opened_at=RECENT), contact)
