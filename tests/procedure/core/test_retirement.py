"""What is out of use comes back by the same button, and both stand in the history."""

from __future__ import annotations

import pytest

from csat.models.commitments import Commitment
from csat.models.records import AuditEntry
from csat.procedure.core.retirement import restore_record, retire_record, toggle_retirement
from tests.builders import NOW, a_client, a_contact, a_department, a_person


@pytest.mark.parametrize("kind", ["client", "contact", "commitment", "department", "person"])
def test_a_record_is_retired_and_restored_on_record(db, kind):
    makers = {"client": a_client, "department": a_department, "person": a_person, "commitment": Commitment.get}
    record, other = makers[kind]() if kind in makers else a_contact(a_client()), a_person("别人")
    for verb, at, act in ((retire_record, NOW, "retired"), (restore_record, None, "restored")):
        verb(record, "command:test", NOW)
        assert type(record).get_by_id(record.id).retired_at == at
        assert AuditEntry.select().order_by(AuditEntry.id.desc()).get().action == f"{kind} {act}"
    assert type(other).get_by_id(other.id).retired_at is None


def test_the_button_turns_what_the_page_showed(db):
    client = a_client()
    toggle_retirement(client, "command:test", NOW)
    client = type(client).get_by_id(client.id)
    assert client.retired_at == NOW
    toggle_retirement(client, "command:test", NOW)
    assert type(client).get_by_id(client.id).retired_at is None
