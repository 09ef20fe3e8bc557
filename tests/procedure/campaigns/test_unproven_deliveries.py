"""Markings 'handed over' from before a link was needed: found, and taken back one by one (P1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.asking import Attempt, AttemptOutcome, InvitationState
from csat.models.clients import Incident
from csat.models.outbox import MailKind, MailState, OutboxMessage
from csat.procedure.campaigns import counts, invitations, unproven_deliveries
from csat.procedure.campaigns.invitation_states import shown_state
from csat.procedure.campaigns.unproven_deliveries import select_unproven_deliveries, take_back_delivery
from csat.procedure.core.refusals import ValueMissing
from csat.procedure.incidents import survey_clock
from tests.builders import NOW, a_client, a_contact, a_response, hand_over
from tests.procedure.campaigns.rounds import asked, closed_incident


@pytest.fixture
def marked(cast, zone):
    """An incident that was pressed 'handed over' without any link, as version 1.0.0 allowed."""
    invitation = asked(zone)
    survey_clock.mark_surveyed(invitation.incident_id, NOW)
    return Attempt.create(invitation=invitation, by=cast.desk, at=NOW, outcome=AttemptOutcome.HANDED_OVER)


def test_only_what_had_neither_a_link_in_hand_nor_a_mail_is_listed(marked, zone):
    by_link, by_mail = (asked(zone, closed_incident(a_contact(a_client(n)), n)) for n in ("INC2", "INC3"))
    hand_over(by_link)
    invitations.mark_mailed(by_mail, None, NOW)
    OutboxMessage.create(
        message_id="m", purpose="p", kind=MailKind.ASK, state=MailState.DONE, invitation=by_mail, made_at=NOW
    )
    assert list(select_unproven_deliveries()) == [marked]


def test_taken_back_it_is_due_again_and_on_record(marked, cast):
    with pytest.raises(ValueMissing):
        take_back_delivery(marked, " ", cast.qa, NOW)
    assert Incident.get().surveyed_at == NOW  # nothing changes by itself
    take_back_delivery(marked, "没有生成过链接", cast.qa, NOW)
    assert Incident.get().surveyed_at is None and Attempt.get().undone_by == cast.qa
    assert shown_state(marked.invitation) == InvitationState.MADE
    assert counts.count_campaign(marked.invitation.campaign).total.delivered == 0
    with pytest.raises(unproven_deliveries.AlreadyTakenBack):
        take_back_delivery(marked, "又一次", cast.qa, NOW)


def test_what_reached_the_client_later_says_when_it_was_surveyed(marked, cast):
    later = NOW + timedelta(hours=60)
    invitations.record_attempt(marked.invitation, AttemptOutcome.REFUSED, cast.desk, later)
    take_back_delivery(marked, "没有链接", cast.qa, later)
    assert Incident.get().surveyed_at == later > Incident.get().survey_due_at


def test_an_answer_with_a_name_says_so_too(marked, cast):
    asked_, later = marked.invitation, NOW + timedelta(hours=3)
    a_response(campaign=asked_.campaign, contact=asked_.contact, incident=asked_.incident, received_at=later)
    take_back_delivery(marked, "没有链接", cast.qa, later)
    assert Incident.get().surveyed_at == later
