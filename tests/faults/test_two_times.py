"""A reader of every version and every live figure, over 200 random quarters, solves them for single answers (F4)."""

from __future__ import annotations

from contextlib import suppress

import pytest

from csat import database
from tests.figures.test_two_times import a_quarter
from tests.two_times import find_told

pytestmark = pytest.mark.fault
FIRST_SEED, QUARTERS_EACH = 1000, 20


class Undone(Exception):
    """Ends a quarter without leaving anything in the store."""


@pytest.mark.parametrize("group", range(10))
def test_twenty_random_quarters_tell_nobody_who_reads_them_all(db, group):
    for seed in range(QUARTERS_EACH):
        with suppress(Undone), database.write():
            quarter = a_quarter(FIRST_SEED + group * QUARTERS_EACH + seed, acts=16)
            assert find_told(quarter.read) == [], seed
            assert quarter.versions >= 2
            raise Undone
