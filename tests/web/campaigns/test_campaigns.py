"""Campaigns on the pages: opening, inviting with the consequences said before, links, numbers only."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat import clock
from csat.adapters import sealing
from csat.models.asking import Campaign, CampaignState, Invitation, InvitationState, Naming, Occasion
from csat.models.clients import Contact, Tier
from tests.builders import ZONE, a_client, a_contact
from tests.procedure.campaigns.rounds import Q3


@pytest.fixture
def clients(cast):
    mine = a_client("华东物流", Tier.CORE, cast.manager)
    other = a_client("城建集团", Tier.IMPORTANT)
    a_client("街角面馆", Tier.ORDINARY, cast.manager)
    for name in ("王女士", "张先生", "刘女士"):
        a_contact(mine, name)
    a_contact(other, "赵女士", email="", telephone="")
    return mine, other


@pytest.fixture
def campaign(page, cast, clients) -> Campaign:
    """The quarterly one, opened by the desk, and everybody proposed is invited."""
    page.sign_in_as(cast.desk).get("/campaigns/open")
    page.fill(occasion="quarterly", questionnaire="company", quarter="2026Q3", naming="both")
    page.fill("do=invite")
    return Campaign.get()


def test_a_manager_opens_invites_and_hands_over_for_their_own_clients(page, cast, clients):
    page.sign_in_as(cast.manager).get("/campaigns/")
    page.follow("Open a campaign")
    page.fill(occasion="quarterly", questionnaire="company", quarter="2026Q3", naming="both")
    assert page.heading == "Whom to invite"
    assert "华东物流" in page.text and "城建集团" not in page.text and "街角面馆" not in page.text
    assert "138****5678" in page.text and "13812345678" not in page.html
    page.fill("do=invite")
    assert "3 contacts are invited." in page.text
    assert "invited, nobody reached" in page.text
    page.fill("Link")
    assert "http://localhost/s/" in page.html
    page.fill("It is handed over")
    assert "asked" in page.text
    assert Invitation.select().where(Invitation.state == InvitationState.SENT).count() == 1


def test_a_client_without_a_marked_contact_is_a_gap_with_the_way_to_mend_it(page, cast, clients):
    Contact.update(asked_each_quarter=False).where(Contact.client == clients[0]).execute()
    page.sign_in_as(cast.manager).get("/campaigns/open")
    page.fill(occasion="quarterly", questionnaire="company", quarter="2026Q3", naming="both")
    assert "nobody is marked “asked each quarter”" in page.text and "Nobody is ticked yet." in page.text
    page.follow("Mark or add a contact")
    page.fill("Ask each quarter")
    assert Contact.select().where(Contact.client == clients[0], Contact.asked_each_quarter).count() == 1
    page.get("/campaigns/1/invite").fill("do=invite")
    assert "1 contact is invited." in page.text


def test_the_desk_sees_every_gap_of_the_round_and_asks_for_a_manager(page, cast, clients):
    with clock.freeze_at(Q3.end(ZONE) - timedelta(days=3)):
        page.sign_in_as(cast.desk).get("/campaigns/")
        assert "2026Q3 is not open yet; clients to ask: 2" in page.text
        page.follow("Open the survey of 2026Q3").fill("Open the campaign")
        page.fill("do=invite")
        page.get("/campaigns/")
        assert "2026Q3: 2 of 2 clients not asked" in page.text
        page.follow("See who was not asked, by project manager")
        assert "程远" in page.text and "invited, nobody reached yet" in page.text
        assert Invitation.select().where(Invitation.client == clients[0]).count() == 3


def test_the_desk_sees_everybody_and_what_is_missing(page, cast, clients):
    page.sign_in_as(cast.desk).get("/campaigns/open")
    page.fill(occasion="quarterly", questionnaire="company", quarter="2026Q3", naming="both")
    assert "no e-mail and no telephone" in page.text and "in nobody's care" in page.text
    assert "do not name the client: fewer than 3 are invited" in page.text
    page.get("/campaigns/1")
    assert page.text.count("not asked") >= 2


def test_numbers_do_not_tell_who_has_answered(page, cast, clients, campaign):
    Invitation.update(state=InvitationState.DONE).where(Invitation.client == clients[1]).execute()
    page.get(f"/campaigns/{campaign.id}")
    invitation = Invitation.get(Invitation.client == clients[1])
    assert "Answered1" in page.text  # of four: three and one together
    before = page.text
    Invitation.update(state=InvitationState.MADE).where(Invitation.id == invitation.id).execute()
    Invitation.update(state=InvitationState.DONE).where(Invitation.id == invitation.id - 1).execute()
    page.get(f"/campaigns/{campaign.id}")
    assert page.text == before


def test_where_names_are_given_the_rows_say_who_answered(page, cast, clients, campaign):
    Campaign.update(naming=Naming.NAMED).execute()
    Invitation.update(state=InvitationState.DONE).where(Invitation.client == clients[1]).execute()
    page.get(f"/campaigns/{campaign.id}")
    assert "赵女士 城建集团 Answered" in page.text


def test_another_managers_client_cannot_be_invited_or_linked(page, cast, clients, campaign):
    stranger = Invitation.get(Invitation.client == clients[1])
    page.sign_in_as(cast.manager).get(f"/campaigns/{campaign.id}")
    assert "赵女士" not in page.text
    page.post(f"/campaigns/invitations/{stranger.id}/link", status=404)
    page.post(f"/campaigns/{campaign.id}/invite", {"contact": stranger.contact_id, "do": "invite"}, status=404)


def test_closing_early_asks_first(page, cast, clients, campaign):
    page.get(f"/campaigns/{campaign.id}").follow("Close early")
    assert Campaign.get().state == CampaignState.OPEN
    page.fill("Close it now")
    assert Campaign.get().state == CampaignState.CLOSED
    page.get(f"/campaigns/{campaign.id}/close")
    page.fill("Close it now")
    assert "closed already" in page.text


def test_withdrawing_asks_first(page, cast, clients, campaign):
    page.get(f"/campaigns/{campaign.id}").follow("Withdraw")
    page.fill("Withdraw the invitation")
    assert "is withdrawn" in page.text
    assert Invitation.select().where(Invitation.state == InvitationState.VOID).count() == 1


def test_who_was_withdrawn_comes_back_unticked(page, cast, clients):
    page.sign_in_as(cast.manager).get("/campaigns/open").fill("Open the campaign")
    campaign = Campaign.get()
    assert page.get(f"/campaigns/{campaign.id}").heading == "Q3 2026 · Each quarter"
    page.get(f"/campaigns/{campaign.id}/invite")
    ticked = page.value("contact")
    page.fill("Invite the ticked contacts")
    gone = Invitation.get()
    page.get(f"/campaigns/invitations/{gone.id}/withdraw").fill("Withdraw the invitation")
    page.get(f"/campaigns/{campaign.id}/invite")
    assert ticked and f'value="{gone.contact_id}">' in page.html
    assert "checked" not in page.html


def test_a_project_campaign_searches_its_clients(page, cast, clients):
    page.sign_in_as(cast.qa).get("/campaigns/open")
    page.fill(occasion="project", questionnaire="security", quarter="2026Q3", naming="named", title="验收")
    page.get(f"{page.path}?q=街角")
    assert "街角面馆" in page.text and "华东物流" not in page.text
    page.fill("do=invite")
    assert "Please tick at least one contact." in page.text


def test_a_wrong_quarter_or_day_is_said_beside_its_field(page, cast, config):
    page.sign_in_as(cast.qa).get("/campaigns/open")
    page.fill("", 422, quarter="third")
    assert "Please write the quarter like 2026Q3." in page.text
    page.fill("", 422, quarter="2026Q3", closes_on="2026-09-01")
    assert "Please choose a later one." in page.text
    assert not Campaign.select().exists() and not sealing.list_kept_keys(config.keys)  # nothing half-done


def test_who_opens_a_campaign_sees_how_much_each_form_asks_and_can_look_at_it(page, cast, clients):
    page.sign_in_as(cast.manager).get("/campaigns/open")
    assert "Company satisfaction survey · 16 questions · about 4 minutes" in page.text
    page.fill(occasion="quarterly", questionnaire="company", quarter="2026Q3", naming="both")
    campaign = Campaign.get()
    page.get(f"/campaigns/{campaign.id}")
    assert "version 1 · 16 questions · about 4 minutes" in page.text
    page.follow("Company satisfaction survey")
    assert page.path == f"/questionnaires/{campaign.version_id}" and "公司满意度调查问卷" in page.text


def test_the_round_of_a_quarter_is_opened_for_it_alone_whatever_is_sent(page, cast, clients):
    page.sign_in_as(cast.manager).get("/campaigns/open/2026Q3")
    forged = {"occasion": "event", "quarter": "2019Q1", "questionnaire": "security", "title": "伪造"}
    page.post("/campaigns/open/2026Q3", {"closes_on": "2026-10-31", "naming": "both", **forged})
    (made,) = Campaign.select()
    assert (made.occasion, made.quarter, made.title) == (Occasion.QUARTERLY, 20263, "")
    assert made.version.questionnaire.code == "company"
    page.get("/campaigns/open/2026Q3")
    assert page.path == f"/campaigns/{made.id}" and "is open already" in page.text
    page.get("/campaigns/open/2026Q2").fill("Open the campaign")
    for elsewhere in ("2026Q4", "2025Q3"):
        page.get(f"/campaigns/open/{elsewhere}").fill("Open the campaign", 422)
        assert "this quarter or the one before" in page.text
        page.get("/campaigns/open").fill(
            "Open the campaign", 422, occasion="quarterly", questionnaire="company", quarter=elsewhere
        )
        assert page.value("quarter") == elsewhere
    page.get("/campaigns/open/nonsense", status=404)
    assert Campaign.select().count() == 2
