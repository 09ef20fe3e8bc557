"""Importance against satisfaction: what to improve first (F5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import mean

from peewee import fn

from csat.figures import labels
from csat.figures.audience import Audience, tallied_conditions
from csat.figures.statistics import pearson_correlation
from csat.figures.tally_queries import OVERALL
from csat.figures.types import ImportanceRow, LocalisedName, Rate
from csat.models.questionnaires import Dimension
from csat.models.reporting import Tally

# (matters more than most, pleases more than most)
QUADRANTS = {(True, True): "strength", (True, False): "first", (False, True): "keep", (False, False): "secondary"}
QuadrantCut = tuple[float, float]


def place_dimensions(
    quarter: int, rated: Sequence[tuple[Dimension, Rate]], audience: Audience
) -> tuple[tuple[ImportanceRow, ...], QuadrantCut | None]:
    """Each dimension by its correlation with the overall rating and by its rate; the means part the quadrants."""
    pairs = _pairs(quarter, audience)
    # what is hidden has no correlation either (F4)
    found = [(one, None if rate.hidden else pearson_correlation(pairs[one]), rate) for one, rate in rated]
    known = [(way, rate.value) for _, way, rate in found if way is not None and rate.value is not None]
    cut = (mean(x for x, _ in known), mean(y for _, y in known)) if known else None
    names = labels.localise_dimensions(one for one, _, _ in found)
    return tuple(_placed(one, names[one], way, rate, cut) for one, way, rate in found), cut


def _placed(
    one: Dimension, name: LocalisedName, way: float | None, rate: Rate, cut: QuadrantCut | None
) -> ImportanceRow:
    quadrant = "unknown"
    if way is not None and cut is not None and rate.value is not None:
        quadrant = QUADRANTS[way >= cut[0], rate.value >= cut[1]]
    return ImportanceRow(str(one), name, way, rate, quadrant)


def _pairs(quarter: int, audience: Audience) -> dict[str, Counter[tuple[int, int]]]:
    """(rating, overall rating of the same response) → how often, by dimension."""
    columns = (Tally.dimension, Tally.value, Tally.overall)
    rows = (
        Tally.select(*columns, fn.SUM(Tally.n))
        .where(Tally.quarter == quarter, Tally.client == 0, Tally.question == "")
        .where(Tally.dimension.not_in(["", OVERALL]), Tally.value >= 1, *tallied_conditions(audience))
        .group_by(*columns)
    )
    found: dict[str, Counter[tuple[int, int]]] = defaultdict(Counter)
    for dimension, value, overall, n in rows.tuples():
        found[dimension][(value, overall)] += n
    return found
