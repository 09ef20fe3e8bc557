"""The history shows later tampering, survives lawful erasure, and can be searched (D3)."""

from __future__ import annotations

from datetime import timedelta

from csat.models.records import AuditDetail, AuditEntry
from csat.procedure.core import audit
from tests.builders import NOW, a_client, a_person


def some_history() -> list[AuditEntry]:
    person, client = a_person("安敏"), a_client()
    audit.record(person, "client changed", client, NOW, tier=["core", "important"])
    audit.record("command:test", "client retired", client, NOW + timedelta(days=1))
    audit.record(person, "signed in", f"account:{client.id}1", NOW + timedelta(days=2))
    return list(AuditEntry.select().order_by(AuditEntry.id))


def test_an_untouched_history_is_whole_and_stays_so_when_a_detail_is_lawfully_erased(engine_db):
    history = some_history()
    assert audit.find_first_broken_entry() is None
    AuditDetail.delete().where(AuditDetail.entry == history[-3]).execute()
    assert audit.find_first_broken_entry() is None


def test_every_changed_column_is_noticed(engine_db):
    entry = some_history()[-2]
    for column, text in (("actor", "person:99"), ("action", "other"), ("subject", "x:1"), ("digest", "0" * 64)):
        before = getattr(entry, column)
        AuditEntry.update(**{column: text}).where(AuditEntry.id == entry.id).execute()
        assert audit.find_first_broken_entry().id == entry.id
        AuditEntry.update(**{column: before}).where(AuditEntry.id == entry.id).execute()
    AuditEntry.update(at=NOW).where(AuditEntry.id == entry.id).execute()
    assert audit.find_first_broken_entry().id == entry.id


def test_a_changed_detail_and_a_missing_entry_are_noticed(engine_db):
    history = some_history()
    AuditDetail.update(detail="{}").where(AuditDetail.entry == history[-3]).execute()
    assert audit.find_first_broken_entry().id == history[-3].id
    AuditDetail.delete().where(AuditDetail.entry == history[-3]).execute()
    AuditEntry.delete().where(AuditEntry.id == history[-3].id).execute()
    assert audit.find_first_broken_entry().id == history[-2].id


def test_the_history_is_searched_by_act_person_subject_and_days(engine_db):
    first, second, third = some_history()[-3:]
    assert list(audit.search_entries(action="client retired")) == [second]
    assert list(audit.search_entries(who="安")) == [third, first]
    assert list(audit.search_entries(who="command:"))[:1] == [second]
    assert list(audit.search_entries(subject=first.subject)) == [second, first]
    assert set(audit.search_entries(subject="client")) == {first, second}
    assert list(audit.search_entries(since=NOW + timedelta(hours=1), until=NOW + timedelta(days=2))) == [second]


def test_ones_own_acts_are_ones_own_only(engine_db):
    some_history()
    other = a_person("别人")
    entry = audit.record(other, "signed in", "account:7", NOW)
    assert list(audit.search_entries(by=other)) == [entry]
    assert list(audit.search_entries(by=other, who="安")) == []


def test_a_seal_needs_the_key_of_the_installation(engine_db, monkeypatch):
    monkeypatch.setattr(audit, "_seal_key", b"the seal of another house")
    entry = some_history()[-1]
    before = AuditEntry.get_by_id(entry.id - 1).seal
    assert audit.compute_seal(entry, before) == entry.seal
    audit.set_seal_key(b"a forger's")
    assert audit.compute_seal(entry, before) != entry.seal
