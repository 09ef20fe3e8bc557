"""Campaigns: one quarterly a quarter, standing ones on need, and how they end (P1, P3, P4)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest

from csat import database
from csat.models.asking import Campaign, CampaignState, Invitation, InvitationState, Occasion
from csat.procedure.campaigns import campaigns, invitation_states, invitations
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import ValueMissing
from tests.builders import NOW, ZONE, a_client, a_contact, an_invitation
from tests.procedure.campaigns.rounds import Q3, a_round, key


def test_the_least_number_opened_together_is_frozen_at_opening(db, zone):
    campaign = a_round(zone)
    settings.change_setting("anonymous_least", 5, "command:test", NOW)
    assert Campaign.get_by_id(campaign.id).k == 3
    assert a_round(zone, occasion=Occasion.EVENT).k == 5


def test_a_quarter_has_one_quarterly_campaign(db, zone):
    a_round(zone)
    with pytest.raises(campaigns.QuarterlyCampaignExists):
        a_round(zone)
    a_round(zone, quarter=Quarter(2026, 4))


def test_a_project_or_an_event_is_named(db, zone):
    for occasion in (Occasion.PROJECT, Occasion.EVENT):
        with pytest.raises(ValueMissing):
            a_round(zone, occasion=occasion, title=" ")
    assert a_round(zone, title="").title == ""


def test_the_quarterly_campaign_asks_with_the_company_questionnaire(db, zone):
    with pytest.raises(campaigns.OtherQuestionnaire):
        a_round(zone, form="incident")
    assert a_round(zone, occasion=Occasion.YEARLY, form="service")


def test_a_campaign_closes_after_now(db, zone):
    with pytest.raises(campaigns.ClosesTooEarly):
        a_round(zone, occasion=Occasion.EVENT, closes=NOW)


def test_the_standing_campaign_closes_fifteen_days_after_its_quarter_or_if_that_is_past_from_now(db, zone):
    campaign = campaigns.ensure_standing_campaign(Q3, key, NOW, zone)
    assert campaign.closes_at.astimezone(zone) == datetime(2026, 10, 16, tzinfo=zone)
    proposed = campaigns.propose_last_day(Q3, zone, NOW)  # for a campaign of one's own
    assert proposed == date(2026, 10, 15) and campaigns.closing_instant_of(proposed, zone) == campaign.closes_at
    assert (campaign.occasion, campaign.version.questionnaire.code) == (Occasion.INCIDENT, "incident")
    assert campaigns.ensure_standing_campaign(Q3, key, NOW, zone) == campaign
    with pytest.raises(campaigns.StandingCampaignStays):
        campaigns.close_campaign(campaign, None, NOW)
    assert campaigns.ensure_standing_campaign(Quarter(2016, 1), key, NOW, zone).closes_at == NOW + timedelta(days=15)


def test_two_who_ask_at_once_get_the_same_standing_campaign(db, zone):
    both = threading.Barrier(2)

    def slow_key():
        assert not database.store.in_transaction()
        both.wait(timeout=10)
        return key()

    def ask(_):
        campaign = campaigns.ensure_standing_campaign(Q3, slow_key, NOW, zone)
        database.close_store()
        return campaign

    with ThreadPoolExecutor(2) as askers:
        first, second = askers.map(ask, range(2))
    assert first == second == Campaign.get() and Campaign.select().count() == 1


def test_at_its_end_open_invitations_expire_and_answered_ones_stay(engine_db, zone):
    campaign, client = a_round(zone), a_client()
    states = [InvitationState.MADE, InvitationState.SENT, InvitationState.DONE, InvitationState.DENY]
    rows = [an_invitation(campaign, a_contact(client), state=state) for state in states]
    assert campaigns.close_expired_campaigns(campaign.closes_at - timedelta(seconds=1)) == 0
    assert campaigns.close_expired_campaigns(campaign.closes_at) == 1
    assert campaigns.close_expired_campaigns(campaign.closes_at) == 0
    late = InvitationState.LATE
    assert [Invitation.get_by_id(row.id).state for row in rows] == [late, late, *states[2:]]
    assert Campaign.get().state == CampaignState.CLOSED


def test_a_closed_campaign_asks_nobody(db, zone):
    campaign, contact = a_round(zone), a_contact(a_client())
    invitation = invitations.invite_contact(campaign, contact, None, NOW, zone=zone)
    campaigns.close_campaign(campaign, None, NOW)
    campaign = Campaign.get_by_id(campaign.id)
    with pytest.raises(invitation_states.CampaignOver):
        invitations.invite_contact(campaign, a_contact(a_client("B")), None, NOW, zone=ZONE)
    with pytest.raises(invitation_states.CampaignOver):
        invitations.make_link(Invitation.get_by_id(invitation.id), None, NOW)
    with pytest.raises(campaigns.CampaignAlreadyClosed):
        campaigns.close_campaign(campaign, None, NOW)
