"""The survey mail that goes by itself: when, to whom, and when not (P1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from csat.models.asking import AttemptOutcome, Link
from csat.models.clients import Incident
from csat.models.outbox import MailKind, MailState, OutboxMessage
from csat.models.records import AuditEntry
from csat.procedure.campaigns import desk, incident_surveys
from csat.procedure.core import settings
from csat.procedure.mail import outbox, survey_mails
from tests.builders import NOW, ZONE, a_client, a_closed_incident, a_contact, change_stored_contacts, hand_over
from tests.procedure.campaigns.rounds import due, key

TODAY = date(2026, 9, 14)
SOON = NOW + timedelta(hours=1)


@pytest.fixture
def on(cast):
    """A test mail went, and the survey mails are switched on from today."""
    survey_mails.send_test_mail(cast.admin, NOW)
    outbox.settle_mail(outbox.claim_next_mail(NOW), MailState.DONE, NOW)
    survey_mails.switch_on(TODAY, cast.admin, NOW, ZONE)


def closed(number="INC1", contact=None, hours=2):
    contact = contact or a_contact(a_client(f"客户 {number}"), email=f"{number}@client.example".lower(), telephone="")
    return a_closed_incident(number, hours, contact, ZONE)


def queue(now=NOW):
    survey_mails.queue_survey_mails(now, ZONE, key)
    rows = OutboxMessage.select().where(OutboxMessage.kind == MailKind.ASK)
    return [one.invitation.incident.number for one in rows.order_by(OutboxMessage.id)]


def test_nothing_goes_before_a_test_mail_a_first_day_and_the_switch(cast):
    closed()
    assert queue() == []
    with pytest.raises(survey_mails.NoTestMail):
        survey_mails.switch_on(TODAY, cast.admin, NOW, ZONE)
    survey_mails.send_test_mail(cast.admin, NOW)
    outbox.settle_mail(outbox.claim_next_mail(NOW), MailState.FAIL, NOW, outbox.Why.REFUSED)
    with pytest.raises(survey_mails.NoTestMail):
        survey_mails.switch_on(TODAY, cast.admin, NOW, ZONE)
    assert survey_mails.get_first_day() is None and queue() == []


def test_a_mail_goes_after_its_hours_once_and_the_incident_is_surveyed(on):
    closed(hours=1.5)
    assert queue() == [] and queue(SOON) == ["INC1"] and queue(SOON) == ["INC1"]
    assert due(SOON) == ["INC1"]  # until the server has taken it
    message = outbox.claim_next_mail(SOON)
    outbox.prepare_mail(message, SOON)
    outbox.settle_mail(message, MailState.DONE, SOON)
    assert (due(SOON), Incident.get().surveyed_at, Link.get().by_hand) == ([], SOON, False)
    assert AuditEntry.select().where(AuditEntry.action == "test mail sent").exists()
    told = survey_mails.summarise_today(SOON, ZONE)
    assert (told.sent, told.back, told.to_come) == (1, 0, 0)


def test_a_bounce_brings_it_back_with_its_time_left(on):
    until = closed().survey_due_at
    queue()
    message = outbox.claim_next_mail(NOW)
    outbox.settle_mail(message, MailState.DONE, NOW)
    assert outbox.record_bounce(message.message_id, "550", SOON)
    (row,) = desk.describe_incidents(list(desk.list_due_incidents(SOON, ZONE)), SOON, ZONE)
    assert (row.incident.survey_due_at, row.attempts[-1].outcome) == (until, AttemptOutcome.BOUNCED)
    assert queue(SOON) == ["INC1"] and survey_mails.summarise_today(SOON, ZONE).back == 1


def test_a_bounce_does_not_make_a_late_hand_over_one_in_time(on, cast):
    incident, late = closed(), NOW + timedelta(hours=60)
    queue()
    message = outbox.claim_next_mail(NOW)
    outbox.settle_mail(message, MailState.DONE, NOW)
    hand_over(message.invitation, cast.desk, late)
    assert outbox.record_bounce(message.message_id, "550", late)
    assert Incident.get().surveyed_at == late > incident.survey_due_at


def test_what_the_desk_has_begun_stays_with_the_desk(on, cast):
    incident_surveys.record_attempt(closed(), AttemptOutcome.NOBODY, key, cast.desk, NOW, ZONE)
    assert queue() == []


@pytest.mark.parametrize("change", [{"email": ""}, {"retired_at": NOW}, {"opted_out_at": NOW}])
def test_nobody_is_written_to_who_cannot_or_will_not(on, change):
    closed()
    change_stored_contacts(**change)
    assert queue() == [] and survey_mails.summarise_today(NOW, ZONE).to_come == 0


def test_who_opted_out_at_another_card_gets_none(on):
    closed()
    a_contact(a_client("别处"), email="INC1@client.example", telephone="", opted_out_at=NOW)
    assert queue() == []


def test_before_the_first_day_and_in_history_none_goes(on):
    closed("yesterday", hours=11)  # NOW is ten o'clock
    closed("today", hours=9.9)
    assert queue() == ["today"]


@pytest.mark.parametrize("cap", ["mails_contact", "mails_client"])
def test_who_had_mails_enough_is_called_instead_and_holds_up_nobody(on, cap):
    settings.change_setting(cap, 1, None, NOW)
    first = closed("INC1", hours=4)
    queue()
    outbox.settle_mail(outbox.claim_next_mail(NOW), MailState.DONE, NOW)
    closed("INC2", contact=first.contact, hours=3)
    closed("INC3")
    assert queue() == ["INC1", "INC3"] and due() == ["INC2", "INC3"]
    assert survey_mails.summarise_today(NOW, ZONE).to_come == 1  # INC3's; nothing follows for INC2
    assert not survey_mails.select_to_come(NOW, ZONE).exists()


def test_many_go_in_batches(on, monkeypatch):
    monkeypatch.setattr(survey_mails, "BATCH_SIZE", 2)
    for number in range(3):
        closed(f"INC{number}")
    assert len(queue()) == 2 and len(queue()) == 3


def test_switched_off_nothing_more_goes(on, cast):
    closed()
    survey_mails.switch_off(cast.admin, NOW)
    assert queue() == [] and survey_mails.get_first_day() is None


def test_the_first_day_has_not_passed(on, cast):
    with pytest.raises(survey_mails.FirstDayPassed):
        survey_mails.switch_on(TODAY - timedelta(days=1), cast.admin, NOW, ZONE)
