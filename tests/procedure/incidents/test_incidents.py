"""Incidents: one verb for every way in; maps and files; the real log (issue part 4, P1, F8)."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat.config import PROJECT_ROOT
from csat.models.clients import Alias, AliasKind, Client, Contact, Incident
from csat.models.people import Department, Person
from csat.models.records import AuditEntry
from csat.procedure.clients import external_names
from csat.procedure.core.refusals import InputWrong, NameTaken, ValueMissing
from csat.procedure.incidents import fields, incidents, manual_entry, mapping, table_import
from csat.procedure.incidents.mapping import TABLE_MAPS
from tests.builders import NOW, a_client, a_contact, a_person, an_account

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


def put(number="INC1", zone=UTC, **fields):
    return incidents.upsert_incident("tickets", number, fields, "command:test", NOW, zone)


def imported(text, zone, made=MAP, now=NOW):
    content = text if isinstance(text, bytes) else text.encode()
    reading = table_import.read_table(content, made, zone, now)
    return table_import.import_incidents(reading, made, "command:test", now, zone)


def why(bad):
    return bad.line, bad.field, str(bad.why)


# --- the verb ----------------------------------------------------------------------------------------


def test_names_are_found_or_made_with_an_alias(engine_db):
    client = a_client("华东物流")
    incident, outcome = put(client="华东物流", contact="王女士", department="网络部", assigned_to="李工")
    assert outcome == "new"
    assert incident.client == client
    assert incident.contact.client == client
    assert {alias.kind for alias in Alias} == {AliasKind.CONTACT, AliasKind.DEPARTMENT, AliasKind.PERSON}


def test_a_renamed_client_is_still_found_by_its_alias(db):
    client = put(client="Location 7")[0].client
    Client.update(name="城建集团").where(Client.id == client.id).execute()
    assert put("INC2", client="Location 7")[0].client == client
    assert Client.select().count() == 1


def test_the_same_caller_at_two_clients_is_two_contacts(db):
    first = put("INC1", client="A", contact="Caller 1")[0]
    second = put("INC2", client="B", contact="Caller 1")[0]
    assert first.contact != second.contact
    assert (first.contact.client, second.contact.client) == (first.client, second.client)


def test_a_name_that_several_persons_have_is_not_guessed(db):
    first = a_person("王伟")
    a_person("王伟")
    with pytest.raises(external_names.NameUnclear):
        put(client="Nobody made", assigned_to="王伟")
    assert not Client.select().exists() and not Incident.select().exists()
    external_names.assign_alias("tickets", "王伟", first, "command:test", NOW)
    assert put(assigned_to="王伟")[0].assigned_to == first


def test_who_is_meant_by_a_name_takes_over_the_incidents_already_imported(engine_db):
    before = put("INC1", assigned_to="Resolver 7", resolved_by="Resolver 7")[0]
    agent = a_person("苏岚")
    external_names.assign_alias("tickets", "Resolver 7", agent, "command:test", NOW)
    incident = Incident.get_by_id(before.id)
    assert incident.assigned_to == incident.resolved_by == agent
    assert put("INC1", assigned_to="Resolver 7", resolved_by="Resolver 7")[1] == "same"
    an_account(agent)
    with pytest.raises(NameTaken):
        external_names.assign_alias("tickets", "Resolver 7", a_person("别人"), "command:test", NOW)


def test_a_misspelt_name_is_refused_and_what_is_known_is_listed(engine_db):
    known = a_person("高工")
    put("INC1", assigned_to="Resolver 7", resolved_by="高工")
    agent = a_person("苏岚")
    for name in ("Resolver7", "高 工"):
        with pytest.raises(external_names.NameUnknown):
            external_names.assign_alias("tickets", name, agent, "command:test", NOW)
    assert [row.name for row in external_names.list_aliases()] == ["Resolver 7"]
    assert [(row.id, row.source) for row in external_names.list_same_spellings()] == [(known.id, "tickets")]
    external_names.assign_alias("not yet seen", "高 工", agent, "command:test", NOW)


def test_the_same_content_again_writes_nothing(engine_db):
    content = {"client": "A", "contact": "B", "priority": "1", "opened_at": NOW - timedelta(days=3)}
    put(**content)
    before = AuditEntry.select().count()
    assert put(**content)[1] == "same"
    assert AuditEntry.select().count() == before


def test_a_field_that_is_not_given_stays(db):
    put(client="A", contact="B", title="断网")
    incident, outcome = put(title="恢复")
    assert (outcome, incident.client.name, incident.contact.name) == ("changed", "A", "B")


def test_another_client_takes_the_contact_away(db):
    put(client="A", contact="B")
    assert put(client="C")[0].contact is None


def test_the_first_closing_fixes_quarter_and_clock_once(db, zone):
    closed = datetime(2026, 6, 30, 16, 30, tzinfo=UTC)  # half past midnight on 1 July in Shanghai
    incident = put(zone=zone, closed_at=closed)[0]
    assert (incident.quarter, incident.survey_due_at) == (20263, closed + timedelta(hours=48))
    incident = put(zone=zone, closed_at=closed + timedelta(days=30))[0]
    assert (incident.first_closed_at, incident.closed_at) == (closed, closed + timedelta(days=30))
    assert put(zone=zone, closed_at=None)[0].first_closed_at == closed


def test_what_no_incident_can_be_is_refused_at_its_field(db):
    cases = {
        "closed_at": {"opened_at": NOW - timedelta(days=1), "closed_at": NOW - timedelta(days=2)},
        "resolved_at": {"opened_at": NOW, "resolved_at": NOW - timedelta(minutes=1)},
        "title": {"title": "长" * 301},
        "client": {"client": "长" * 201},
    }
    for field, said in cases.items():
        with pytest.raises(InputWrong) as refused:
            put(**said)
        assert refused.value.field == field
    with pytest.raises(fields.ClosedInFuture):
        put(closed_at=NOW + timedelta(days=2))
    with pytest.raises(ValueMissing):
        put("")


def test_the_known_opening_counts_for_a_closing_that_comes_later(db):
    put(opened_at=NOW - timedelta(days=1))
    with pytest.raises(fields.BeforeOpening):
        put(closed_at=NOW - timedelta(days=2))


def test_by_hand_a_contact_belongs_to_the_client(db, zone):
    client, elsewhere = a_client("A"), a_contact(a_client("B"))
    with pytest.raises(incidents.ContactOfOtherClient):
        manual_entry.enter_incident(
            "M-1", {"client": client, "contact": elsewhere}, "command:test", NOW, zone
        )
    with pytest.raises(ValueMissing):
        manual_entry.enter_incident("M-1", {"client": None, "contact": "王女士"}, "command:test", NOW, zone)


# --- maps --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("source = ", "TOML"),
        ("sauce = 'x'", "sauce"),
        ("source = 'x'\ndate_order = 'dmy'", "[columns]"),
        ("source = 'x'\ndate_order = 'dmy'\n[columns]\ntitle = 't'", "number"),
        ("source = 'x'\ndate_order = 'dmy'\n[columns]\nnumber = 'n'\ncolour = 'c'", "colour"),
        ("source = 'x'\ndate_order = 'dmy'\n[columns]\nnumber = 3", "number"),
        ("date_order = 'dmy'\n[columns]\nnumber = 'n'", "source"),
        ("source = 'x'\n[columns]\nnumber = 'n'", "date_order"),
        ("source = 'x'\ndate_order = 'dmy'\nzone = 'Mars/Olympus'\n[columns]\nnumber = 'n'", "Mars/Olympus"),
        ("source = 'x'\ndate_order = 'dmy'\nencoding = 'klingon'\n[columns]\nnumber = 'n'", "encoding"),
        ("source = 'x'\ndate_order = 'dmy'\nunknown = '?'\n[columns]\nnumber = 'n'", "unknown"),
        ("source = 'x'\ndate_order = 'dmy'\nmajor = ['1']\n[columns]\nnumber = 'n'", "major"),
        ("source = 'x'\ndate_order = 'dmy'\nclosed_states = ['C']\n[columns]\nnumber = 'n'", "closed_states"),
        ("source = 'x'\ndate_order = 'dmy'\ndate_formats = ['%H:%M']\n[columns]\nnumber = 'n'", "%H:%M"),
    ],
)
def test_a_wrong_map_says_which_key_and_what_is_wrong(text, says):
    with pytest.raises(mapping.MapWrong) as wrong:
        TABLE_MAPS.parse_map(text)
    assert says in str(wrong.value) and "\n" not in str(wrong.value)


words = st.text(min_size=1, max_size=30).map(str.strip).filter(bool)


@given(source=words, heading=words, unknown=st.lists(words), delimiter=st.sampled_from(mapping.DELIMITERS))
def test_a_map_written_as_text_reads_as_the_same_map(source, heading, unknown, delimiter):
    given_ = {
        "source": source,
        "date_order": "ymd",
        "unknown": unknown,
        "delimiter": delimiter,
        "columns": {"number": heading},
    }
    made = TABLE_MAPS.build_map(given_)
    assert TABLE_MAPS.parse_map(TABLE_MAPS.format_map(made)) == made


# --- files -------------------------------------------------------------------------------------------


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
    line, named, sentence = why(counts.bad[0])
    assert (line, named) == (3, field) and says in sentence
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
    made = TABLE_MAPS.build_map(
        {
            "source": "tickets",
            "date_order": "dmy",
            "encoding": encoding.removesuffix("-sig"),
            "columns": dict(MAP.places),
        }
    )
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
    made = TABLE_MAPS.build_map(
        {"source": "s", "date_order": order, "columns": {"number": "no", "opened_at": "at"}}
    )
    imported(f"no,at\n1,{text}\n", zone, made)
    assert Incident.get().opened_at == datetime(*local, tzinfo=zone)


def test_an_offset_in_the_file_outweighs_the_zone(db, zone):
    made = TABLE_MAPS.build_map(
        {"source": "s", "date_order": "ymd", "columns": {"number": "no", "opened_at": "at"}}
    )
    imported("no,at\n1,2016-02-29T13:16:00Z\n2,2016-02-29 13:16+02:00\n", zone, made)
    assert [row.opened_at.hour for row in Incident.select().order_by(Incident.number)] == [13, 11]


def test_the_maps_zone_outweighs_the_operators(db, zone):
    made = TABLE_MAPS.build_map(
        {
            "source": "s",
            "date_order": "ymd",
            "zone": "UTC",
            "columns": {"number": "no", "closed_at": "at"},
        }
    )
    imported("no,at\n1,2026-06-30 20:00\n", zone, made)
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


# --- the real log ------------------------------------------------------------------------------------


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
