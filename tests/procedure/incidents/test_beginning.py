"""The day on which the provider began: what closed before it is history, never due (P1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from csat.figures import response_rates
from csat.models.clients import Incident
from csat.models.records import AuditEntry
from csat.procedure.campaigns import desk, invitations
from csat.procedure.incidents import beginning
from csat.procedure.incidents.mapping import TABLE_MAPS
from tests.builders import NOW, ZONE, a_client, a_closed_incident, a_contact, hand_over
from tests.procedure.campaigns.rounds import asked, due
from tests.procedure.incidents.test_table_import import EXAMPLE, LOGS, imported

TODAY = date(2026, 9, 14)


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.stem)
def test_a_first_import_of_old_tickets_makes_none_overdue(engine_db, zone, log):
    beginning.begin_today("command:init", NOW, zone)
    counts = imported(log.read_bytes(), zone, TABLE_MAPS.parse_map(EXAMPLE))
    assert counts.new == beginning.count_history() == Incident.select().count() > 0
    assert set(desk.count_due_incidents(NOW, zone).values()) == {0} and due() == []
    for quarter in {one.quarter for one in Incident.select(Incident.quarter).distinct()}:
        figures = response_rates.count_surveyed_in_time(quarter, NOW)
        assert (figures.rate.n, figures.overdue, figures.closed) == (0, 0, 0)


def test_the_day_begins_at_midnight_where_the_provider_is(db, zone):
    beginning.set_beginning(TODAY, None, NOW, zone)
    contact = a_contact(a_client())
    a_closed_incident("before", 10.01, contact, zone)  # NOW is ten o'clock in Shanghai
    a_closed_incident("after", 10, contact, zone)
    assert due() == ["after"]


def test_without_a_day_every_closed_incident_is_due(db, zone):
    a_closed_incident("old", 24 * 60, a_contact(a_client()), zone)
    assert due() == ["old"]


def test_another_day_changes_what_nobody_was_asked_about(engine_db, zone):
    contact = a_contact(a_client())
    begun = asked(zone, a_closed_incident("begun", 72, contact, zone))
    for number, hours in (("old", 73), ("new", 1)):
        a_closed_incident(number, hours, contact, zone)
    moved = beginning.set_beginning(TODAY, None, NOW, zone)
    assert (moved, due()) == (beginning.BeginningMoved(history=1, due=0), ["begun", "new"])
    hand_over(begun)
    moved = beginning.set_beginning(TODAY - timedelta(days=30), None, NOW, zone)
    assert (moved, due()) == (beginning.BeginningMoved(history=0, due=1), ["old", "new"])
    assert AuditEntry.select().where(AuditEntry.action == "beginning moved").count() == 2


def test_a_day_to_come_is_refused(db, zone):
    with pytest.raises(beginning.BeginningToCome):
        beginning.set_beginning(TODAY + timedelta(days=1), None, NOW, ZONE)
    assert beginning.get_beginning() is None


def test_history_that_was_surveyed_all_the_same_counts_in_no_share(db, zone):
    beginning.set_beginning(TODAY, None, NOW, zone)
    old = a_closed_incident("old", 24, a_contact(a_client()), zone)
    invitations.mark_mailed(asked(zone, old), None, NOW)
    assert Incident.get().surveyed_at == NOW
    assert response_rates.count_surveyed_in_time(20263, NOW).rate.n == 0


@pytest.mark.parametrize("typed", [date(26, 9, 14), date.min])
def test_a_year_that_was_not_written_in_full_is_refused(db, zone, typed):
    with pytest.raises(beginning.BeginningMistyped):
        beginning.set_beginning(typed, None, NOW, zone)
    assert beginning.get_first_instant(zone) is None
