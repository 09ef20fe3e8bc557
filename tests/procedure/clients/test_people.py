"""Which contacts are one person, by their addresses (D7)."""

from __future__ import annotations

import pytest

from csat.procedure.clients.people import map_people
from tests.builders import a_client, a_contact

NOBODY = {"email": "", "telephone": ""}


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"email": "Wang@X.cn"}, {"email": "ｗａｎｇ@x.cn "}, True),
        ({"email": "wang@x.cn"}, {"email": "wang+2@x.cn"}, True),
        ({"email": "wang@x.cn"}, {"email": "li@x.cn"}, False),
        ({"telephone": "138 1234 5678"}, {"telephone": "+86-13812345678"}, True),
        ({"email": "a@x.cn", "telephone": "13812345678"}, {"email": "b@x.cn", "telephone": "008613812345678"}, True),
        ({"email": "a@x.cn", "telephone": "0755-8888 1000"}, {"email": "b@x.cn", "telephone": "075588881000"}, False),
        ({"telephone": "0755-8888 1000"}, {"telephone": "0755 88881000"}, True),
        ({}, {}, False),
    ],
)
def test_one_address_is_one_person_and_a_switchboard_is_many(db, first, second, same):
    client = a_client()
    one, other = (a_contact(client, name, **{**NOBODY, **reach}) for name, reach in (("王", first), ("李", second)))
    people = map_people()
    assert (people[one.id] == people[other.id]) is same


def test_who_shares_with_a_third_is_the_same_person_too(db):
    client = a_client()
    one = a_contact(client, "王", **{**NOBODY, "email": "w@x.cn"})
    two = a_contact(client, "王一", email="w@x.cn", telephone="13812345678")
    three = a_contact(client, "王二", **{**NOBODY, "telephone": "13812345678"})
    four = a_contact(client, "王三", **NOBODY, counts_as=three)
    assert {map_people()[each.id] for each in (one, two, three, four)} == {one.id}
