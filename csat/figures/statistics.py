"""The statistics that figures rest on. Formulas and sources stand in docs/figures.md."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist

from csat.procedure.core.statistics import two_proportion_p_value

Z = NormalDist().inv_cdf(0.975)  # 95 %, both sides
SIGNIFICANCE_LEVEL = 0.05
FEWEST_RESPONSES = 3  # of fewer responses nothing is called clear, whatever the interval says
FEWEST_PAIRS = 10  # a correlation of fewer says nothing


def wilson_interval(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of n (Wilson 1927): low and high, within 0–1."""
    middle = share + Z * Z / (2 * n)
    spread = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    whole = 1 + Z * Z / n
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


def compare_shares(share: float, n: int, before: float, n_before: int) -> str:
    """Whether a share moved more than chance alone explains: 'better', 'worse', 'same' or 'unknown' (F4)."""
    if not n or not n_before:
        return "unknown"
    if min(n, n_before) < FEWEST_RESPONSES:
        return "same"
    if two_proportion_p_value(share * n, n, before * n_before, n_before) >= SIGNIFICANCE_LEVEL:
        return "same"
    return "better" if share > before else "worse"


def binomial_lower_tail(good: int, n: int, share: float) -> float:
    """How likely at most so many of n are good where each is with this probability (exact binomial), 0–1."""
    if good >= n or not 0 < share < 1:
        return 1.0 if good >= n or share <= 0 else 0.0
    ways = (_logged_ways(one, n) + one * math.log(share) + (n - one) * math.log1p(-share) for one in range(good + 1))
    return min(1.0, math.fsum(math.exp(way) for way in ways))


def _logged_ways(one: int, n: int) -> float:
    """The logarithm of n over one: the number itself is too large for many responses."""
    return math.lgamma(n + 1) - math.lgamma(one + 1) - math.lgamma(n - one + 1)


def pearson_correlation(pairs: Mapping[tuple[int, int], int]) -> float | None:
    """Pearson's correlation of counted pairs, −1…1; None of fewer than ten or where one side never varies."""
    n = sum(pairs.values())
    if n < FEWEST_PAIRS:
        return None
    sum_x = sum(x * many for (x, _), many in pairs.items())
    sum_y = sum(y * many for (_, y), many in pairs.items())
    square_x = n * sum(x * x * many for (x, _), many in pairs.items()) - sum_x * sum_x
    square_y = n * sum(y * y * many for (_, y), many in pairs.items()) - sum_y * sum_y
    if not square_x or not square_y:
        return None
    together = n * sum(x * y * many for (x, y), many in pairs.items()) - sum_x * sum_y
    return together / math.sqrt(square_x * square_y)
