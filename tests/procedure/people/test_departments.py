"""Who belongs to a department on a day, and in whose care a client is: from a day, until a day excluded."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from csat.models.clients import ClientCare
from csat.models.people import Membership, Person
from csat.procedure.core.refusals import NameTaken
from csat.procedure.people import departments, persons
from csat.procedure.people.departments import covers_day, list_members_on
from tests.builders import NOW, a_client, a_department, a_person
from tests.feedback_builders import a_stored_feedback

BY = "command:test"
TODAY = date(2026, 9, 14)
DAYS = [date(2026, 9, day) for day in (9, 10, 11, 19, 20, 21)]


@pytest.mark.parametrize(("until", "within"), [(date(2026, 9, 20), DAYS[1:4]), (None, DAYS[1:])])
def test_a_period_covers_its_first_day_and_not_the_day_it_ends(engine_db, until, within):
    period = {"person": a_person(), "since": date(2026, 9, 10), "until": until}
    Membership.create(department=a_department(), **period)
    ClientCare.create(client=a_client(), **period)
    for table in (Membership, ClientCare):
        assert [day for day in DAYS if table.select().where(covers_day(table, day)).exists()] == within


def test_members_on_a_day_are_those_of_that_day_in_use_by_name(db):
    here, elsewhere = a_department(), a_department("安全部")
    one, two = a_person("张工", department=here), a_person("李工", department=here)
    a_person("王工", department=elsewhere)
    Membership.create(person=a_person("赵工"), department=here, since=date(2026, 9, 15))
    assert list_members_on(here, NOW.date()) == [one, two] == list_members_on(here.id, NOW.date())
    Person.update(retired_at=NOW).where(Person.id == one.id).execute()
    assert list_members_on(here, NOW.date()) == [two] and list_members_on(None, NOW.date()) == []


def test_a_person_joins_a_department_from_a_day_on(db):
    network = departments.add_department("网络部", "Networks", BY, NOW)
    person = persons.add_person("李工", "li@provider.example", "", BY, NOW, network, since=TODAY)
    assert [row.since for row in departments.list_members(network)] == [TODAY]
    with pytest.raises(departments.AlreadyMember):
        departments.join_department(person, network, TODAY + timedelta(days=3), BY, NOW)


def test_a_membership_ends_on_a_day_and_is_remembered(db):
    network, person = a_department(), a_person()
    membership = departments.join_department(person, network, TODAY, BY, NOW)
    with pytest.raises(departments.EndsBeforeStart):
        departments.end_membership(membership, TODAY - timedelta(days=1), BY, NOW)
    departments.end_membership(membership, TODAY + timedelta(days=5), BY, NOW)
    assert departments.list_members(network)[0].until == TODAY + timedelta(days=5)


def test_two_departments_never_share_a_name(db):
    departments.add_department("网络部", "", BY, NOW)
    with pytest.raises(NameTaken):
        departments.add_department(" 网络部 ", "", BY, NOW)


def test_a_department_with_open_feedback_is_not_retired(db):
    network = a_department()
    a_stored_feedback(department=network)
    with pytest.raises(departments.DepartmentBusy):
        departments.retire_department(network, BY, NOW)
