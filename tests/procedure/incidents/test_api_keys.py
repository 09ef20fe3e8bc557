"""Keys of ticket systems: shown once, kept as hashes, bound to one source, counted in the store."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from csat.models.access import ApiKey
from csat.models.clients import Incident, IntakeMap
from csat.models.people import Person
from csat.models.records import AuditDetail, AuditEntry
from csat.procedure.core import settings, tokens
from csat.procedure.core.refusals import NameTaken, NotFound, ValueMissing
from csat.procedure.incidents import api_keys
from csat.procedure.incidents.api_keys import KeyRevoked, KeyUnknown, SourceReserved, TooManyMessages
from tests.builders import NOW, a_person
from tests.conftest import migrate_again


def a_key(name="生产系统", source="servicenow"):
    return api_keys.make_api_key(name, source, a_person("安敏"), NOW)


def test_a_key_is_shown_once_and_kept_as_a_hash(engine_db, zone):
    key, text = a_key()
    assert text.startswith("csat_") and tokens.is_token(text.removeprefix("csat_"))
    assert ApiKey.get().key_hash == tokens.hash_token(text)
    assert text not in "".join(row.detail for row in AuditDetail.select())
    assert api_keys.admit_message(text, NOW, zone) == key
    assert ApiKey.get().last_used_on == date(2026, 9, 14)


def test_two_keys_differ_and_have_different_names(db):
    _, first = a_key()
    _, second = a_key("试验系统")
    assert first != second
    with pytest.raises(NameTaken):
        a_key()
    for name, source in ((" ", "servicenow"), ("x", " ")):
        with pytest.raises(ValueMissing):
            a_key(name, source)


def test_what_was_entered_by_hand_is_no_systems(db):
    with pytest.raises(SourceReserved):
        a_key(source="manual")


def test_a_wrong_key_opens_nothing_and_leaves_no_trace(db, zone):
    _, text = a_key()
    for wrong in ("", "csat_", text[:-1], text + "x", text.upper()):
        with pytest.raises(KeyUnknown):
            api_keys.admit_message(wrong, NOW, zone)
    assert ApiKey.get().last_used_on is None


def test_a_revoked_key_opens_nothing_and_says_so(db, zone):
    key, text = a_key()
    api_keys.revoke_api_key(key, Person.get(), NOW)
    api_keys.revoke_api_key(key, Person.get(), NOW + timedelta(days=1))
    assert ApiKey.get().revoked_at == NOW
    with pytest.raises(KeyRevoked):
        api_keys.admit_message(text, NOW, zone)
    assert [entry.action for entry in AuditEntry.select().order_by(AuditEntry.id)][-2:] == ["key made", "key revoked"]


def test_a_minutes_messages_may_come_at_once_and_then_one_at_a_time(engine_db, zone):
    settings.change_setting("api_requests", 4, None, NOW)
    _, text = a_key()
    for _ in range(4):
        api_keys.admit_message(text, NOW, zone)
    with pytest.raises(TooManyMessages) as refused:
        api_keys.admit_message(text, NOW, zone)
    assert refused.value.facts == {"seconds": 15}
    later = NOW + timedelta(seconds=15)
    api_keys.admit_message(text, later, zone)
    with pytest.raises(TooManyMessages):
        api_keys.admit_message(text, later, zone)
    api_keys.admit_message(text, NOW + timedelta(hours=1), zone)


def test_each_key_is_counted_for_itself(db, zone):
    settings.change_setting("api_requests", 1, None, NOW)
    for text in [a_key(name)[1] for name in "甲乙"]:
        api_keys.admit_message(text, NOW, zone)


def test_the_sources_to_choose_from_are_those_we_know(db):
    a_key()
    Incident.create(source="incident_log", number="1")
    Incident.create(source="manual", number="1")
    assert api_keys.list_sources() == ["incident_log", "servicenow"]
    with pytest.raises(NotFound):
        api_keys.get_api_key(99)


def test_the_tables_come_to_a_store_that_holds_data(engine_db):
    incident = Incident.create(source="servicenow", number="INC1", closed_at=NOW)
    person = a_person("安敏")
    migrate_again("0003", ApiKey, IntakeMap)
    api_keys.make_api_key("生产系统", "servicenow", person, NOW)
    assert ApiKey.get().made_by == person and Incident.get() == incident
