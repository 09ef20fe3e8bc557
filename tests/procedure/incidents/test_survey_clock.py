"""The survey's clock: 48 hours from the first closing, once; and when an incident counts as surveyed (P1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from csat.models.clients import Incident
from csat.procedure.core import settings as options
from csat.procedure.incidents import survey_clock
from tests.builders import NOW, put_incident


def test_the_first_closing_fixes_quarter_and_clock_once(db, zone):
    closed = datetime(2026, 6, 30, 16, 30, tzinfo=UTC)  # half past midnight on 1 July in Shanghai
    incident = put_incident(zone=zone, closed_at=closed)[0]
    assert (incident.quarter, incident.survey_due_at) == (20263, closed + timedelta(hours=48))
    incident = put_incident(zone=zone, closed_at=closed + timedelta(days=30))[0]
    assert (incident.first_closed_at, incident.closed_at) == (closed, closed + timedelta(days=30))
    assert put_incident(zone=zone, closed_at=None)[0].first_closed_at == closed


def test_the_hours_are_those_of_the_setting_when_it_closed(db, zone):
    before = put_incident("INC1", zone, closed_at=NOW)[0]
    options.change_setting("survey_hours", 24, None, NOW)
    after = put_incident("INC2", zone, closed_at=NOW)[0]
    assert (before.survey_due_at - NOW, after.survey_due_at - NOW) == (timedelta(hours=48), timedelta(hours=24))
    assert Incident.get_by_id(before.id).survey_due_at == NOW + timedelta(hours=48)


def test_the_first_time_somebody_was_reached_stays(engine_db, zone):
    incident = put_incident(zone=zone, closed_at=NOW)[0]
    for hours in (3, 50):
        survey_clock.mark_surveyed(incident.id, NOW + timedelta(hours=hours))
    assert Incident.get().surveyed_at == NOW + timedelta(hours=3)
    assert not Incident.select().where(survey_clock.STILL_DUE).exists()
    survey_clock.unmark_surveyed(incident.id)
    assert Incident.select().where(survey_clock.STILL_DUE).exists()


def test_what_is_open_or_skipped_is_not_due(db, zone):
    put_incident("INC1", zone)
    skipped = put_incident("INC2", zone, closed_at=NOW)[0]
    Incident.update(skipped_because="rest").where(Incident.id == skipped.id).execute()
    assert not Incident.select().where(survey_clock.STILL_DUE).exists()
