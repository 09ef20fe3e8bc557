"""Campaigns and invitations: one standing campaign, one survey an incident, numbers only (P1–P3)."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from csat import database
from csat.models.answers import Response
from csat.models.asking import (
    Attempt,
    AttemptOutcome,
    Campaign,
    CampaignState,
    Channel,
    Invitation,
    InvitationState,
    Link,
    Naming,
    Occasion,
)
from csat.models.clients import Client, Contact, Incident, Tier
from csat.models.records import AuditDetail, AuditEntry
from csat.procedure.campaigns import campaigns, counts, invitation_states, invitations, proposals
from csat.procedure.campaigns.proposals import AskingGap
from csat.procedure.clients import clients
from csat.procedure.core import settings, tokens
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import HandlerMayNotRecord, NotFound, ValueMissing
from csat.procedure.questionnaires import questionnaires
from csat.procedure.survey import submission
from tests.builders import (
    NOW,
    ZONE,
    a_client,
    a_contact,
    a_department,
    a_person,
    a_response,
    an_incident,
    an_invitation,
    some_answers,
)
from tests.cast import a_cast

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


# --- campaigns ---------------------------------------------------------------------------------------


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


def test_a_campaign_closes_after_now(db, zone):
    version = questionnaires.get_version_in_force("company")
    with pytest.raises(campaigns.ClosesTooEarly):
        campaigns.open_campaign(Occasion.EVENT, version, Q3, NOW, Naming.BOTH, key(), None, NOW)


def test_the_standing_campaign_closes_fifteen_days_after_its_quarter(db, zone):
    campaign = campaigns.ensure_standing_campaign(Q3, key, NOW, zone)
    assert campaign.closes_at.astimezone(zone) == datetime(2026, 10, 16, tzinfo=zone)
    assert (campaign.occasion, campaign.version.questionnaire.code) == (Occasion.INCIDENT, "incident")
    assert campaigns.ensure_standing_campaign(Q3, key, NOW, zone) == campaign
    with pytest.raises(campaigns.StandingCampaignStays):
        campaigns.close_campaign(campaign, None, NOW)


def test_the_standing_campaign_of_a_quarter_long_past_stays_open_as_many_days(db, zone):
    assert campaigns.ensure_standing_campaign(Quarter(2016, 1), key, NOW, zone).closes_at == NOW + timedelta(
        days=15
    )


def test_two_who_ask_at_once_get_the_same_standing_campaign(db, zone):
    both = threading.Barrier(2)
    found = []

    def slow_key():
        assert not database.store.in_transaction()
        both.wait(timeout=10)
        return key()

    def ask():
        found.append(campaigns.ensure_standing_campaign(Q3, slow_key, NOW, zone).id)
        database.close_store()

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(found) == 2 and len(set(found)) == 1
    assert Campaign.select().count() == 1


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


# --- invitations -------------------------------------------------------------------------------------


def test_what_a_named_response_copies_is_fixed_at_asking(db, zone):
    first, second, engineer = a_person("甲"), a_person("乙"), a_person("丙")
    client = a_client(manager=first)
    clients.put_in_care(client, second, date(2026, 9, 15), "command:test", NOW)
    incident = closed_incident(
        a_contact(client), department=a_department(), assigned_to=a_person("丁"), resolved_by=engineer
    )
    evening = datetime(2026, 9, 14, 15, 59, tzinfo=UTC)  # one minute to midnight in Shanghai
    campaign = campaigns.ensure_standing_campaign(Q3, key, NOW, zone)
    invitation = invitations.invite_contact(
        campaign, incident.contact, first, evening, incident=incident, zone=zone
    )
    assert invitation.client == client and invitation.manager == first
    assert invitation.department == incident.department and invitation.engineer == engineer
    other = closed_incident(incident.contact, "INC2", assigned_to=a_person("戊"))
    later = evening + timedelta(minutes=1)
    invitation = invitations.invite_contact(campaign, other.contact, first, later, incident=other, zone=zone)
    assert invitation.manager == second and invitation.engineer == other.assigned_to


def test_nobody_is_asked_who_opted_out_or_left(db, zone):
    campaign, client = a_round(zone), a_client()
    with pytest.raises(invitations.ContactOptedOut):
        invitations.invite_contact(campaign, a_contact(client, opted_out_at=NOW), None, NOW, zone=ZONE)
    with pytest.raises(invitations.ContactRetired):
        invitations.invite_contact(campaign, a_contact(client, retired_at=NOW), None, NOW, zone=ZONE)
    assert not Invitation.select().exists()


def test_an_incident_and_a_contact_of_a_campaign_are_asked_once(db, zone):
    contact = a_contact(a_client())
    incident = closed_incident(contact)
    standing = campaigns.ensure_standing_campaign(Q3, key, NOW, zone)
    invitations.invite_contact(standing, contact, None, NOW, incident=incident, zone=ZONE)
    with pytest.raises(invitations.AlreadyInvited):
        invitations.invite_contact(standing, contact, None, NOW, incident=incident, zone=ZONE)
    invitations.invite_contact(
        standing, contact, None, NOW, incident=closed_incident(contact, "INC2"), zone=ZONE
    )
    round_ = a_round(zone)
    invitations.invite_contact(round_, contact, None, NOW, zone=ZONE)
    with pytest.raises(invitations.AlreadyInvited):
        invitations.invite_contact(round_, contact, None, NOW, zone=ZONE)


def test_links_are_known_by_their_fingerprint_only(db, zone):
    invitation = invitations.invite_contact(a_round(zone), a_contact(a_client()), None, NOW, zone=ZONE)
    first, second = (invitations.make_link(invitation, None, NOW) for _ in range(2))
    assert first != second and tokens.is_token(first)
    assert {link.token_hash for link in Link} == {tokens.hash_token(first), tokens.hash_token(second)}
    history = "".join(f"{entry.subject}{entry.action}" for entry in AuditEntry)
    history += "".join(row.detail for row in AuditDetail)
    assert first not in history and tokens.hash_token(first) not in history
    assert AuditEntry.select().where(AuditEntry.action == "link made").count() == 2


def test_handing_over_is_delivery_and_surveys_the_incident(db, zone):
    incident = closed_incident(a_contact(a_client()))
    invitation = asked(incident, zone)
    invitations.mark_handed_over(invitation, None, NOW)
    assert Invitation.get().state == InvitationState.SENT
    assert Incident.get().surveyed_at == NOW
    invitations.mark_handed_over(invitation, None, NOW + timedelta(hours=1))
    assert Incident.get().surveyed_at == NOW
    assert Attempt.select().where(Attempt.outcome == AttemptOutcome.HANDED_OVER).count() == 2


def test_reaching_nobody_is_not_enough_and_a_refusal_is(db, zone):
    desk = a_person("苏岚")
    incident = closed_incident(a_contact(a_client()))
    invitation = asked(incident, zone)
    for outcome in (AttemptOutcome.NOBODY, AttemptOutcome.BUSY, AttemptOutcome.WRONG_NUMBER):
        invitations.record_attempt(invitation, outcome, desk, NOW, note=" 占线 ")
    assert Incident.get().surveyed_at is None
    invitations.record_attempt(invitation, AttemptOutcome.REFUSED, desk, NOW)
    assert Incident.get().surveyed_at == NOW
    assert Invitation.get().state == InvitationState.DENY
    with pytest.raises(invitation_states.InvitationEnded):
        invitations.make_link(invitation, desk, NOW)


def test_calling_later_needs_a_time_to_come(db, zone):
    invitation = asked(closed_incident(a_contact(a_client())), zone)
    with pytest.raises(ValueMissing):
        invitations.record_attempt(invitation, AttemptOutcome.LATER, None, NOW)
    with pytest.raises(invitations.RetryInPast):
        invitations.record_attempt(invitation, AttemptOutcome.LATER, None, NOW, again_at=NOW)
    kept = invitations.record_attempt(invitation, AttemptOutcome.NOBODY, None, NOW, again_at=NOW)
    assert kept.again_at == NOW + timedelta(hours=2)  # a sensible time, by the setting


def test_who_handled_the_incident_neither_links_nor_calls(db, zone):
    engineer, colleague = a_person("高工"), a_person("苏岚")
    incident = closed_incident(a_contact(a_client()), assigned_to=engineer)
    invitation = asked(incident, zone)
    for verb in (
        lambda: invitations.make_link(invitation, engineer, NOW),
        lambda: invitations.mark_handed_over(invitation, engineer, NOW),
        lambda: invitations.record_attempt(invitation, AttemptOutcome.REFUSED, engineer, NOW),
    ):
        with pytest.raises(HandlerMayNotRecord):
            verb()
    assert invitations.make_link(invitation, colleague, NOW)


def test_a_withdrawn_survey_can_be_asked_of_somebody_else(db, zone):
    client = a_client()
    incident = closed_incident(a_contact(client))
    invitation = asked(incident, zone)
    invitations.mark_handed_over(invitation, None, NOW)
    invitations.withdraw_invitation(invitation, None, NOW)
    assert Invitation.get().state == InvitationState.VOID
    assert Incident.get().surveyed_at is None
    second = invitations.invite_contact(
        invitation.campaign, a_contact(client, "张先生"), None, NOW, incident=incident, zone=ZONE
    )
    assert second.incident == incident and Invitation.get_by_id(invitation.id).incident is None
    with pytest.raises(invitation_states.InvitationEnded):
        invitations.make_link(Invitation.get_by_id(invitation.id), None, NOW)


def test_an_answer_that_came_meanwhile_is_never_overwritten(db, zone):
    invitation = asked(closed_incident(a_contact(a_client())), zone)
    Invitation.update(state=InvitationState.DONE).execute()
    invitations.mark_handed_over(invitation, None, NOW)
    invitations.record_attempt(invitation, AttemptOutcome.REFUSED, None, NOW)
    assert Invitation.get().state == InvitationState.DONE


def test_nothing_tells_an_anonymous_answer_from_none(db, zone):
    """Every verb does the same for both, and shows the same."""
    for state in (InvitationState.SENT, InvitationState.DONE):
        contact = a_contact(a_client(f"客户{state}"))
        invitation = asked(closed_incident(contact, f"INC-{state}"), zone)
        invitations.mark_handed_over(invitation, None, NOW)
        Invitation.update(state=state).where(Invitation.id == invitation.id).execute()
        invitation = Invitation.get_by_id(invitation.id)
        assert shown(invitation) == InvitationState.SENT
        assert invitations.make_link(invitation, None, NOW)
        invitations.record_attempt(invitation, AttemptOutcome.NOBODY, None, NOW)
        invitations.withdraw_invitation(invitation, None, NOW)
        assert shown(Invitation.get_by_id(invitation.id)) == InvitationState.VOID


def test_an_answer_with_a_name_is_no_secret(db, zone):
    cast = a_cast()
    incident = closed_incident(a_contact(a_client()))
    invitation = asked(incident, zone)
    submission.record_response(invitation, some_answers(), Channel.TELEPHONE, cast.desk, NOW)
    assert shown(Invitation.get()) == InvitationState.DONE
    with pytest.raises(invitation_states.AlreadyAnswered):
        invitations.make_link(Invitation.get(), cast.desk, NOW)
    assert Response.get().incident == incident


# --- whom to ask -------------------------------------------------------------------------------------


def test_the_proposal_is_exactly_the_important_and_core_clients_in_care(engine_db, zone):
    manager, other = a_person("程远"), a_person("别人")
    core = a_client("核心", Tier.CORE, manager)
    important = a_client("重要", Tier.IMPORTANT, manager)
    a_client("普通", Tier.ORDINARY, manager)
    a_client("别人的", Tier.CORE, other)
    Client.update(retired_at=NOW).where(Client.id == a_client("旧的", Tier.CORE, manager).id).execute()
    moved = a_client("移交", Tier.CORE, manager)
    clients.put_in_care(moved, other, date(2026, 9, 14), "command:test", NOW)
    assert {one.client for one in proposals.list_proposals(manager, zone, NOW)} == {core, important}
    orphan = a_client("没人管", Tier.IMPORTANT)
    everybody = {one.client.name: one for one in proposals.list_proposals(None, zone, NOW)}
    assert set(everybody) == {"核心", "重要", "别人的", "移交", "没人管"}
    assert (AskingGap.NO_MANAGER, "") in everybody[orphan.name].missing


def test_the_proposal_says_what_is_missing(db, zone):
    client = a_client(manager=a_person("程远"))
    a_contact(client, "可以问")
    a_contact(client, "没有地址", email="", telephone="")
    a_contact(client, "不愿意", opted_out_at=NOW)
    a_contact(client, "已离开", retired_at=NOW)
    (one,) = proposals.list_proposals(None, zone, NOW)
    assert {contact.name for contact in one.contacts} == {"可以问", "没有地址"}
    assert set(one.missing) == {(AskingGap.NO_ADDRESS, "没有地址"), (AskingGap.OPTED_OUT, "不愿意")}
    Contact.update(retired_at=NOW).execute()
    (one,) = proposals.list_proposals(None, zone, NOW)
    assert one.missing[0] == (AskingGap.NO_CONTACT, "")


def test_the_consequences_are_said_before(db, zone):
    campaign, client = a_round(zone), a_client()
    contacts = [a_contact(client, name) for name in "甲乙丙"]
    assert proposals.preview_consequences(campaign, contacts[:2]) == [(client, 2, False)]
    invitations.invite_contacts(campaign, contacts[:2], None, NOW, zone)
    assert proposals.preview_consequences(campaign, contacts[2:]) == [(client, 3, True)]
    invitations.withdraw_invitation(Invitation.get(), None, NOW)
    assert proposals.preview_consequences(campaign, contacts[2:]) == [(client, 2, False)]


def test_a_manager_asks_in_their_own_care_only(db, zone):
    cast = a_cast()
    mine = a_contact(a_client("我的", manager=cast.manager))
    others = a_contact(a_client("别人的", manager=a_person("别人")))
    assert proposals.get_contacts_to_ask(cast.manager, [mine.id], zone, NOW) == [mine]
    with pytest.raises(NotFound):
        proposals.get_contacts_to_ask(cast.manager, [mine.id, others.id], zone, NOW)
    assert len(proposals.get_contacts_to_ask(cast.qa, [mine.id, others.id], zone, NOW)) == 2
    invitation = invitations.invite_contact(a_round(zone), others, None, NOW, zone=ZONE)
    with pytest.raises(NotFound):
        campaigns.invitation_for(cast.manager, invitation.id, zone, NOW)
    assert campaigns.invitation_for(cast.desk, invitation.id, zone, NOW) == invitation


# --- numbers -----------------------------------------------------------------------------------------


def invited(campaign, client, answered, of, **more):
    for number in range(of):
        state = InvitationState.DONE if number < answered else InvitationState.SENT
        an_invitation(campaign, a_contact(client, f"{client.name}{number}"), state=state, **more)


def lines(campaign):
    counted = counts.count_campaign(campaign)
    return {line.client.name: line.answered for line in counted.lines}, counted.few, counted.total


def test_a_client_shows_its_answers_from_k_open_invitations_on(engine_db, zone):
    campaign = a_round(zone)
    invited(campaign, a_client("四人"), 2, 4)
    invited(campaign, a_client("两人"), 1, 2)
    invited(campaign, a_client("一人"), 1, 1)
    own, few, total = lines(campaign)
    assert own == {"四人": 2, "两人": None, "一人": None}
    assert (few.answered, total.answered) == (2, 4)


def test_a_single_small_client_cannot_be_had_by_subtraction(db, zone):
    campaign = a_round(zone)
    invited(campaign, a_client("五人"), 3, 5)
    invited(campaign, a_client("四人"), 2, 4)
    invited(campaign, a_client("一人"), 1, 1)
    own, few, total = lines(campaign)
    assert own == {"五人": 3, "四人": None, "一人": None}
    assert (few.answered, total.answered) == (3, 6)


def test_fewer_than_k_in_all_show_nothing(db, zone):
    campaign = a_round(zone)
    invited(campaign, a_client("两人"), 1, 2)
    own, few, total = lines(campaign)
    assert (own, few.answered, total.answered) == ({"两人": None}, None, None)
    assert total.invited == 2


def test_who_refused_or_answered_by_name_hides_nobody(db, zone):
    campaign, client = a_round(zone), a_client()
    invited(campaign, client, 1, 3)
    assert lines(campaign)[0] == {client.name: 1}
    answered = Invitation.get(Invitation.state == InvitationState.DONE)
    a_response("company", campaign=campaign, client=client, contact=answered.contact)
    assert lines(campaign)[0] == {client.name: None}


def test_a_named_campaign_hides_nothing(db, zone):
    campaign = a_round(zone, Naming.NAMED)
    invited(campaign, a_client("一人"), 1, 1)
    assert lines(campaign)[0] == {"一人": 1}


def asked(incident, zone):
    campaign = campaigns.ensure_standing_campaign(Q3, key, NOW, zone)
    return invitations.invite_contact(campaign, incident.contact, None, NOW, incident=incident, zone=zone)


def shown(invitation):
    return invitation_states.shown_state(invitation)


def test_the_closing_day_proposed_ends_when_the_standing_campaign_does(db, zone):
    day = campaigns.propose_last_day(Q3, zone, NOW)
    assert day == date(2026, 10, 15)
    assert (
        campaigns.closing_instant_of(day, zone)
        == campaigns.ensure_standing_campaign(Q3, key, NOW, zone).closes_at
    )


def test_each_contact_reached_is_counted_and_each_that_refused(engine_db, zone):
    campaign, client = a_round(zone), a_client()
    asked = [
        invitations.invite_contact(campaign, a_contact(client, name), None, NOW, zone=ZONE)
        for name in "甲乙丙"
    ]
    invitations.mark_handed_over(asked[0], None, NOW)
    invitations.mark_handed_over(asked[1], None, NOW)
    for one in asked[1:]:
        invitations.record_attempt(one, AttemptOutcome.REFUSED, None, NOW)
    (line,) = counts.count_campaign(campaign).lines
    assert (line.invited, line.delivered, line.refused) == (3, 3, 2)
