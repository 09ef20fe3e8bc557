"""Joined clients and contacts: one answer to who counts as whom, however long the chain."""

from __future__ import annotations

import pytest

from csat.figures.labels import ClientIndex
from csat.models.clients import Client, Contact
from csat.procedure.clients.merging import client_family, find_person, map_roots, same_person
from tests.builders import a_client, a_contact


@pytest.fixture
def chain(engine_db) -> list[Client]:
    """Each counts as the one before it; and a client apart."""
    top = a_client("华东物流")
    middle = a_client("华东仓储", counts_as=top)
    low = a_client("华东快运", counts_as=middle)
    return [top, middle, low, a_client("城建集团")]


def test_a_chain_of_clients_is_one_family_from_wherever_it_is_asked(chain):
    *family, apart = chain
    keys = {client.id for client in family}
    assert [client_family(client.id) for client in family] == [keys] * 3
    assert client_family(apart.id) == {apart.id}
    assert client_family(None) == set()


def test_the_root_of_a_chain_is_its_end_and_figures_say_the_same(chain):
    top, middle, low, apart = chain
    assert map_roots(Client) == {middle.id: top.id, low.id: top.id}
    index = ClientIndex()
    assert [index.root(client.id) for client in chain] == [top.id, top.id, top.id, apart.id]
    assert index.counting_as(top.id) == [top.id, middle.id, low.id]
    assert index.root(None) == index.root(apart.id + 1) == 0


def test_two_that_count_as_each_other_end_somewhere(chain):
    top, _, low, apart = chain
    Client.update(counts_as=low).where(Client.id == top.id).execute()
    assert set(map_roots(Client)) <= client_family(top.id)
    assert client_family(apart.id) == {apart.id}


def test_a_chain_of_contacts_is_one_person(engine_db):
    client = a_client()
    first = a_contact(client)
    second = a_contact(client, counts_as=first)
    third, other = a_contact(client, counts_as=second), a_contact(client, "李先生")
    keys = {first.id, second.id, third.id}
    for contact in (first, second, third):
        assert find_person(contact) == first and same_person(contact) == keys
    assert find_person(other) == other and same_person(other) == {other.id}
    assert map_roots(Contact) == {second.id: first.id, third.id: first.id}


def test_contacts_that_count_as_each_other_are_one_person(engine_db):
    first = a_contact(a_client())
    second = a_contact(first.client, counts_as=first)
    Contact.update(counts_as=second).where(Contact.id == first.id).execute()
    assert same_person(Contact.get_by_id(first.id)) == {first.id, second.id}
