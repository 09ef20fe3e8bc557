"""Clients, in whose care they are from day to day, and who sees them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat.models.clients import Client, ClientCare, Tier, TierChange
from csat.procedure.clients import clients, contacts
from csat.procedure.clients.clients import CareOutOfOrder
from csat.procedure.core.refusals import NameTaken, NotFound, ValueMissing
from tests.builders import NOW, a_client, a_contact, a_person
from tests.conftest import migrate_again

BY = "command:test"
TODAY = date(2026, 9, 14)


def test_two_clients_never_share_a_name(db):
    client = clients.add_client("华东物流", Tier.CORE, BY, NOW)
    with pytest.raises(NameTaken):
        clients.add_client(" 华东物流 ", Tier.CORE, BY, NOW)
    other = clients.add_client("城建集团", Tier.CORE, BY, NOW)
    with pytest.raises(NameTaken):
        clients.change_client(other, client.name, Tier.CORE, "", "", BY, NOW)
    with pytest.raises(ValueMissing):
        clients.add_client(" ", Tier.CORE, BY, NOW)


def test_care_passes_from_day_to_day_without_gap_or_overlap(db):
    client, first, second = a_client(), a_person("甲"), a_person("乙")
    clients.put_in_care(client, first, TODAY, BY, NOW)
    clients.put_in_care(client, second, TODAY + timedelta(days=10), BY, NOW)
    assert clients.manager_of(client, TODAY - timedelta(days=1)) is None
    assert clients.manager_of(client, TODAY + timedelta(days=9)) == first
    assert clients.manager_of(client, TODAY + timedelta(days=10)) == second
    assert clients.clients_of(first, TODAY) == [client]
    assert clients.clients_of(first, TODAY + timedelta(days=10)) == []


def test_a_hand_over_on_the_same_day_corrects_and_an_earlier_one_is_refused(db):
    client, first, second = a_client(), a_person("甲"), a_person("乙")
    clients.put_in_care(client, first, TODAY, BY, NOW)
    clients.put_in_care(client, second, TODAY, BY, NOW)
    assert [row.person for row in clients.list_care_history(client)] == [second]
    with pytest.raises(CareOutOfOrder):
        clients.put_in_care(client, first, TODAY - timedelta(days=1), BY, NOW)


def test_care_can_end_with_nobody_following(db):
    client, manager = a_client(), a_person("甲")
    clients.put_in_care(client, manager, TODAY, BY, NOW)
    clients.end_care(client, TODAY + timedelta(days=1), BY, NOW)
    assert clients.manager_of(client, TODAY + timedelta(days=1)) is None
    clients.put_in_care(client, manager, TODAY + timedelta(days=5), BY, NOW)
    assert ClientCare.select().count() == 2


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), max_size=8))
def test_no_day_ever_has_two_managers(db, hands):
    client, people = a_client(f"第{Client.select().count()}家"), [a_person() for _ in range(3)]
    for who, day in hands:
        with suppress(CareOutOfOrder):
            clients.put_in_care(client, people[who], TODAY + timedelta(days=day), BY, NOW)
    for day in (TODAY + timedelta(days=more) for more in range(11)):
        assert sum(row.since <= day and (row.until is None or row.until > day) for row in client.care) <= 1


def test_a_manager_sees_and_edits_what_is_in_their_care_while_it_is_and_nothing_else(engine_db, cast):
    mine, other = a_client("甲方", manager=cast.manager), a_client("乙方")
    contact = a_contact(other)
    assert list(clients.list_clients(cast.manager, TODAY)) == [mine]
    assert clients.client_for(cast.manager, mine.id, TODAY) == mine
    assert clients.editable_client_for(cast.manager, mine.id, TODAY) == mine
    for attempt in (
        lambda: clients.client_for(cast.manager, other.id, TODAY),
        lambda: clients.editable_client_for(cast.manager, other.id, TODAY),
        lambda: contacts.contact_for(cast.manager, contact.id, TODAY),
        lambda: clients.client_for(cast.manager, 999, TODAY),
    ):
        with pytest.raises(NotFound):
            attempt()
    clients.put_in_care(mine, a_person("接手"), TODAY, BY, NOW)
    with pytest.raises(NotFound):
        clients.client_for(cast.manager, mine.id, TODAY)


@pytest.mark.parametrize("who", ["qa", "desk", "director"])
def test_who_only_looks_does_not_edit(cast, who):
    client = a_client()
    person = getattr(cast, who)
    assert clients.client_for(person, client.id, TODAY) == client
    with pytest.raises(NotFound):
        clients.editable_client_for(person, client.id, TODAY)


def test_the_migration_keeps_clients_and_notes_changes_from_now_on(engine_db):
    """0015 comes to a store with clients in it; what they were before is not known."""
    client = a_client(tier=Tier.CORE)
    migrate_again("0015", TierChange)
    clients.change_client(client, client.name, Tier.ORDINARY, "", "", BY, NOW)
    change = TierChange.get()
    assert (change.client, change.before, change.at) == (client, Tier.CORE, NOW)
    assert Client.get_by_id(client.id).tier == Tier.ORDINARY
