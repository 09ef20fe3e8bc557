"""Whether two shares differ by more than chance: asked by figures and by signals of authenticity (F4, §7)."""

from __future__ import annotations

import math

FEWEST_EXPECTED = 5  # in each cell, for the z test to hold


def two_proportion_p_value(good1: float, n1: float, good2: float, n2: float) -> float:
    """How likely chance alone makes two shares differ this much, two-sided, 0–1; 1.0 where a side is empty.

    The pooled z test; where fewer than five are expected in a cell, where it calls single answers a change, Fisher's.
    """
    if not n1 or not n2:
        return 1.0
    pooled = (good1 + good2) / (n1 + n2)
    if min(pooled, 1 - pooled) * min(n1, n2) < FEWEST_EXPECTED:
        return fisher_exact_p_value(round(good1), round(n1), round(good2), round(n2))
    spread = math.sqrt(max(pooled * (1 - pooled), 0.0) * (1 / n1 + 1 / n2))
    if not spread:
        return 1.0
    return math.erfc(abs(good1 / n1 - good2 / n2) / spread / math.sqrt(2))


def fisher_exact_p_value(good1: int, n1: int, good2: int, n2: int) -> float:
    """Fisher's exact test, two-sided: how likely a table at most as likely as this one is."""
    good, tables = good1 + good2, math.comb(n1 + n2, good1 + good2)
    ways = [math.comb(n1, one) * math.comb(n2, good - one) for one in range(max(0, good - n2), min(n1, good) + 1)]
    seen = math.comb(n1, good1) * math.comb(n2, good2)
    return sum(way for way in ways if way <= seen) / tables
