"""The tests of two shares against published values."""

from __future__ import annotations

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.procedure.core.statistics import fisher_exact_p_value, two_proportion_p_value


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


def test_shares_of_nothing_or_of_everything_show_no_difference():
    assert two_proportion_p_value(0, 0, 5, 10) == 1.0
    assert two_proportion_p_value(10, 10, 7, 7) == 1.0
    assert two_proportion_p_value(5, 10, 50, 100) == pytest.approx(1.0)


@given(n=st.integers(1, 500), m=st.integers(1, 500), data=st.data())
def test_the_test_is_a_probability_and_does_not_mind_the_order(n, m, data):
    good, well = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    p = two_proportion_p_value(good, n, well, m)
    assert 0 <= p <= 1
    assert p == pytest.approx(two_proportion_p_value(well, m, good, n))
