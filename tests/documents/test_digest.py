"""What the daily mail says: how much waits where, which feedback it is, and the quarter's gaps in a sentence (I2)."""

from __future__ import annotations

import email
from datetime import timedelta
from email import policy

import pytest

from csat.documents.mail.compose import write_mail
from csat.documents.mail.values import MAX_NAMED, MailOrigin, NothingToSay
from csat.models.asking import AttemptOutcome
from csat.models.clients import Tier
from csat.models.feedback import Severity
from csat.models.outbox import MailKind, OutboxMessage
from csat.models.people import Person
from csat.procedure.campaigns import incident_surveys
from csat.procedure.core.quarter import Quarter
from csat.procedure.mail import outbox
from csat.procedure.mail.outbox import PreparedMail
from csat.procedure.survey import refusal_corrections
from tests.builders import NOW, ZONE, a_client, a_closed_incident, a_contact, an_account
from tests.feedback_builders import DAY, assigned

POST = MailOrigin("csat@provider.example", "https://csat.example", ZONE, "zh")


def told(person: Person, now=NOW, language="en") -> list[str]:
    """What a person's daily mail tells, line by line; but for its end, the link of its button."""
    an_account(person, language)
    outbox.queue_mail(MailKind.DIGEST, f"digest:{person.id}", now, person=person)
    letter = PreparedMail(OutboxMessage.get(kind=MailKind.DIGEST), person.name, person.email)
    mail = email.message_from_bytes(write_mail(letter, POST, now), policy=policy.default)
    text = mail.get_body(("plain",)).get_content()
    found = [
        line.strip().replace("https://csat.example", "") for line in text.splitlines() if "://csat.example" in line
    ]
    return found[:-1]


def test_feedback_is_named_by_number_severity_and_due_date_and_by_no_word_of_a_client(cast):
    found = assigned(cast, severity=Severity.MAJOR, title="秘密的标题", words="秘密的话")
    due = f"{found.number} · Major · the call-back 17 Sep 2026, 10:00  /feedback/{found.id}"
    assert told(cast.owner) == ["Feedback: 1  /feedback/", due]


def test_what_is_overdue_and_ones_turn_is_named_once(cast):
    late, later = assigned(cast, severity=Severity.CRITICAL), assigned(cast, severity=Severity.MINOR)
    lines = told(cast.owner, NOW + 2 * DAY, "zh")
    assert lines[0] == "超期意见：1  /feedback/?overdue=1" and f"/feedback/{late.id}" in lines[1]
    assert lines[2] == "意见：2  /feedback/" and f"/feedback/{later.id}" in lines[3]
    assert len(lines) == 4 and lines[3].startswith(f"{later.number} · 一般 · ")


def test_a_long_list_is_named_in_part_and_counted_whole(cast):
    for _ in range(MAX_NAMED + 1):
        assigned(cast)
    lines = told(cast.owner)
    assert lines[0].startswith(f"Feedback: {MAX_NAMED + 1} ") and len(lines) == 1 + MAX_NAMED


def test_a_managers_round_is_told_in_a_sentence(cast):
    a_contact(a_client("核心", Tier.CORE, cast.manager))
    lines = told(cast.manager, Quarter(2026, 3).end(ZONE) - 3 * DAY)
    assert lines == ["2026Q3 is not open yet; clients to ask: 1  /my-clients/"]


def test_a_refusal_to_be_corrected_waits_for_quality_control(cast):
    incident = a_closed_incident("INC1", 30, a_contact(a_client()), ZONE)
    refused = incident_surveys.record_attempt(incident, AttemptOutcome.REFUSED, bytes, cast.desk, NOW, ZONE)
    refusal_corrections.propose_correction(refused, "按错了", cast.desk, NOW + timedelta(hours=1))
    assert "Corrections to confirm: 1  /qa/corrections" in told(cast.qa)


def test_who_has_nothing_to_do_any_more_gets_no_mail(cast):
    with pytest.raises(NothingToSay):
        told(cast.owner)
