"""What every step checks first, on both engines: is there such a record, is something written."""

from __future__ import annotations

import pytest

from csat.models.people import Department
from csat.procedure.core.guards import LARGEST_KEY, found_or_refuse, get_or_refuse, is_key, need_text
from csat.procedure.core.refusals import NotFound, ValueMissing


def test_text_comes_back_without_space_around_it():
    assert need_text("  a word\n", "words") == "a word"


@pytest.mark.parametrize("blank", ["", " ", "\n\t\u3000"], ids=["empty", "space", "lines"])
@pytest.mark.parametrize(
    ("named", "field"), [(["words"], "words"), ([], "reason")], ids=["words", "most often a reason"]
)
def test_blank_text_is_missing_at_its_field(blank, named, field):
    with pytest.raises(ValueMissing) as refusal:
        need_text(blank, *named)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("number", "can_be"), [(-1, False), (0, False), (1, True), (LARGEST_KEY, True), (LARGEST_KEY + 1, False)]
)
def test_a_key_is_what_the_store_can_hold(number, can_be):
    assert is_key(number) is can_be


def test_a_record_is_found_by_its_key_by_a_condition_and_in_a_query(engine_db):
    first, second = Department.create(name="One"), Department.create(name="Two")
    assert get_or_refuse(Department, second.id) == second
    assert get_or_refuse(Department, Department.name == "One") == first
    assert get_or_refuse(Department.select().where(Department.name == "Two"), second.id) == second


def test_no_record_and_no_possible_key_are_not_found(engine_db):
    one = Department.create(name="One")
    for which in [(one.id + 1,), (one.id, Department.name == "Two"), (2**63,), (2**70,), (0,), (-1,)]:
        with pytest.raises(NotFound):
            get_or_refuse(Department, *which)
    with pytest.raises(NotFound):
        get_or_refuse(Department.select().where(Department.name == "Two"), one.id)
    assert get_or_refuse(Department, one.id) == one  # PostgreSQL's transaction is not broken off


def test_what_was_found_is_given_on():
    assert found_or_refuse(0) == 0
    with pytest.raises(NotFound):
        found_or_refuse(None)


@pytest.mark.parametrize("nothing", [[], (), set(), frozenset()], ids=["list", "tuple", "set", "frozenset"])
def test_an_empty_list_of_keys_is_no_row_and_none_of_it_every_row(engine_db, nothing):
    Department.create(name="One")
    there = Department.id.in_(nothing)
    assert not Department.select().where(there).exists()
    assert Department.select().where(there | (Department.name == "One")).count() == 1
    assert Department.select().where(Department.id.not_in(nothing)).count() == 1
