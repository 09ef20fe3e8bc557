"""What the staff learns by mail: overdue feedback, level by level (I2), and once a day what waits."""

from __future__ import annotations

import dataclasses
from contextlib import nullcontext
from datetime import timedelta

import pytest

from csat import clock
from csat.commands.mail import SendingRound
from csat.models.clients import Incident
from csat.models.feedback import Feedback, FeedbackState
from csat.models.outbox import MailState, OutboxMessage, Why
from csat.models.people import Department, Person
from csat.models.records import AuditEntry
from csat.procedure.core import settings
from csat.procedure.feedback import escalation
from csat.procedure.worklists import digest
from tests.builders import NOW, a_person, an_account, an_incident
from tests.feedback_builders import DAY, a_stored_feedback
from tests.mail_server import a_mail_server


@pytest.fixture
def head(cast) -> Person:
    """The head of the department."""
    head = a_person("何主任", department=cast.department)
    Department.update(head=head).where(Department.id == cast.department.id).execute()
    return head


@pytest.fixture
def post(config):
    """Send what waits at an instant: what became of it, and the mails that arrived."""

    def send(now=None):
        with a_mail_server() as server, clock.freeze_at(now) if now else nullcontext():
            ours = dataclasses.replace(config, smtp_url=server.url, mail_from="survey@us.example")
            return SendingRound(ours).send(), list(server.mails)

    return send


def a_feedback(cast, **more) -> Feedback:
    """A feedback whose call-back was due now, and whose closing is far off."""
    return a_stored_feedback(**{"department": cast.department, "created_by": cast.qa, **more})


def told() -> list[str]:
    return [row.person.name for row in OutboxMessage.select().order_by(OutboxMessage.id)]


def test_overdue_feedback_climbs_and_each_level_is_told_once(cast, head, zone):
    a_feedback(cast)
    second = timedelta(seconds=1)
    assert escalation.escalate_overdue(NOW, zone) == 0
    assert escalation.escalate_overdue(NOW + second, zone) == 1 and told() == ["邓宁"]
    assert escalation.escalate_overdue(NOW + second, zone) == 0
    assert escalation.escalate_overdue(NOW + DAY, zone) == 1 and told() == ["邓宁", "何主任"]
    assert escalation.escalate_overdue(NOW + 3 * DAY, zone) == 1 and told()[2:] == ["戴琳"]
    assert escalation.escalate_overdue(NOW + 9 * DAY, zone) == 0
    assert AuditEntry.select().where(AuditEntry.action == "mails about overdue feedback queued").count() == 3


def test_after_a_pause_of_the_round_all_who_should_know_are_told_of_what_is_not_closed(cast, head, zone):
    a_feedback(cast)
    a_feedback(cast, state=FeedbackState.CONFIRMED)
    assert escalation.escalate_overdue(NOW + 5 * DAY, zone) == 3


def test_who_is_retired_is_told_of_nothing(cast, head, zone):
    """A grant that was never ended, or a department that still names its head, makes nobody a recipient."""
    a_feedback(cast)
    Person.update(retired_at=NOW).where(Person.name.in_(["邓宁", "何主任", "戴琳"])).execute()
    assert escalation.escalate_overdue(NOW + 9 * DAY, zone) == 0 and told() == []
    Person.update(retired_at=None).where(Person.name == "何主任").execute()
    assert escalation.escalate_overdue(NOW + 9 * DAY, zone) == 1 and told() == ["何主任"]


def test_the_days_are_settings(cast, head, zone):
    a_feedback(cast)
    settings.change_setting("escalate_head", 2, cast.admin, NOW)
    escalation.escalate_overdue(NOW + DAY, zone)
    assert told() == ["邓宁"]


def test_call_back_and_closing_are_told_apart(cast, head, zone):
    a_feedback(cast, call_back_due_at=NOW - DAY, called_back_at=NOW, close_due_at=NOW + DAY)
    assert escalation.escalate_overdue(NOW, zone) == 0
    assert escalation.escalate_overdue(NOW + 2 * DAY, zone) == 2
    assert {row.about for row in OutboxMessage.select()} == {"close"}


def test_before_a_department_has_it_quality_control_is_told(cast, head, zone):
    a_feedback(cast, state=FeedbackState.NEW, department=None)
    escalation.escalate_overdue(NOW + DAY, zone)
    assert told() == ["乔安", "秦越"]


def test_the_notice_says_which_and_until_when_without_the_clients_words(cast, zone, post):
    feedback = a_feedback(cast)
    an_account(cast.owner, "en")
    escalation.escalate_overdue(NOW + timedelta(hours=1), zone)
    _, (arrived,) = post(NOW + timedelta(hours=1))
    assert feedback.number in arrived.text and "14 Sep 2026" in arrived.text
    assert f"http://localhost/feedback/{feedback.id}" in arrived.text
    assert "同一故障" not in arrived.text and "List-Unsubscribe" not in arrived.mail


def test_what_was_done_meanwhile_is_not_told(cast, head, zone, post):
    a_feedback(cast)
    escalation.escalate_overdue(NOW + DAY, zone)
    Feedback.update(called_back_at=NOW).execute()
    assert post(NOW + DAY)[0].held == 2
    assert {row.why for row in OutboxMessage.select()} == {Why.NOTHING}


def test_a_digest_tells_what_waits_once_a_day(cast, zone, post):
    an_account(cast.desk, "en")
    an_account(cast.qa, "zh")
    an_incident(first_closed_at=NOW, survey_due_at=NOW + 2 * DAY, quarter=20263)
    assert digest.queue_digests(NOW, zone) == 1  # nothing waits for QA
    assert digest.queue_digests(NOW + timedelta(hours=3), zone) == 0
    assert digest.queue_digests(NOW + DAY, zone) == 1
    _, (arrived,) = post()  # the second day's is still to come
    assert "Surveys due: 1" in arrived.text and "http://localhost/desk/" in arrived.text


def test_a_digest_of_what_is_done_meanwhile_stays_here(cast, zone, post):
    an_account(cast.desk)
    an_incident(first_closed_at=NOW, survey_due_at=NOW, quarter=20263)
    digest.queue_digests(NOW, zone)
    Incident.update(surveyed_at=NOW).execute()
    assert post()[1] == [] and OutboxMessage.get().why == Why.NOTHING


def test_a_colleague_without_an_address_is_on_record_as_not_reached(cast, zone, post):
    a_feedback(cast)
    Person.update(email="").where(Person.id == cast.owner.id).execute()
    escalation.escalate_overdue(NOW + timedelta(hours=1), zone)
    post(NOW + timedelta(hours=1))
    assert (OutboxMessage.get().state, OutboxMessage.get().why) == (MailState.HELD, Why.NO_ADDRESS)
