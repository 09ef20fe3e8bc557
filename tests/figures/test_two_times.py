"""Whoever keeps all readings of a quarter learns of nobody's answer (F4): a few random quarters, and the rule off."""

from __future__ import annotations

from random import Random

import pytest

from csat.figures.audience import Audience
from csat.procedure.review import tally
from tests.cast import a_cast
from tests.two_times import RandomQuarter, find_told


def a_quarter(seed: int, acts: int, audience: Audience = Audience.OTHERS) -> RandomQuarter:
    cast = a_cast()
    quarter = RandomQuarter(Random(seed), (cast.qa, cast.qa2), audience)
    quarter.play(acts)
    return quarter


@pytest.mark.parametrize("seed", range(2))
def test_nothing_follows_from_all_readings_together(db, seed):
    quarter = a_quarter(seed, acts=8)
    assert quarter.versions >= 2 and len(quarter.read) >= 5
    assert find_told(quarter.read) == []


def test_the_same_attacker_wins_where_live_figures_are_open_to_all(db):
    assert find_told(a_quarter(1, 16, Audience.RESPONSE_READERS).read)


def test_the_same_attacker_wins_where_late_and_refused_move_one_by_one(db, monkeypatch):
    monkeypatch.setattr(tally, "is_told", lambda quarter: False)
    assert find_told(a_quarter(1, acts=12).read)
