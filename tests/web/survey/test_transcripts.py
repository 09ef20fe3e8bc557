"""Interviews and calls in a campaign: taken down by name, with their channel (P5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.answers import Response
from csat.models.asking import (
    Attempt,
    AttemptOutcome,
    Campaign,
    CampaignState,
    Channel,
    Invitation,
    InvitationState,
    Naming,
)
from csat.models.records import AuditEntry
from tests.builders import NOW, a_campaign, a_client, a_contact, an_incident, an_invitation, filled_in


@pytest.fixture
def invitation(cast):
    contact = a_contact(a_client(manager=cast.manager))
    return an_invitation(a_campaign("company"), contact, state=InvitationState.MADE)


def test_an_interview_is_taken_down_by_name(page, cast, invitation):
    page.sign_in_as(cast.manager).get(f"/campaigns/invitations/{invitation.id}/record")
    assert "13812345678" not in page.html and "138****5678" in page.text
    page.fill("Record the survey", 422, **{"q-overall": "5"})
    assert "Nothing you entered is lost." in page.text and page.value("q-overall") == "5"
    page.fill("Record the survey", **filled_in("company", rated=4, words="服务不错"), name="王女士本人")
    assert "The answers of 王女士 are recorded." in page.text
    response = Response.get()
    assert (response.channel, response.recorder, response.anonymous) == (Channel.INTERVIEW, cast.manager, False)
    assert response.respondent_name == "王女士本人" and Invitation.get().state == InvitationState.DONE


def test_on_the_telephone_the_number_shows_and_outcomes_are_kept(page, cast, invitation):
    page.sign_in_as(cast.qa).get(f"/campaigns/invitations/{invitation.id}/record?how=telephone")
    assert "13812345678" in page.text
    assert AuditEntry.select().where(AuditEntry.action == "contact unmasked").count() == 1
    page.fill("do=later", again_at="2026-09-14T16:30", note="在开会")
    assert Attempt.get().again_at == NOW + timedelta(hours=6, minutes=30)
    page.get(f"/campaigns/invitations/{invitation.id}/record?how=telephone")
    assert "在开会" in page.text
    page.fill("Record the survey", **filled_in("company", rated=4, words="服务不错"))
    assert Response.get().channel == Channel.TELEPHONE


def test_a_refusal_ends_the_asking(page, cast, invitation):
    page.sign_in_as(cast.desk).get(f"/campaigns/invitations/{invitation.id}/record")
    page.fill("do=refused")
    assert Attempt.get().outcome == AttemptOutcome.REFUSED
    page.get(f"/campaigns/invitations/{invitation.id}/record", status=409)


def test_another_managers_contact_is_not_found(page, cast):
    stranger = an_invitation(a_campaign("company"), a_contact(a_client()))
    page.sign_in_as(cast.manager).get(f"/campaigns/invitations/{stranger.id}/record", status=404)
    page.sign_in_as(cast.director).get(f"/campaigns/invitations/{stranger.id}/record", status=403)


def test_where_anonymity_is_promised_nothing_is_taken_down(page, cast):
    invitation = an_invitation(a_campaign("company", naming=Naming.ANONYMOUS), a_contact(a_client()))
    page.sign_in_as(cast.qa).get(f"/campaigns/invitations/{invitation.id}/record", status=409)
    assert "nobody answers by name" in page.text


def test_an_incidents_survey_stays_with_the_desk(page, cast):
    contact = a_contact(a_client())
    invitation = an_invitation(a_campaign(), contact, incident=an_incident(client=contact.client, contact=contact))
    page.sign_in_as(cast.qa).get(f"/campaigns/invitations/{invitation.id}/record", status=404)


def test_when_the_campaign_ends_meanwhile_what_was_typed_stays(page, cast, invitation):
    page.sign_in_as(cast.desk).get(f"/campaigns/invitations/{invitation.id}/record")
    Campaign.update(state=CampaignState.CLOSED).execute()
    page.fill("Record the survey", 422, **filled_in("company", rated=4, words="服务不错"))
    assert "This campaign is over" in page.text and "服务不错" in page.html
    assert not Response.select().exists()
