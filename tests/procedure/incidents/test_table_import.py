"""Importing an export: the last row of a number wins, a bad one is named; the real log (P1, F8)."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat.config import PROJECT_ROOT
from csat.models.clients import Client, Contact, Incident
from csat.models.people import Department, Person
from csat.models.records import AuditEntry
from csat.procedure.incidents import table_import
from csat.procedure.incidents.mapping import TABLE_MAPS
from tests.builders import NOW, a_client, a_contact, a_person

EXCERPT = PROJECT_ROOT / "tests/data/incident_log_excerpt.csv"
WHOLE = PROJECT_ROOT.parent / "shared/data/incident_event_log_part1.csv"
LOGS = [log for log in (EXCERPT, WHOLE) if log.exists()]  # the whole log is too large to keep here
EXAMPLE = (PROJECT_ROOT / "docs/examples/incident_log.toml").read_text("utf-8")
MAP = TABLE_MAPS.parse_map("""
source = "tickets"
date_order = "dmy"
unknown = ["?"]
major = ["1"]
[columns]
number = "no"
client = "client"
contact = "caller"
department = "group"
assigned_to = "who"
opened_at = "opened"
closed_at = "closed"
priority = "level"
title = "title"
""")
HEAD = "no,client,caller,group,who,opened,closed,level,title\n"
GOOD = "T-1,华东物流,王女士,网络部,李工,01-09-2026 09:00,02-09-2026 10:00,1,断网\n"


def imported(text, zone, made=MAP, now=NOW):
    content = text if isinstance(text, bytes) else text.encode()
    reading = table_import.read_table(content, made, zone, now)
    return table_import.import_incidents(reading, made, "command:test", now, zone)


def times_map(name, **keys):
    return TABLE_MAPS.build_map({"source": "s", "date_order": "ymd", **keys, "columns": {"number": "no", name: "at"}})


def test_the_last_row_of_a_number_wins(db, zone):
    counts = imported(HEAD + GOOD + GOOD.replace("断网", "已恢复"), zone)
    assert (counts.new, counts.bad) == (1, [])
    incident = Incident.get()
    assert (incident.title, incident.major) == ("已恢复", True)
    assert incident.opened_at == datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


def test_unknown_words_leave_a_gap_and_never_take_away_what_the_desk_found_out(db, zone):
    row = GOOD.replace("华东物流,王女士", "?,王女士")
    imported(HEAD + row, zone)
    incident = Incident.get()
    assert (incident.client, incident.contact) == (None, None)
    contact = a_contact(a_client("城建集团"))
    Incident.update(client=contact.client, contact=contact).execute()
    assert imported(HEAD + row, zone).same == 1
    assert Incident.get().contact == contact


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        (GOOD.replace("01-09", "31-02"), "opened_at", "31-02-2026"),
        (GOOD.replace("02-09-2026 10:00", "soon"), "closed_at", "soon"),
        (GOOD.replace("01-09-2026", "2026-09-01"), "opened_at", "day, month, year"),
        (GOOD.replace("T-1", "?"), "number", "fill this in"),
        (GOOD.replace("02-09-2026", "31-08-2026"), "closed_at", "before the opening"),
        (GOOD.replace("断网", "长" * 301), "title", "301"),
        (GOOD.replace(",断网", ""), "", "8 cells"),
        (GOOD.replace("断网", "断,网"), "", "10 cells"),
        (GOOD.replace("断网", '"断"网'), "", "as a table"),
        (GOOD.replace("02-09-2026 10:00", "02-09-2027 10:00"), "closed_at", "future"),
    ],
)
def test_a_bad_row_is_named_and_nothing_of_it_is_stored(db, zone, row, field, says):
    counts = imported(HEAD + GOOD.replace("T-1", "T-0").replace("华东", "华西") + row, zone)
    assert (counts.new, len(counts.bad)) == (1, 1)
    bad = counts.bad[0]
    assert (bad.line, bad.field) == (3, field) and says in str(bad.why)
    assert [client.name for client in Client] == ["华西物流"]
    assert [incident.number for incident in Incident] == ["T-0"]


def test_bytes_that_are_no_text_are_named_with_their_line(db, zone):
    counts = imported(HEAD.encode() + b"T-1,\xff\xfe,,,,,,,\n" + GOOD.replace("T-1", "T-2").encode(), zone)
    assert (counts.new, counts.bad[0].line) == (1, 2)
    assert "utf-8" in str(counts.bad[0].why)


def test_a_line_break_inside_quotes_keeps_the_line_numbers_right(db, zone):
    counts = imported(HEAD + GOOD.replace("断网", '"断\n网"') + GOOD.replace("T-1", ""), zone)
    assert (counts.new, counts.bad[0].line) == (1, 4)


def test_a_row_that_only_the_store_can_refuse_leaves_nothing_behind(engine_db, zone):
    a_person("李工")
    a_person("李工")
    counts = imported(HEAD + GOOD + GOOD.replace("T-1", "T-2").replace("李工", "张工"), zone)
    assert (counts.new, counts.bad[0].line, counts.bad[0].field) == (1, 2, "assigned_to")
    assert "李工" in str(counts.bad[0].why)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"number,title\n", "“no”"),
        (HEAD.replace("caller", "client").encode(), "exactly one column"),
        ("编号\n".encode("gb18030"), "encoding"),
    ],
)
def test_a_file_that_does_not_fit_the_map_is_refused_whole(db, zone, content, says):
    with pytest.raises(table_import.FileUnusable) as refused:
        imported(content, zone)
    assert says in str(refused.value)


def test_a_file_too_large_is_refused(db, zone, monkeypatch):
    monkeypatch.setattr(table_import, "MOST_BYTES", 1024)
    with pytest.raises(table_import.FileUnusable):
        imported(b"x" * 1025, zone)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "big5"])
def test_files_come_in_the_encodings_of_the_country(db, zone, encoding):
    text = (HEAD + GOOD).replace("华东物流", "華東物流").replace("断网", "斷網").replace("网络部", "網路部")
    keys = {"source": "tickets", "date_order": "dmy", "encoding": encoding.removesuffix("-sig")}
    made = TABLE_MAPS.build_map({**keys, "columns": dict(MAP.places)})
    assert imported(text.replace("王女士", "王小姐").encode(encoding), zone, made).new == 1
    assert Client.get().name == "華東物流"


@pytest.mark.parametrize(
    ("text", "order", "local"),
    [
        ("29-02-2016 01:16", "dmy", (2016, 2, 29, 1, 16)),
        ("2/29/2016 1:16 PM", "mdy", (2016, 2, 29, 13, 16)),
        ("12/1/2016 12:05 am", "mdy", (2016, 12, 1, 0, 5)),
        ("2016年2月29日 13:16:05", "ymd", (2016, 2, 29, 13, 16, 5)),
        ("2016-02-29T13:16:05.123", "ymd", (2016, 2, 29, 13, 16, 5)),
        ("29.02.2016", "dmy", (2016, 2, 29)),
    ],
)
def test_dates_are_read_in_the_order_the_map_says(db, zone, text, order, local):
    imported(f"no,at\n1,{text}\n", zone, times_map("opened_at", date_order=order))
    assert Incident.get().opened_at == datetime(*local, tzinfo=zone)


def test_an_offset_in_the_file_outweighs_the_zone(db, zone):
    imported("no,at\n1,2016-02-29T13:16:00Z\n2,2016-02-29 13:16+02:00\n", zone, times_map("opened_at"))
    assert [row.opened_at.hour for row in Incident.select().order_by(Incident.number)] == [13, 11]


def test_the_maps_zone_outweighs_the_operators(db, zone):
    imported("no,at\n1,2026-06-30 20:00\n", zone, times_map("closed_at", zone="UTC"))
    incident = Incident.get()
    assert incident.closed_at == datetime(2026, 6, 30, 20, 0, tzinfo=UTC)
    assert incident.quarter == 20263  # of the operator's calendar


@settings(max_examples=60)
@given(content=st.binary(max_size=300))
def test_no_file_breaks_the_reading(zone, content):
    try:
        reading = table_import.read_table(HEAD.encode() + content, MAP, zone, NOW)
    except table_import.FileUnusable:
        return
    assert reading.rows >= len(reading.bad)


def last_rows(path):
    """An independent reading of the log: plain csv, the last row of each number."""
    with path.open(encoding="utf-8") as log:
        return {row["number"]: row for row in csv.DictReader(log)}


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.stem)
def test_the_real_log_agrees_with_a_count_by_hand(engine_db, zone, log):
    made, rows = TABLE_MAPS.parse_map(EXAMPLE), last_rows(log)
    counts = imported(log.read_bytes(), zone, made)
    assert (counts.new, counts.bad) == (len(rows), [])
    assert Client.select().count() == len({row["location"] for row in rows.values()} - {"?"})
    assert Department.select().count() == len({row["assignment_group"] for row in rows.values()} - {"?"})
    persons = {row[name] for row in rows.values() for name in ("assigned_to", "resolved_by")} - {"?"}
    assert {person.name for person in Person} == persons
    callers = {(row["location"], row["caller_id"]) for row in rows.values() if row["location"] != "?"}
    assert Contact.select().count() == len(callers)
    for incident in Incident.select():
        row = rows[incident.number]
        assert (incident.client.name if incident.client else "?") == row["location"]
        closed = datetime.strptime(row["closed_at"], "%d-%m-%Y %H:%M").replace(tzinfo=zone)
        assert incident.first_closed_at == closed
        assert incident.survey_due_at == closed + timedelta(hours=48)
    placeless = Incident.select().where(Incident.client.is_null()).count()
    assert placeless == sum(row["location"] == "?" for row in rows.values())
    if log == WHOLE:
        assert (counts.new, placeless) == (445, 2)


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.stem)
def test_importing_the_real_log_again_changes_nothing(engine_db, zone, log):
    made = TABLE_MAPS.parse_map(EXAMPLE)
    imported(log.read_bytes(), zone, made)
    before = AuditEntry.select().count()
    counts = imported(log.read_bytes(), zone, made, NOW + timedelta(days=1))
    assert (counts.new, counts.changed, counts.same) == (0, 0, len(last_rows(log)))
    assert AuditEntry.select().count() == before
