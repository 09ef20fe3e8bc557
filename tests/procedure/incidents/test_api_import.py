"""What ticket systems send: our own format, and the messages of four systems read by the maps that ship."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.config import PROJECT_ROOT
from csat.models.clients import Contact, Incident, IntakeMap
from csat.models.records import AuditEntry
from csat.procedure.incidents import api_import
from csat.procedure.incidents.json_mapping import MESSAGE_MAPS, NOWHERE, find_value
from csat.procedure.incidents.mapping import MapWrong
from csat.procedure.upkeep import retention
from tests.builders import NOW, a_client, a_contact, a_person

MANUAL = (PROJECT_ROOT / "docs/api.md").read_text("utf-8")
SYSTEMS = {"servicenow": "ServiceNow", "jira": "Jira Service Management", "glpi": "GLPI", "zammad": "Zammad"}
CLOSED = datetime(2026, 9, 11, 8, 30, tzinfo=UTC)


def sample(title):
    """The sample message that the manual shows for a system."""
    section = MANUAL.split(f"### {title}\n", 1)[1].split("\n### ")[0].split("\n## ")[0]
    return json.loads(re.search(r"```json\n(.*?)```", section, re.DOTALL)[1])


def shipped(name):
    return MESSAGE_MAPS.parse_map((PROJECT_ROOT / f"docs/examples/{name}.toml").read_text("utf-8"))


def a_map(text=""):
    return MESSAGE_MAPS.parse_map(
        'source = "tickets"\nclosed_states = ["closed"]\n'
        + text
        + '\n[fields]\nnumber = "id"\nstate = "state"\nclosed_at = "closed"\nclient = "client"'
        + '\ncontact = "caller.name"\ncontact_email = "caller.mail"\nopened_at = "opened"\n'
    )


def own(*parts, zone=UTC):
    return api_import.read_message(list(parts), None, zone)


def take(items, now=NOW, source="tickets"):
    api_import.import_items(items, source, "key:test", now, UTC)
    return [item.outcome or type(item.refusal).__name__ for item in items]


# --- the maps that ship ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_manuals_sample_is_read_by_the_map_that_ships(db, name, zone):
    made = shipped(name)
    [item] = items = api_import.read_message(sample(SYSTEMS[name]), made, zone)
    assert item.refusal is None
    assert item.fields["title"] == "Branch office without network" and item.fields["client"] == "华东物流"
    assert item.fields["closed_at"] == CLOSED and item.fields["major"] is True
    assert take(items, source=name) == ["new"]
    incident = Incident.get()
    assert incident.first_closed_at == CLOSED and incident.survey_due_at == CLOSED + timedelta(hours=48)
    assert incident.opened_at.replace(second=0, microsecond=0) == datetime(2026, 9, 10, 1, 12, tzinfo=UTC)
    assert incident.contact.name in ("王女士", "Ning Wang") and incident.assigned_to.name in ("李工", "Gong Li")
    assert incident.contact.email == ("" if name == "glpi" else "wang@client.example")
    assert take(api_import.read_message(sample(SYSTEMS[name]), made, zone), source=name) == ["same"]


@pytest.mark.parametrize(("name", "place", "state"), [
    ("servicenow", ("result", "state", "value"), "6"),
    ("jira", ("issue", "fields", "status", "name"), "In Progress"),
    ("glpi", ("item", "status", "id"), 5),
    ("zammad", ("ticket", "state"), "open"),
])  # fmt: skip
def test_before_it_is_closed_nothing_is_due(db, name, place, state, zone):
    message = part = sample(SYSTEMS[name])
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = state
    take(api_import.read_message(message, shipped(name), zone), source=name)
    assert Incident.get().closed_at is None and Incident.get().survey_due_at is None


def test_nobody_assigned_is_nobody(db, zone):
    message = sample("Zammad")
    message["ticket"]["owner"] = {"id": 1, "firstname": "-", "lastname": ""}
    message["ticket"]["organization"] = None
    [item] = api_import.read_message(message, shipped("zammad"), zone)
    assert item.fields["assigned_to"] == "" and "client" not in item.fields


def test_the_manual_names_every_code_and_every_field(db):
    from csat.web.incidents.api_import import ERROR_CODES

    assert all(f"`{code}`" in MANUAL for _, code in ERROR_CODES.values())
    assert all(f"`{name}`" in MANUAL for name in api_import.OWN_FIELDS)


# --- paths -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a", 1),
        ("b.c", "x"),
        ("b.c.d", NOWHERE),
        ("b.e.f", None),
        ("list.0.n", "first"),
        ("list.9.n", NOWHERE),
        ("list.n", NOWHERE),
        ("list[k=2].n", "second"),
        ("list[k=7].n", None),
        ("none[k=7].n", NOWHERE),
        ("dotted.name", "whole"),
        ("dotted.name.value", NOWHERE),
        ("dotted.part.value", "deep"),
        ("b.c + list.0.n", "x first"),
        ("b.e + nowhere", ""),
        ("nowhere + elsewhere", NOWHERE),
    ],
)
def test_a_path_leads_to_a_value_to_nothing_known_or_nowhere(path, value):
    message = {
        "a": 1,
        "b": {"c": "x", "e": None},
        "list": [{"k": 1, "n": "first"}, {"k": 2, "n": "second"}],
        "dotted.name": "whole",
        "dotted.part": {"value": "deep"},
    }
    assert find_value(path, message) is value or find_value(path, message) == value


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[fields]\nnumber = "a..b"', "a..b"),
        ('[fields]\nnumber = "a[b"', "a[b"),
        ('[fields]\nnumber = "a + "', "a + "),
        ("[fields]\nnumber = 3", "number"),
        ('[fields]\ntitle = "t"', "number"),
        ('[columns]\nnumber = "n"', "columns"),
        ('items = "a."\n[fields]\nnumber = "n"', "items"),
        ('items = 3\n[fields]\nnumber = "n"', "items"),
        ('delimiter = ";"\n[fields]\nnumber = "n"', "delimiter"),
        ('closed_states = ["x"]\n[fields]\nnumber = "n"', "[fields]"),
    ],
)
def test_a_map_that_cannot_be_used_says_why(text, named):
    with pytest.raises(MapWrong) as wrong:
        MESSAGE_MAPS.parse_map('source = "tickets"\n' + text)
    assert named in str(wrong.value)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_map_as_text_says_the_same(name):
    made = shipped(name)
    assert MESSAGE_MAPS.parse_map(MESSAGE_MAPS.format_map(made)) == made


def test_a_map_is_kept_for_its_source_and_given_up_again(engine_db):
    admin, text = a_person("安敏"), MESSAGE_MAPS.format_map(shipped("jira"))
    assert MESSAGE_MAPS.find_map_of_source("jira") is None
    row = MESSAGE_MAPS.save_map(text, admin, NOW)
    assert MESSAGE_MAPS.find_map_of_source("jira") == shipped("jira")
    with pytest.raises(MapWrong):
        MESSAGE_MAPS.save_map(text, admin, NOW)
    with pytest.raises(MapWrong):
        MESSAGE_MAPS.save_map(text.replace('"jira"', '"other"'), admin, NOW, row)
    MESSAGE_MAPS.delete_map(row, admin, NOW)
    assert not IntakeMap.select().exists()
    acts = [entry.action for entry in AuditEntry.select().order_by(AuditEntry.id)]
    assert acts[-2:] == ["import map kept", "import map dropped"]


# --- reading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("INC1", ("NotAnIncident", "")),
        ({}, ("ValueMissing", "number")),
        ({"number": " "}, ("ValueMissing", "number")),
        ({"number": ["INC1"]}, ("KindWrong", "number")),
        ({"number": True}, ("KindWrong", "number")),
        ({"number": "INC1", "colour": "red"}, ("FieldUnknown", "colour")),
        ({"number": "INC1", "title": {"en": "x"}}, ("KindWrong", "title")),
        ({"number": "INC1", "title": "a\x00b"}, ("TextBroken", "title")),
        ({"number": "INC1", "title": "\ud800"}, ("TextBroken", "title")),
        ({"number": "INC1", "major": "yes"}, ("BooleanWrong", "major")),
        ({"number": "INC1", "closed_at": "2026-09-11T16:30"}, ("OffsetMissing", "closed_at")),
        ({"number": "INC1", "closed_at": "2026-09-11"}, ("TimeWrong", "closed_at")),
        ({"number": "INC1", "closed_at": "11.09.2026 16:30"}, ("TimeWrong", "closed_at")),
        ({"number": "INC1", "closed_at": "2026-02-30T16:30:00Z"}, ("TimeWrong", "closed_at")),
        ({"number": "INC1", "closed_at": "0001-01-01T00:00:00+14:00"}, ("TimeWrong", "closed_at")),
        ({"number": "INC1", "closed_at": 1789115400}, ("TimeWrong", "closed_at")),
        ({"number": "INC1", "contact_email": "nobody"}, ("AddressWrong", "contact_email")),
        ({"number": "INC1", "contact_telephone": "9" * 50}, ("AddressWrong", "contact_telephone")),
    ],
)
def test_what_is_wrong_in_our_own_format_is_named_with_its_field(part, expected):
    [item] = own(part)
    assert (type(item.refusal).__name__, item.refusal.field) == expected


@pytest.mark.parametrize(
    "text", ["2026-09-11T16:30:00+08:00", "2026-09-11T08:30Z", "2026-09-11 08:30:00.000Z", "2026-09-11T16:30:00,0+0800"]
)
def test_times_with_an_offset_are_the_same_instant(text):
    [item] = own({"number": "INC1", "closed_at": text})
    assert item.fields["closed_at"] == CLOSED


def test_one_a_list_or_an_object_with_a_list_are_all_messages():
    one = {"number": "INC1"}
    for message in (one, [one], {"incidents": [one]}):
        assert [item.number for item in api_import.read_message(message, None, UTC)] == ["INC1"]
    for nothing in ([], {"incidents": []}):
        with pytest.raises(api_import.NothingSent):
            api_import.read_message(nothing, None, UTC)
    assert len(api_import.read_message([one] * 1000, None, UTC)) == 1000
    with pytest.raises(api_import.TooManySent):
        api_import.read_message([one] * 1001, None, UTC)
    with pytest.raises(api_import.NothingSent):
        api_import.read_message({"other": 1}, shipped("jira"), UTC)


def test_a_number_may_be_a_number(db):
    assert own({"number": 42})[0].number == "42"


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(message=ANYTHING, path=st.sampled_from(["a", "a.b", "0", "a.0.b", "a[b=c].d", "a + b"]))
def test_whatever_is_sent_is_read_or_refused_by_name(message, path):
    made = MESSAGE_MAPS.build_map({"source": "s", "fields": {"number": path, "title": "a", "closed_at": "b"}})
    for way in (None, made):
        try:
            items = api_import.read_message(message, way, UTC)
        except (api_import.NothingSent, api_import.TooManySent):
            continue
        assert all(item.refusal or item.number for item in items)


# --- taking ------------------------------------------------------------------------------------------


def test_good_ones_are_kept_bad_ones_leave_nothing(engine_db):
    items = own(
        {"number": "INC1", "client": "华东物流"},
        {"number": "INC2", "client": "城建集团", "closed_at": "2026-09-14T12:00:00Z"},
        {"number": "INC3", "title": "x" * 301, "client": "滨海港务"},
        {"number": "INC4", "client": "华东物流"},
    )
    assert take(items) == ["new", "ClosedInFuture", "TextTooLong", "new"]
    assert [row.number for row in Incident.select().order_by(Incident.number)] == ["INC1", "INC4"]
    assert Incident.get().client.name == "华东物流"
    assert AuditEntry.select().where(AuditEntry.action == "incidents imported").count() == 1


def test_several_messages_on_one_number_are_taken_in_turn(engine_db):
    items = own(
        {"number": "INC1", "title": "first", "closed_at": "2026-09-10T08:00:00Z"},
        {"number": "INC2"},
        {"number": "INC1", "title": "second", "closed_at": None},
        {"number": "INC1", "title": "third", "closed_at": "2026-09-12T08:00:00Z"},
    )
    assert take(items) == ["new", "new", "changed", "changed"]
    incident = Incident.get(number="INC1")
    assert (incident.title, incident.closed_at.day, incident.first_closed_at.day) == ("third", 12, 10)


def test_the_same_again_writes_nothing(engine_db):
    parts = [{"number": f"INC{at}", "client": "华东物流", "contact": "王女士"} for at in range(5)]
    assert take(own(*parts)) == ["new"] * 5
    before = AuditEntry.select().count()
    assert take(own(*parts)) == ["same"] * 5
    assert AuditEntry.select().count() == before


def test_unknown_never_takes_away_whom_the_desk_found(db):
    take(own({"number": "INC1", "client": "华东物流", "contact": "王女士", "category": "network"}))
    assert take(own({"number": "INC1", "client": None, "contact": "", "category": None})) == ["changed"]
    incident = Incident.get()
    assert (incident.client.name, incident.contact.name, incident.category) == ("华东物流", "王女士", "")


def test_an_address_fills_a_gap_and_replaces_nothing(engine_db):
    part = {"number": "INC1", "client": "华东物流", "contact": "王女士"}
    take(own(part))
    assert take(own({**part, "contact_email": "wang@client.example"})) == ["changed"]
    again = {**part, "contact_email": "other@client.example", "contact_telephone": "021-55550188"}
    assert take(own(again, {**again, "number": "INC2"})) == ["changed", "new"]
    contact = Contact.get()
    assert (contact.email, contact.telephone) == ("wang@client.example", "021-55550188")
    assert take(own(again)) == ["same"]


def test_an_erased_contact_gets_no_address_again(engine_db):
    """Not even from a system that names it as it stands now; the incident comes in all the same (D5)."""
    part = {"number": "INC1", "client": "华东物流", "contact": "王女士", "contact_email": "w@client.example"}
    take(own(part))
    retention.erase_contact(Contact.get(), None, NOW)
    erased = Contact.get()
    assert take(own({**part, "number": "INC2", "contact": erased.name})) == ["new"]
    assert Incident.get(Incident.number == "INC2").contact == erased
    assert (Contact.get().email, Contact.get().telephone) == ("", "")


def test_an_address_that_is_none_never_costs_the_survey(db):
    message = {"id": 1, "state": "open", "client": "华东物流", "caller": {"name": "王女士", "mail": "n/a"}}
    assert take(api_import.read_message(message, a_map(), UTC)) == ["new"]
    assert Contact.get().email == ""


def test_an_address_goes_to_the_contact_of_that_client(db):
    other = a_contact(a_client("城建集团"), email="", telephone="")
    take(own({"number": "INC1", "client": "华东物流", "contact": other.name, "contact_email": "w@x.example"}))
    assert Contact.get_by_id(other.id).email == ""


def test_closed_without_a_time_closes_on_arrival_and_only_once(engine_db):
    closed, later = {"id": 1, "state": "closed"}, NOW + timedelta(hours=5)
    assert take(api_import.read_message(closed, a_map(), UTC)) == ["new"]
    assert Incident.get().first_closed_at == NOW
    assert take(api_import.read_message(closed, a_map(), UTC), later) == ["same"]
    assert take(api_import.read_message({"id": 1, "state": "open"}, a_map(), UTC), later) == ["changed"]
    assert take(api_import.read_message(closed, a_map(), UTC), later) == ["changed"]
    assert Incident.get().closed_at == later and Incident.get().first_closed_at == NOW


def test_a_message_that_does_not_speak_of_the_state_closes_and_opens_nothing(db):
    take(api_import.read_message({"id": 1, "state": "closed", "closed": "2026-09-11T08:30:00Z"}, a_map(), UTC))
    assert take(api_import.read_message({"id": 1, "closed": None}, a_map(), UTC)) == ["same"]
    take(api_import.read_message({"id": 2, "closed": "2026-09-11T08:30:00Z"}, a_map(), UTC))
    assert Incident.get(number="1").closed_at == CLOSED and Incident.get(number="2").closed_at is None


def test_times_are_local_to_the_maps_zone(db, zone):
    message = {"id": 1, "state": "closed", "closed": "11.09.2026 16:30"}
    made = a_map('date_order = "dmy"\n')
    assert api_import.read_message(message, made, zone)[0].fields["closed_at"] == CLOSED
    made = a_map('date_order = "dmy"\nzone = "UTC"\n')
    assert api_import.read_message(message, made, zone)[0].fields["closed_at"] == CLOSED + timedelta(hours=8)


def test_looking_at_a_sample_tells_what_would_be_refused_and_stores_nothing(db):
    items = own({"number": "INC1", "title": "x" * 301}, {"number": "INC2", "client": "华东物流"})
    api_import.check_items(items, "tickets", NOW)
    assert [item.refusal is None for item in items] == [False, True]
    assert not Incident.select().exists()


@pytest.mark.parametrize("text", ["NaN", "[" * 100_000, '{"number": Infinity}'])
def test_what_only_python_takes_for_json_is_refused(text):
    with pytest.raises(api_import.JsonUnreadable):
        api_import.parse_json(text)
