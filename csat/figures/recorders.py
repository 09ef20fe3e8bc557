"""Who took records down, how satisfied they are, and what check calls heard (P7, §7): for QA to compare."""

from __future__ import annotations

from dataclasses import dataclass

from csat.database import reading
from csat.figures import response_rates, staff
from csat.figures.cube import OVERALL, TOTAL, Count, Place, totals_of
from csat.figures.rates import rate, rate_of
from csat.figures.suppression import too_few
from csat.figures.types import Name, Rate
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter

LOOKED_BACK = 4  # quarters: one quarter of one recorder is too little to compare


@dataclass(frozen=True)
class Recorder:
    """One recorder: the overall ratings they took down, in the quarter and in four, and their check calls."""

    key: str
    name: Name
    rate: Rate
    longer: Rate
    calls: Rate | None  # calls that contradict ÷ calls that told; None when none was drawn


@dataclass(frozen=True)
class Recorders:
    """All recorders, and what clients filled in themselves in the same four quarters."""

    rows: tuple[Recorder, ...]
    linked: Rate


def of(quarter: Quarter) -> Recorders:
    """The recorders of four quarters. Their records have a name; the sum by link is of shown totals (F4)."""
    with reading():
        return Recorders(tuple(_rows(quarter)), _linked(quarter))


def _rows(quarter: Quarter) -> list[Recorder]:
    span = [int(one) for one in quarter.back(LOOKED_BACK)]
    found, named = staff.counts(span, staff.RECORDER), staff.names_of(staff.RECORDER)
    calls = {one.rate.id.rsplit("/", 1)[1]: one.rate for one in response_rates.check_calls(quarter)}
    rows = []
    for key in sorted({key for of_quarter in found.values() for key in of_quarter}):
        id_, longer = f"{TOTAL}/recorder/{key}", Count(Place("", OVERALL))
        for of_quarter in found.values():
            one = of_quarter.get(key) or Count(Place("", OVERALL))
            longer.n, longer.of, longer.good = longer.n + one.n, longer.of + one.of, longer.good + one.good
        now = found[span[-1]].get(key) or Count(Place("", OVERALL))
        rates = rate_of(id_, now, False), rate_of(f"{id_}/four", longer, False)
        rows.append(Recorder(str(key), named[key], *rates, calls.get(str(key))))
    return sorted(rows, key=lambda row: (-(row.longer.value or 0), row.key))


def _linked(quarter: Quarter) -> Rate:
    """By link over four quarters; quarters that must not show are left out."""
    least, good, of_all = settings.whole("anonymous_least"), 0, 0
    for count in totals_of([int(one) for one in quarter.back(LOOKED_BACK)]).values():
        if not too_few(count.anonymous, least):
            good, of_all = good + count.good - count.spoken.good, of_all + count.of - count.spoken.of
    return rate("recorders/link", good, of_all)
