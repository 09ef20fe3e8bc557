"""Which call comes next, which come back, who is on the telephone (P2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.asking import AttemptOutcome
from csat.models.clients import Contact
from csat.procedure.campaigns import desk as service_desk
from csat.procedure.campaigns import incident_surveys, phone_attempts
from csat.procedure.campaigns.proposals import AskingGap
from csat.procedure.core.refusals import ValueMissing
from tests.builders import NOW, ZONE, a_client, a_closed_incident, a_contact, a_person
from tests.procedure.campaigns.rounds import described, due, key


def next_call(by, now=NOW):
    return phone_attempts.find_next_call(service_desk.list_due_incidents(now, ZONE), by, now)


def test_the_next_call_is_the_promised_one_then_the_least_time_left(engine_db, zone):
    desk, client = a_person("苏岚"), a_client()
    late = a_closed_incident("late", 47, a_contact(client, "甲"), zone)
    promised = a_closed_incident("promised", 1, a_contact(client, "乙"), zone)
    a_closed_incident("mine", 48, a_contact(client, "丙"), zone, resolved_by=desk)
    a_closed_incident("silent", 48, a_contact(client, "丁", telephone=""), zone)
    again = NOW + timedelta(minutes=30)
    incident_surveys.record_attempt(promised, AttemptOutcome.LATER, key, desk, NOW, zone, again)
    assert next_call(desk) == late
    assert next_call(desk, again) == promised
    assert due(again, only="again") == ["promised"]


def test_two_agents_are_not_sent_to_the_same_contact(engine_db, zone):
    desk, colleague = a_person("苏岚"), a_person("陆川")
    incident = a_closed_incident("INC1", 1, a_contact(a_client()), zone)
    incident_surveys.unmask_contact(incident, colleague, NOW)
    assert next_call(desk) is None
    assert next_call(colleague) == incident
    assert phone_attempts.find_other_caller(incident.contact, NOW, desk) == "陆川"
    assert next_call(desk, NOW + timedelta(minutes=11)) == incident


def test_a_wrong_number_is_a_gap_until_somebody_finds_the_right_one(engine_db, zone):
    desk, incident = a_person("苏岚"), a_closed_incident("INC1", 1, a_contact(a_client()), zone)
    incident_surveys.record_attempt(incident, AttemptOutcome.WRONG_NUMBER, key, desk, NOW, zone)
    row = described()[0]
    assert row.gap == AskingGap.WRONG_NUMBER and row.askable and not row.callable
    assert due(only="gap") == ["INC1"]
    assert next_call(desk) is None
    with pytest.raises(ValueMissing):
        incident_surveys.correct_telephone(incident, " ", desk, NOW)
    incident_surveys.correct_telephone(incident, "13900001111", desk, NOW)
    assert Contact.get().telephone == "13900001111" and due(only="gap") == []
    assert next_call(desk) == incident
