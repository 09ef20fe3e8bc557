"""Nothing that staff can do tells who has answered without a name (design, anonymity 9; decision 0010)."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from functools import partial

import pytest

from csat import database
from csat.adapters import sealing
from csat.models.answers import Mailbox, Response
from csat.models.asking import Campaign, CampaignState, Channel, Invitation, InvitationState, Link
from csat.models.clients import Incident
from csat.procedure.campaigns import campaigns, desk, incident_surveys, invitation_states, invitations, links
from csat.procedure.core import refusals, tokens
from csat.procedure.core.quarter import Quarter
from csat.procedure.survey import mailbox, submission
from csat.procedure.survey.submission import FilledForm
from tests.builders import (
    NOW,
    ZONE,
    a_campaign,
    a_client,
    a_link,
    an_incident,
    an_invitation,
    another_contact,
    some_answers,
)
from tests.conftest import migrate_again

HOUR = timedelta(hours=1)


@pytest.fixture
def campaign(db, config):
    return a_campaign(public_key=sealing.create_key(config.keys))


def fill(token: str, name: str = "") -> None:
    filled = FilledForm(some_answers(), not name, tokens.make_submission_code(), name=name)
    submission.submit_response(token, filled, NOW, sealing.seal_bytes)


def an_incident_asked(campaign, number: str = "INC1", **more) -> Invitation:
    contact = another_contact(a_client(f"客户{number}"))
    details = {"first_closed_at": NOW - HOUR, "closed_at": NOW - HOUR, "survey_due_at": NOW + HOUR, **more}
    incident = an_incident(number, contact.client, contact=contact, quarter=20262, **details)
    return invitations.invite_contact(campaign, contact, None, NOW, incident=incident, zone=ZONE)


# --- links made later ----------------------------------------------------------------------------------


def test_a_link_made_after_an_anonymous_answer_opens_like_any_other(campaign):
    answered, silent = (an_invitation(campaign, another_contact(a_client(name))) for name in "甲乙")
    first = a_link(answered)
    fill(first)
    for invitation in (answered, silent):
        assert links.open_link(later_link(invitation), NOW).invitation == invitation
    with pytest.raises(refusals.LinkUsed):
        links.open_link(first, NOW)
    with pytest.raises(refusals.LinkUsed):
        fill(later_link(answered))
    assert Mailbox.select().count() == 1


def later_link(invitation: Invitation) -> str:
    return invitations.make_link(Invitation.get_by_id(invitation.id), None, NOW)


@pytest.mark.parametrize("end", ["withdraw", "close"])
def test_it_dies_like_any_other_too(campaign, end):
    answered, silent = (an_invitation(campaign, another_contact(a_client(name))) for name in "甲乙")
    fill(a_link(answered))
    tokens_ = [later_link(one) for one in (answered, silent)]
    if end == "close":
        campaigns.close_campaign(campaign, None, NOW)
    else:
        for one in (answered, silent):
            invitations.withdraw_invitation(Invitation.get_by_id(one.id), None, NOW)
    for token in tokens_:
        with pytest.raises(refusals.LinkExpired if end == "close" else refusals.LinkWithdrawn):
            links.open_link(token, NOW)


def test_after_the_last_release_no_link_says_that_it_was_used(campaign, config):
    for number in range(3):
        fill(a_link(an_invitation(campaign, another_contact(a_client(f"客户{number}")))))
    campaigns.close_campaign(campaign, None, NOW)
    assert Link.select().where(Link.spent).count() == 3
    mailbox.release_due_campaigns(NOW, partial(sealing.open_sealed, config.keys))
    assert Link.select().where(Link.spent).count() == 0


# --- the incident --------------------------------------------------------------------------------------


def test_an_answer_by_name_surveys_the_incident_in_its_quarter_whoever_forgot_to_mark_it(campaign):
    fill(invitations.make_link(an_incident_asked(campaign), None, NOW), name="王女士")
    assert campaign.quarter == 20263 and Response.get().quarter == 20262
    assert Incident.get().surveyed_at == NOW
    assert desk.list_due_incidents(NOW + HOUR, ZONE).count() == 0


def test_an_anonymous_answer_marks_nothing(campaign):
    fill(invitations.make_link(an_incident_asked(campaign), None, NOW))
    assert Incident.get().surveyed_at is None


def test_after_an_anonymous_answer_a_withdrawal_opens_no_second_survey(campaign):
    for answered in (True, False):
        first = an_incident_asked(campaign, f"INC{answered}")
        token = invitations.make_link(first, None, NOW)
        invitations.mark_handed_over(first, None, NOW)
        if answered:
            fill(token)
        invitations.withdraw_invitation(Invitation.get_by_id(first.id), None, NOW)
        other = another_contact(first.client, "张先生")
        second = invitations.invite_contact(campaign, other, None, NOW, incident=first.incident, zone=ZONE)
        assert invitation_states.shown_state(second) == InvitationState.MADE
        assert links.open_link(later_link(second), NOW)
        with pytest.raises(refusals.LinkUsed) if answered else nullcontext():
            fill(later_link(second))
    assert Mailbox.select().count() == 2
    assert Invitation.select().where(Invitation.state == InvitationState.DONE).count() == 2


def test_who_handled_the_incident_neither_withdraws_nor_names_another_contact(campaign, cast):
    invitation = an_incident_asked(campaign, assigned_to=cast.engineer)
    with pytest.raises(refusals.HandlerMayNotRecord):
        invitations.withdraw_invitation(invitation, cast.engineer, NOW)
    with pytest.raises(refusals.HandlerMayNotRecord):
        incident_surveys.name_contact(invitation.incident, None, "张先生", "", "", cast.engineer, NOW)


def test_a_telephone_record_alone_is_refused_after_an_anonymous_answer(campaign, cast):
    """What remains (decision 0010): it takes a false record on one's own name to try it."""
    invitation = an_incident_asked(campaign)
    fill(invitations.make_link(invitation, None, NOW))
    with pytest.raises(refusals.OutOfOrder):
        submission.record_response(invitation, some_answers(), Channel.TELEPHONE, cast.desk, NOW)


# --- closing -------------------------------------------------------------------------------------------


def test_a_campaign_is_closed_by_who_opened_it_or_by_qa(cast):
    for closer in (cast.manager, cast.qa):
        campaigns.close_campaign(a_campaign(opened_by=cast.manager), closer, NOW)
    assert {one.state for one in Campaign.select()} == {CampaignState.CLOSED}
    still_open = a_campaign(opened_by=cast.manager)
    with pytest.raises(refusals.NotPermitted):
        campaigns.close_campaign(still_open, cast.desk, NOW)
    assert Campaign.get_by_id(still_open.id).state == CampaignState.OPEN


# --- the migration -------------------------------------------------------------------------------------


def test_the_migration_keeps_what_links_said(engine_db):
    campaign = a_campaign()
    used = a_link(an_invitation(campaign, another_contact(a_client()), state=InvitationState.DONE))
    fresh = a_link(an_invitation(campaign, another_contact(a_client("乙"))))
    Response.create(version=campaign.version, quarter=int(Quarter(2026, 3)), channel=Channel.LINK, anonymous=True)
    for table, column in (("link", "spent"), ("response", "step")):
        database.store.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
    migrate_again("0007")
    with pytest.raises(refusals.LinkUsed):
        links.open_link(used, NOW)
    assert links.open_link(fresh, NOW).campaign == campaign
    assert Response.get().step is None and Link.select().count() == 2
