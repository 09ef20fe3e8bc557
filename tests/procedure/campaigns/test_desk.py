"""The desk's round: what is due, what is missing, how to ask (P1, P2)."""

from __future__ import annotations

from datetime import timedelta

from csat.models.asking import AttemptOutcome
from csat.procedure.campaigns import desk as service_desk
from csat.procedure.campaigns import incident_surveys
from csat.procedure.campaigns.proposals import AskingGap
from csat.procedure.core import days_off
from tests.builders import NOW, a_client, a_closed_incident, a_contact, a_person, an_incident
from tests.procedure.campaigns.rounds import described, due, key, later


def test_the_least_time_left_comes_first_and_overdue_ones_are_marked(engine_db, zone):
    contact = a_contact(a_client())
    a_closed_incident("today", 40, contact, zone)
    a_closed_incident("fresh", 1, contact, zone)
    a_closed_incident("late", 49, contact, zone)
    an_incident("open", contact.client)
    assert due() == ["late", "today", "fresh"]
    rows = described()
    assert [(row.overdue, row.today) for row in rows] == [(True, False), (False, True), (False, False)]
    many = service_desk.count_due_incidents(NOW, zone)
    assert many == {"all": 3, "overdue": 1, "today": 1, "again": 0, "gap": 0, "opted_out": 0, "skipped": 0}
    assert due(only="overdue") == ["late"]
    assert due(words="fres") == ["fresh"]


def test_a_gap_says_its_reason_and_exempts_nothing(engine_db, zone):
    client = a_client()
    with_gaps = {
        AskingGap.NO_CLIENT: None,
        AskingGap.NO_ADDRESS: a_contact(client, "甲", email="", telephone=""),
        AskingGap.OPTED_OUT: a_contact(client, "乙", email="yi@client.example", telephone="", opted_out_at=NOW),
        AskingGap.RETIRED: a_contact(client, "丙", retired_at=NOW),
    }
    for gap, contact in with_gaps.items():
        a_closed_incident(gap, 1, contact, zone)
    a_closed_incident(AskingGap.NO_CONTACT, 1, zone=zone, client=client)
    a_closed_incident("fine", 1, a_contact(client, "丁"), zone)
    gaps = {*with_gaps, AskingGap.NO_CONTACT}  # each is the number of the incident that has it
    assert {row.incident.number: row.gap for row in described()} == {"fine": None} | {gap: gap for gap in gaps}
    many = service_desk.count_due_incidents(NOW, zone)
    assert set(due(only="gap")) == gaps - {AskingGap.OPTED_OUT} and many["gap"] == 4
    assert due(only="opted_out") == [AskingGap.OPTED_OUT] and many["opted_out"] == 1


def test_who_wants_to_be_called_later_comes_back_at_that_time(engine_db, zone):
    desk, incident = a_person("苏岚"), a_closed_incident("INC1", 1, a_contact(a_client()), zone)
    again = NOW + timedelta(hours=3)
    incident_surveys.record_attempt(incident, AttemptOutcome.LATER, key, desk, NOW, zone, again)
    assert (due(), later()) == ([], ["INC1"])
    assert (due(again), later(again)) == (["INC1"], [])
    incident_surveys.record_attempt(incident, AttemptOutcome.NOBODY, key, desk, NOW, zone)
    assert later() == ["INC1"]
    assert due(NOW + timedelta(minutes=120)) == ["INC1"]
    incident_surveys.record_attempt(incident, AttemptOutcome.BUSY, key, desk, NOW, zone)
    assert later() == ["INC1"]  # once, by its last attempt
    assert due(NOW + timedelta(minutes=15)) == ["INC1"]


def test_how_much_of_the_time_is_gone(engine_db, zone):
    contact = a_contact(a_client())
    for hours in (12, 60):
        a_closed_incident(f"{hours}", hours, contact, zone)
    assert [row.elapsed for row in described()] == [1, 0.25]


def test_the_list_says_when_a_survey_is_due_on_a_day_off_and_the_hours_run_on(engine_db, zone):
    due_at = NOW + timedelta(hours=47)  # a Wednesday
    incident = a_closed_incident("INC1", 1, a_contact(a_client()), zone)
    assert [row.day_off for row in described()] == [None]
    days_off.keep_day(due_at.astimezone(zone).date(), "公司日", False, "command:test", NOW)
    (row,) = described()
    assert row.day_off == due_at.astimezone(zone).date() and row.incident.survey_due_at == due_at
    assert incident.survey_due_at == due_at
