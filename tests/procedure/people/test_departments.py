"""Who belongs to a department on a day, and in whose care a client is: from a day, until a day excluded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from csat.models.clients import AliasKind, ClientCare
from csat.models.people import Department, Membership, Person
from csat.models.roles import Role
from csat.procedure.clients.external_names import NameResolver
from csat.procedure.core.bilingual import TextIsMarkup, TextTooLong
from csat.procedure.core.refusals import NameTaken, ValueMissing
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


def resolve(name: str) -> int | None:
    return NameResolver("tickets").find(AliasKind.DEPARTMENT, name)


def test_a_renamed_department_is_found_by_the_names_it_had(engine_db):
    network = departments.add_department("网络部", "Networks", BY, NOW)
    departments.rename_department(network, "网络与安全部", "Networks and security", BY, NOW)
    network = Department.get_by_id(network.id)
    departments.change_department(network, "平台部", "Networks and security", None, BY, NOW)
    assert set(departments.list_former_names()[network.id]) == {"网络部", "Networks", "网络与安全部"}
    assert {resolve(name) for name in ("网络部", "Networks", "网络与安全部", "平台部")} == {network.id}
    assert resolve("存储部") is None
    entry = departments.find_last_renamings()[network.id]
    assert entry.action == "department renamed" and "平台部" in entry.details.get().detail


def test_who_bears_a_name_now_comes_before_who_bore_it(db):
    old = departments.add_department("网络部", "", BY, NOW)
    departments.rename_department(old, "平台部", "", BY, NOW)
    heir = departments.add_department("网络部", "", BY, NOW)
    assert resolve("网络部") == heir.id
    departments.rename_department(heir, "安全部", "", BY, NOW)
    assert resolve("网络部") == heir.id and resolve("平台部") == old.id


def test_a_name_that_another_department_has_in_either_language_is_refused(db):
    departments.add_department("网络部", "Networks", BY, NOW)
    other = departments.add_department("平台部", "", BY, NOW)
    for names, field in ((("网络部", ""), "name"), (("平台部", "Networks"), "name_en"), (("Networks", ""), "name")):
        with pytest.raises(NameTaken) as refusal:
            departments.rename_department(other, *names, BY, NOW)
        assert refusal.value.field == field
    departments.rename_department(other, "IT", "IT", BY, NOW)


@pytest.mark.parametrize(
    ("typed", "refused"), [("长" * 5000, TextTooLong), ("<i>部</i>", TextIsMarkup), (" ", ValueMissing)]
)
def test_a_name_that_cannot_be_shown_is_refused(db, typed, refused):
    with pytest.raises(refused):
        departments.rename_department(a_department(), typed, "", BY, NOW)


def test_who_works_there_now_goes_by_the_day_where_the_provider_is(db):
    there = a_department()
    owner = a_person("邓宁", Role.DEPARTMENT)
    departments.join_department(owner, there, date(2026, 9, 15), "command:test", NOW)
    midnight = datetime(2026, 9, 14, 16, 0, tzinfo=UTC)  # in Shanghai
    assert departments.list_workers(there, midnight - timedelta(seconds=1)) == []
    assert departments.list_workers(there, midnight) == [owner]
