"""The staff: who joins, and what ends when somebody leaves."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from csat.models.access import Session
from csat.models.people import Membership, Person
from csat.models.roles import Role
from csat.procedure.clients import clients
from csat.procedure.core.refusals import ValueMissing
from csat.procedure.people import accounts, persons, sessions
from csat.procedure.people.accounts import PersonRetired
from csat.procedure.people.permissions import roles_of
from csat.procedure.people.persons import ClientsStillInCare
from tests.builders import NOW, ZONE, a_client, a_department, a_person, an_account

BY = "command:test"
TODAY = date(2026, 9, 14)


def test_a_person_needs_a_name(db):
    with pytest.raises(ValueMissing):
        persons.add_person("  ", "", "", BY, NOW)


def test_who_joins_without_a_day_belongs_there_from_the_providers_today_on(db):
    night = datetime(2026, 9, 13, 18, 0, tzinfo=UTC)  # two in the morning of the 14th in Shanghai
    persons.add_person("李工", "", "", BY, night, a_department(), ZONE)
    assert Membership.get().since == TODAY


def test_who_leaves_loses_account_roles_and_memberships_at_once(engine_db):
    network = a_department()
    person = a_person("李工", Role.QA, department=network)
    account = an_account(person)
    sessions.begin_session(account, NOW)
    persons.retire_person(person, TODAY, BY, NOW)
    assert not roles_of(person) and not Session.select().exists()
    assert accounts.find_account_by_user_name(account.user_name) is None
    assert Membership.get().until == TODAY
    assert list(persons.search_persons()) == [] and list(persons.search_persons(retired=True)) == [person]
    with pytest.raises(PersonRetired):
        accounts.grant_role(Person.get_by_id(person.id), Role.QA, BY, NOW)


def test_who_still_cares_for_clients_does_not_leave_unnoticed(db):
    manager = a_person("程远", Role.MANAGER)
    client = a_client(manager=manager)
    with pytest.raises(ClientsStillInCare):
        persons.retire_person(manager, TODAY, BY, NOW)
    clients.put_in_care(client, a_person("新经理"), TODAY, BY, NOW)
    persons.retire_person(manager, TODAY, BY, NOW)
