"""Statistics against published values."""

from __future__ import annotations

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.figures import statistics
from csat.procedure.review.tally import fisher_exact_p_value, two_proportion_p_value


@pytest.mark.parametrize(
    ("good", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_intervals_of_newcombe_1998_table_1(good, n, low, high):
    # R. G. Newcombe, Statistics in Medicine 17 (1998), 857–872, table I, method 3.
    assert statistics.wilson_interval(good / n, n) == (
        pytest.approx(low, abs=5e-5),
        pytest.approx(high, abs=5e-5),
    )


def test_two_proportions_give_the_value_of_the_documentation_of_statsmodels():
    # statsmodels, proportions_ztest: 5 of 83 against 12 of 99, two-sided, pooled: p = 0.159.
    assert two_proportion_p_value(5, 83, 12, 99) == pytest.approx(0.159, abs=5e-4)


def test_two_proportions_give_the_chi_square_of_agresti():
    # A. Agresti, An Introduction to Categorical Data Analysis, aspirin against placebo: X² = z² = 25.01.
    p = two_proportion_p_value(104, 11037, 189, 11034)
    assert NormalDist().inv_cdf(1 - p / 2) ** 2 == pytest.approx(25.01, abs=5e-3)


def test_few_expected_are_tested_exactly():
    # R. A. Fisher's twins: 2 of 17 dizygotic against 10 of 13 monozygotic convicted, p = 0.0005367.
    assert fisher_exact_p_value(2, 17, 10, 13) == pytest.approx(0.0005367, abs=5e-8)
    # Fisher's lady tasting tea: 3 of 4 against 1 of 4, p = 0.4857.
    assert two_proportion_p_value(3, 4, 1, 4) == pytest.approx(0.4857, abs=5e-5)


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
    assert statistics.pearson_correlation(dict.fromkeys(zip(x, y, strict=True), 1)) == pytest.approx(
        0.816, abs=5e-4
    )


def test_few_pairs_or_pairs_that_never_vary_have_no_correlation():
    assert statistics.pearson_correlation({(5, 4): 9}) is None
    assert statistics.pearson_correlation({(5, 4): 10, (5, 1): 10}) is None


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


@given(n=st.integers(1, 500), m=st.integers(1, 500), data=st.data())
def test_the_test_is_a_probability_and_does_not_mind_the_order(n, m, data):
    good, well = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    p = two_proportion_p_value(good, n, well, m)
    assert 0 <= p <= 1
    assert p == pytest.approx(two_proportion_p_value(well, m, good, n))
