"""Who belongs to a department on a day, and in whose care a client is: from a day, until a day excluded."""

from __future__ import annotations

from datetime import date

import pytest

from csat.models.clients import ClientCare
from csat.models.people import Membership, Person
from csat.procedure.people.departments import covers_day, list_members_on
from tests.builders import NOW, a_client, a_department, a_person

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
