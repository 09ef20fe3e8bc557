"""The quarter: borders by the local calendar, and its two ways to be written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from csat.procedure.core.quarter import Quarter
from tests.builders import ZONE


def test_a_quarter_begins_and_ends_where_the_provider_is():
    third = Quarter(2026, 3)
    assert third.start(ZONE) == datetime(2026, 6, 30, 16, tzinfo=UTC)
    assert third.end(ZONE) == Quarter(2026, 4).start(ZONE) == datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert Quarter.of(third.end(ZONE), ZONE) == Quarter(2026, 4)
    assert Quarter.of(third.end(ZONE) - timedelta(microseconds=1), ZONE) == third


@pytest.mark.parametrize(
    ("number", "first", "last"), [(1, (1, 1), (3, 31)), (3, (7, 1), (9, 30)), (4, (10, 1), (12, 31))]
)
def test_its_days_are_those_of_the_calendar(number, first, last):
    quarter = Quarter(2026, number)
    assert (quarter.first_day, quarter.last_day) == (date(2026, *first), date(2026, *last))
    assert Quarter.of_day(quarter.first_day) == Quarter.of_day(quarter.last_day) == quarter


def test_it_is_read_as_it_is_written():
    assert Quarter.parse(str(Quarter(2026, 3))) == Quarter.from_int(int(Quarter(2026, 3))) == Quarter(2026, 3)
    for text in ("", "2026", "2026Q5", "2026Q0", "26Q3", "2026Q3x"):
        with pytest.raises(ValueError, match="is no quarter"):
            Quarter.parse(text)


def test_one_counts_over_the_year():
    assert Quarter(2026, 1).plus(-1) == Quarter(2025, 4) and Quarter(2025, 4).plus(2) == Quarter(2026, 2)
    assert Quarter(2026, 1).back(3) == [Quarter(2025, 3), Quarter(2025, 4), Quarter(2026, 1)]
