"""Statistics against published values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.figures import statistics


@pytest.mark.parametrize(
    ("good", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_intervals_of_newcombe_1998_table_1(good, n, low, high):
    # R. G. Newcombe, Statistics in Medicine 17 (1998), 857–872, table I, method 3.
    assert statistics.wilson_interval(good / n, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_one_bad_answer_is_no_change():
    assert statistics.compare_shares(3 / 4, 4, 1.0, 17) == "same"
    assert statistics.compare_shares(0.0, 1, 12 / 13, 13) == "same"


def test_of_fewer_than_three_responses_no_change_is_called_one():
    # The exact test alone would: p = 1/51, and 1/1326.
    assert statistics.compare_shares(0.0, 1, 1.0, 50) == "same"
    assert statistics.compare_shares(1.0, 50, 0.0, 2) == "same"
    assert statistics.compare_shares(0.0, 3, 1.0, 50) == "worse"


def test_correlation_gives_the_value_of_anscombe():
    # F. J. Anscombe, The American Statistician 27 (1973), first data set, times 100: r = 0.816.
    x = (10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5)
    y = (804, 695, 758, 881, 833, 996, 724, 426, 1084, 482, 568)
    assert statistics.pearson_correlation(dict.fromkeys(zip(x, y, strict=True), 1)) == pytest.approx(0.816, abs=5e-4)


def test_few_pairs_or_pairs_that_never_vary_have_no_correlation():
    assert statistics.pearson_correlation({(5, 4): 9}) is None
    assert statistics.pearson_correlation({(5, 4): 10, (5, 1): 10}) is None


def test_at_most_so_many_good_ones_are_as_likely_as_the_table_of_the_binomial_says():
    # Tables of the binomial distribution, n = 10, p = 0.9: 6 or fewer 0.0128, 7 or fewer 0.0702.
    assert statistics.binomial_lower_tail(6, 10, 0.9) == pytest.approx(0.0128, abs=5e-5)
    assert statistics.binomial_lower_tail(7, 10, 0.9) == pytest.approx(0.0702, abs=5e-5)
    assert statistics.binomial_lower_tail(10, 10, 0.9) == 1.0


def test_a_change_is_told_only_beyond_chance():
    assert statistics.compare_shares(0.95, 200, 0.80, 200) == "better"
    assert statistics.compare_shares(0.80, 200, 0.95, 200) == "worse"
    assert statistics.compare_shares(0.90, 20, 0.85, 20) == "same"
    assert statistics.compare_shares(0.90, 20, 0.85, 0) == "unknown"


@given(n=st.integers(1, 10_000), part=st.floats(0, 1))
def test_an_interval_holds_its_share_and_stays_within_0_and_1(n, part):
    low, high = statistics.wilson_interval(part, n)
    assert 0 <= low <= part + 1e-9
    assert part - 1e-9 <= high <= 1
