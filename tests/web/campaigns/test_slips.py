"""Printed slips: chosen, downloaded once, kept nowhere, handed over at one stroke (P5)."""

from __future__ import annotations

import io

import pikepdf
import pytest

from csat.models.asking import Channel, Invitation, InvitationState, Link
from csat.models.clients import Client
from csat.models.records import AuditEntry
from csat.models.work import StoredFile
from tests.builders import a_campaign, a_client, a_contact, an_invitation


@pytest.fixture
def campaign(cast):
    campaign = a_campaign("company")
    mine, other = a_client("华东物流", manager=cast.manager), a_client("城建集团")
    for number in range(9):
        an_invitation(campaign, a_contact(mine, f"联系人{number}"), state=InvitationState.MADE)
    an_invitation(campaign, a_contact(other, "Ms Zhao", language="en"), state=InvitationState.MADE)
    return campaign


def downloaded(page, campaign, **changes):
    """The file that a press of the button sends."""
    fields = {"do": "print", "csrf_token": page.token(), **changes}
    answer = page.browser.post(f"/campaigns/{campaign.id}/slips", data=fields)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer


def test_slips_are_sent_once_and_kept_nowhere(page, cast, campaign):
    page.sign_in_as(cast.desk).get(f"/campaigns/{campaign.id}/slips")
    answer = downloaded(page, campaign, invitation=page.value("invitation"))
    assert answer.mimetype == "application/pdf" and "no-store" in answer.headers["Cache-Control"]
    assert "attachment" in answer.headers["Content-Disposition"]
    with pikepdf.open(io.BytesIO(answer.get_data())) as pdf:
        assert len(pdf.pages) == 2  # eight on a page
    assert Link.select().count() == 10 and not StoredFile.select().exists()
    assert {one.channel for one in Invitation} == {Channel.SLIP}
    assert AuditEntry.select().where(AuditEntry.action == "slips printed").count() == 1


def test_they_are_handed_over_all_at_once(page, cast, campaign):
    page.sign_in_as(cast.desk).get(f"/campaigns/{campaign.id}/slips")
    page.fill("do=handed_over")
    assert "0 slips are marked" in page.text  # nothing is printed yet
    downloaded(page, campaign, invitation=page.value("invitation"))
    page.get(f"/campaigns/{campaign.id}/slips")
    assert "printed, not handed over" in page.text
    page.fill("do=handed_over")
    assert "10 slips are marked as handed over." in page.text
    assert {one.state for one in Invitation} == {InvitationState.SENT}


def test_a_manager_prints_for_their_own_clients_only(page, cast, campaign):
    stranger = Invitation.get(Invitation.client == Client.get(Client.name == "城建集团"))
    page.sign_in_as(cast.manager).get(f"/campaigns/{campaign.id}/slips")
    assert "联系人1" in page.text and "Ms Zhao" not in page.text
    page.post(f"/campaigns/{campaign.id}/slips", {"invitation": stranger.id, "do": "print"}, status=404)
    assert not Link.select().exists()


def test_nobody_ticked_or_too_many_is_said(page, cast, campaign, monkeypatch):
    monkeypatch.setattr("csat.procedure.campaigns.slips.MAX_SLIPS", 5)
    page.sign_in_as(cast.desk).get(f"/campaigns/{campaign.id}/slips")
    assert len(page.value("invitation")) == 5
    page.fill("do=print", 422, invitation=None)
    assert "Please tick at least one contact." in page.text
    everybody = [str(one.id) for one in Invitation]
    page.fill("do=print", 422, invitation=everybody)
    assert "At most 5 slips" in page.text and not Link.select().exists()
    assert page.value("invitation") == everybody


def test_who_was_reached_otherwise_is_not_offered(page, cast, campaign):
    first = Invitation.get()
    page.sign_in_as(cast.desk).get(f"/campaigns/{campaign.id}")
    page.post(f"/campaigns/invitations/{first.id}/link")
    page.fill("It is handed over")
    page.get(f"/campaigns/{campaign.id}/slips")
    assert str(first.id) not in page.value("invitation")


def test_an_empty_campaign_says_so(page, cast):
    page.sign_in_as(cast.qa).get(f"/campaigns/{a_campaign().id}/slips")
    assert "can be asked by a slip" in page.text
    page.sign_in_as(cast.director).get("/campaigns/1/slips", status=403)
