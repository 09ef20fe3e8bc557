"""The signals beside a response (§7): each speaks when it should, and only then."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from csat.adapters import holiday_calendar
from csat.models.answers import Duration
from csat.models.asking import Channel
from csat.procedure.core import days_off
from csat.procedure.review import signals as authenticity
from csat.procedure.review.signals import SIGNAL_LABELS, find_signals, find_signals_by_response
from tests.builders import NOW, a_client, a_contact, a_person, a_response, an_incident
from tests.procedure.review.test_recorders import some_links, some_records

MIXED = {"overall": 4, "timeliness": 5}


def codes(response, zone):
    return {signal.code for signal in find_signals(response, zone)}


@pytest.mark.parametrize(("ratings", "speaks"), [({}, True), ({"attitude": 4}, False), ({"convenience": 0}, False)])
def test_six_ratings_all_the_same(db, zone, ratings, speaks):
    assert ("same_ratings" in codes(a_response(ratings=ratings), zone)) is speaks


@pytest.mark.parametrize(("overall", "parts", "speaks"), [(2, 4, True), (3, 4, False), (5, 3, True)])
def test_overall_that_does_not_fit_its_parts(db, zone, overall, parts, speaks):
    response = a_response(rated=parts, ratings={"overall": overall})
    assert ("overall_off" in codes(response, zone)) is speaks


def test_the_evidence_names_the_numbers(db, zone):
    (signal,) = find_signals(a_response(rated=4, ratings={"overall": 2, "attitude": 5}), zone)
    assert signal.evidence % signal.params == "The parts have a mean of 4.2, overall is 2."


def test_the_same_words_in_several_responses(db, zone):
    first = a_response(ratings=MIXED, opinions="服务态度很好，继续保持。", anonymous=True)
    assert "copied_words" not in codes(first, zone)
    a_response(ratings=MIXED, opinions="服务态度很好，继续保持。")
    assert "copied_words" in codes(first, zone)


def test_short_words_are_said_by_everybody(db, zone):
    responses = [a_response(ratings=MIXED, opinions="没有") for _ in range(3)]
    assert not any("copied_words" in codes(one, zone) for one in responses)


def test_a_form_filled_in_no_time(db, zone):
    assert codes(a_response(ratings=MIXED, duration=Duration.HASTY), zone) == {"hasty"}
    assert codes(a_response(ratings=MIXED, duration=Duration.USUAL), zone) == set()


def test_the_same_contact_within_two_weeks(db, zone):
    contact = a_contact(a_client())
    first = a_response(ratings=MIXED, contact=contact)
    a_response("company", ratings={"overall": 4}, contact=contact)
    a_response(ratings=MIXED, contact=contact, received_at=NOW - timedelta(days=15))
    assert codes(first, zone) == set()
    a_response(ratings=MIXED, contact=contact, received_at=NOW - timedelta(days=13))
    assert codes(first, zone) == {"contact_again"}


@pytest.mark.parametrize(("hours", "speaks"), [(-3, True), (0, False), (8, False), (9, True)])
def test_recorded_outside_working_hours_of_the_providers_zone(db, zone, hours, speaks):
    at = NOW + timedelta(hours=hours)  # NOW is ten o'clock in Shanghai
    response = a_response(ratings=MIXED, channel=Channel.TELEPHONE, recorder=a_person(), received_at=at)
    assert ("odd_hour" in codes(response, zone)) is speaks


@pytest.mark.parametrize(
    ("day", "speaks"),
    [("2026-09-30", False), ("2026-10-01", True), ("2026-10-08", False), ("2026-10-10", False), ("2026-10-17", True)],
)
def test_recorded_on_a_day_off_of_the_providers_zone(db, zone, day, speaks):
    days_off.load_days(holiday_calendar.propose_days(2026, "zh"), 2026, "command:test", NOW)
    at = datetime.combine(date.fromisoformat(day), time(10, tzinfo=zone))
    response = a_response(ratings=MIXED, channel=Channel.TELEPHONE, recorder=a_person(), received_at=at)
    assert ("day_off" in codes(response, zone)) is speaks
    assert "day_off" not in codes(a_response(ratings=MIXED, received_at=at), zone)  # by link, whenever one likes


def test_recorded_before_the_incident_closed(db, zone):
    closed = an_incident("INC1", first_closed_at=NOW - timedelta(hours=1))
    still_open = an_incident("INC2")
    assert "before_closing" not in codes(a_response(ratings=MIXED, incident=closed), zone)
    assert "before_closing" in codes(a_response(ratings=MIXED, incident=still_open), zone)


def test_the_recorder_handled_the_incident(db, zone):
    handler = a_person()
    incident = an_incident(resolved_by=handler, first_closed_at=NOW - timedelta(hours=1))
    response = a_response(ratings=MIXED, incident=incident, recorder=handler, channel=Channel.TELEPHONE)
    assert codes(response, zone) == {"handler_recorded"}


def test_the_recorder_stands_far_above_the_links(db, zone):
    client, recorder = a_client(), a_person("文员")
    record, *_ = some_records(recorder, client, good=15)
    assert "recorder_high" not in codes(record, zone)
    some_links(client, good=8, bad=10)
    (signal,) = [one for one in find_signals(record, zone) if one.code == "recorder_high"]
    assert signal.params == {"name": "文员", "good": 15, "n": 15, "links": 8, "of": 18}
    assert "recorder_high" not in codes(a_response(recorder=recorder), zone)  # what is no record


def test_anonymous_responses_show_what_lies_in_their_answers_only(db, zone):
    response = a_response(anonymous=True, duration=Duration.HASTY)
    assert codes(response, zone) == {"same_ratings", "hasty"}


def test_many_at_once_say_the_same_as_one_by_one(db, zone, monkeypatch):
    monkeypatch.setattr(authenticity, "BATCH_SIZE", 2)
    responses = [a_response(), a_response(ratings=MIXED), a_response(rated=4, ratings={"overall": 2})]
    together = find_signals_by_response(responses, zone)
    assert together == {one.id: find_signals(one, zone) for one in responses}
    assert all(signal.msgid == SIGNAL_LABELS[signal.code] for found in together.values() for signal in found)
