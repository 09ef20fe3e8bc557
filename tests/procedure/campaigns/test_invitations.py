"""Invitations: one survey an incident, links, attempts, and what nobody may learn (P1, P2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from csat.models.answers import Response
from csat.models.asking import Attempt, AttemptOutcome, Channel, Invitation, InvitationState, Link
from csat.models.clients import Incident
from csat.models.records import AuditDetail, AuditEntry
from csat.procedure.campaigns import campaigns, counts, desk, invitation_states, invitations
from csat.procedure.campaigns.invitation_states import list_attempts, shown_state
from csat.procedure.clients import clients
from csat.procedure.core import tokens
from csat.procedure.core.refusals import HandlerMayNotRecord, ValueMissing
from csat.procedure.incidents.delivery import is_delivered
from csat.procedure.survey import submission
from tests.builders import NOW, ZONE, a_client, a_contact, a_department, a_person, hand_over, some_answers
from tests.procedure.campaigns.rounds import Q3, a_round, asked, closed_incident, key


def test_what_a_named_response_copies_is_fixed_at_asking(db, zone):
    first, second, engineer = a_person("甲"), a_person("乙"), a_person("丙")
    client = a_client(manager=first)
    clients.put_in_care(client, second, date(2026, 9, 15), "command:test", NOW)
    handled = {"department": a_department(), "assigned_to": a_person("丁"), "resolved_by": engineer}
    incident = closed_incident(a_contact(client), **handled)
    evening = datetime(2026, 9, 14, 15, 59, tzinfo=UTC)  # one minute to midnight in Shanghai
    campaign = campaigns.ensure_standing_campaign(Q3, key, NOW, zone)
    invitation = invitations.invite_contact(campaign, incident.contact, first, evening, incident=incident, zone=zone)
    assert invitation.client == client and invitation.manager == first
    assert invitation.department == incident.department and invitation.engineer == engineer
    other = closed_incident(incident.contact, "INC2", assigned_to=a_person("戊"))
    midnight = evening + timedelta(minutes=1)
    invitation = invitations.invite_contact(campaign, other.contact, first, midnight, incident=other, zone=zone)
    assert invitation.manager == second and invitation.engineer == other.assigned_to


def test_nobody_is_asked_who_opted_out_or_left(db, zone):
    campaign, client = a_round(zone), a_client()
    with pytest.raises(invitations.ContactOptedOut):
        invitations.invite_contact(
            campaign, a_contact(client, email="no@client.example", telephone="", opted_out_at=NOW), None, NOW, zone=ZONE
        )
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
    invitations.invite_contact(standing, contact, None, NOW, incident=closed_incident(contact, "INC2"), zone=ZONE)
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
    invitation = asked(zone)
    hand_over(invitation, None, NOW)
    assert Invitation.get().state == InvitationState.SENT
    assert Incident.get().surveyed_at == NOW
    hand_over(invitation, None, NOW + timedelta(hours=1))
    assert Incident.get().surveyed_at == NOW
    assert Attempt.select().where(Attempt.outcome == AttemptOutcome.HANDED_OVER).count() == 2


def test_reaching_nobody_is_not_enough_and_a_refusal_is(db, zone):
    desk, invitation = a_person("苏岚"), asked(zone)
    for outcome in (AttemptOutcome.NOBODY, AttemptOutcome.BUSY, AttemptOutcome.WRONG_NUMBER):
        invitations.record_attempt(invitation, outcome, desk, NOW, note=" 占线 ")
    assert Incident.get().surveyed_at is None
    invitations.record_attempt(invitation, AttemptOutcome.REFUSED, desk, NOW)
    assert Incident.get().surveyed_at == NOW
    assert Invitation.get().state == InvitationState.DENY
    with pytest.raises(invitation_states.InvitationEnded):
        invitations.make_link(invitation, desk, NOW)


def test_calling_later_needs_a_time_to_come(db, zone):
    invitation = asked(zone)
    with pytest.raises(ValueMissing):
        invitations.record_attempt(invitation, AttemptOutcome.LATER, None, NOW)
    with pytest.raises(invitations.RetryInPast):
        invitations.record_attempt(invitation, AttemptOutcome.LATER, None, NOW, again_at=NOW)
    kept = invitations.record_attempt(invitation, AttemptOutcome.NOBODY, None, NOW, again_at=NOW)
    assert kept.again_at == NOW + timedelta(hours=2)  # a sensible time, by the setting


def test_who_handled_the_incident_neither_links_nor_calls(db, zone):
    engineer, colleague = a_person("高工"), a_person("苏岚")
    invitation = asked(zone, closed_incident(a_contact(a_client()), assigned_to=engineer))
    for verb in (
        lambda: invitations.make_link(invitation, engineer, NOW),
        lambda: invitations.mark_handed_over(invitation, engineer, NOW),
        lambda: invitations.record_attempt(invitation, AttemptOutcome.REFUSED, engineer, NOW),
    ):
        with pytest.raises(HandlerMayNotRecord):
            verb()
    assert invitations.make_link(invitation, colleague, NOW)


def test_a_withdrawn_survey_can_be_asked_of_somebody_else(db, zone):
    invitation = asked(zone)
    incident, someone_else = invitation.incident, a_contact(invitation.client, "张先生")
    hand_over(invitation, None, NOW)
    invitations.withdraw_invitation(invitation, None, NOW)
    assert Invitation.get().state == InvitationState.VOID
    assert Incident.get().surveyed_at is None
    second = invitations.invite_contact(invitation.campaign, someone_else, None, NOW, incident=incident, zone=ZONE)
    assert second.incident == incident and Invitation.get_by_id(invitation.id).incident is None
    with pytest.raises(invitation_states.InvitationEnded):
        invitations.make_link(Invitation.get_by_id(invitation.id), None, NOW)


def test_an_answer_that_came_meanwhile_is_never_overwritten(db, zone):
    invitation = asked(zone)
    Invitation.update(state=InvitationState.DONE).execute()
    hand_over(invitation, None, NOW)
    invitations.record_attempt(invitation, AttemptOutcome.REFUSED, None, NOW)
    assert Invitation.get().state == InvitationState.DONE


def test_nothing_tells_an_anonymous_answer_from_none(db, zone):
    """Every verb does the same for both, and shows the same."""
    for state in (InvitationState.SENT, InvitationState.DONE):
        contact = a_contact(a_client(f"客户{state}"))
        invitation = asked(zone, closed_incident(contact, f"INC-{state}"))
        hand_over(invitation, None, NOW)
        Invitation.update(state=state).where(Invitation.id == invitation.id).execute()
        invitation = Invitation.get_by_id(invitation.id)
        assert shown_state(invitation) == InvitationState.SENT
        assert invitations.make_link(invitation, None, NOW)
        invitations.record_attempt(invitation, AttemptOutcome.NOBODY, None, NOW)
        invitations.withdraw_invitation(invitation, None, NOW)
        assert shown_state(Invitation.get_by_id(invitation.id)) == InvitationState.VOID


def test_an_answer_with_a_name_is_no_secret(cast, zone):
    invitation = asked(zone)
    submission.record_response(invitation, some_answers(), Channel.TELEPHONE, cast.desk, NOW)
    assert shown_state(Invitation.get()) == InvitationState.DONE
    with pytest.raises(invitation_states.AlreadyAnswered):
        invitations.make_link(Invitation.get(), cast.desk, NOW)
    assert Response.get().incident == invitation.incident


# --- only a link in hand can be handed over ------------------------------------------------------------


def test_after_one_failed_call_without_a_link_nothing_can_be_handed_over(db, zone):
    desk, invitation = a_person("苏岚"), asked(zone)
    invitations.record_attempt(invitation, AttemptOutcome.NOBODY, desk, NOW)
    for verb in (
        lambda: invitations.mark_handed_over(invitation, desk, NOW),
        lambda: invitations.record_attempt(invitation, AttemptOutcome.HANDED_OVER, desk, NOW),
    ):
        with pytest.raises(invitations.NothingToHandOver):
            verb()
    assert Incident.get().surveyed_at is None and Invitation.get().state == InvitationState.MADE
    assert counts.count_campaign(invitation.campaign).total.delivered == 0
    assert [one.outcome for one in Attempt] == [AttemptOutcome.NOBODY]


def test_a_link_is_handed_over_by_who_had_it_and_not_by_who_saw_none(db, zone):
    maker, colleague, invitation = a_person("苏岚"), a_person("陆川"), asked(zone)
    invitations.make_link(invitation, maker, NOW)
    with pytest.raises(invitations.NothingToHandOver):
        invitations.mark_handed_over(invitation, colleague, NOW)
    assert invitations.mark_handed_over(invitation, maker, NOW).by == maker
    assert (Link.get().by_hand, Link.get().shown_to) == (True, maker)


def test_the_link_of_a_mail_is_in_nobodys_hand(db, zone):
    desk, invitation = a_person("苏岚"), asked(zone)
    invitations.make_mailed_link(invitation, desk, NOW)
    invitations.make_unrecorded_link(invitation)
    with pytest.raises(invitations.NothingToHandOver):
        invitations.mark_handed_over(invitation, desk, NOW)
    invitations.mark_mailed(invitation, desk, NOW)
    assert Incident.get().surveyed_at == NOW


def test_what_was_taken_back_counts_nowhere_and_stays_in_the_history(engine_db, zone):
    invitation = asked(zone)
    hand_over(invitation)
    Attempt.update(undone_at=NOW).execute()
    assert shown_state(invitation) == InvitationState.MADE and not is_delivered(list_attempts(invitation))
    assert counts.count_campaign(invitation.campaign).total.delivered == 0
    assert desk.list_attempts(invitation.incident) == [Attempt.get()]
