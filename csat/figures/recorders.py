"""Who took records down, how satisfied they are, and what check calls heard (P7, §7): for QA to compare."""

from __future__ import annotations

from dataclasses import dataclass

from csat.database import reading
from csat.figures import response_rates, staff
from csat.figures.audience import Audience
from csat.figures.cells import TOTAL, CellCount, CellKey
from csat.figures.cube import count_totals
from csat.figures.rates import make_cell_rate, make_rate
from csat.figures.suppression import is_too_few
from csat.figures.tally_queries import OVERALL
from csat.figures.types import LocalisedName, Rate
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.review.recorders import QUARTERS_COMPARED


@dataclass(frozen=True)
class RecorderRow:
    """One recorder: the overall ratings they took down, in the quarter and in four, and their check calls."""

    key: str
    name: LocalisedName
    rate: Rate
    longer: Rate
    calls: Rate | None  # calls that contradict ÷ calls that told; None when none was drawn


@dataclass(frozen=True)
class RecorderComparison:
    """All recorders, and what clients filled in themselves in the same four quarters."""

    rows: tuple[RecorderRow, ...]
    linked: Rate


def compare_recorders(quarter: Quarter, audience: Audience) -> RecorderComparison:
    """The recorders of four quarters. Their records have a name; the sum by link is of shown totals (F4)."""
    with reading():
        return RecorderComparison(tuple(_rows(quarter)), _linked(quarter, audience))


def _rows(quarter: Quarter) -> list[RecorderRow]:
    span = [int(one) for one in quarter.back(QUARTERS_COMPARED)]
    nothing = CellCount(CellKey("", OVERALL))
    found, named = staff.count_ratings(span, staff.RECORDER), staff.list_staff_names(staff.RECORDER)
    calls = {one.rate.id.rsplit("/", 1)[1]: one.rate for one in response_rates.rate_check_calls(quarter)}
    rows = []
    for key in sorted({key for of_quarter in found.values() for key in of_quarter}):
        id_, longer = f"{TOTAL}/recorder/{key}", CellCount(CellKey("", OVERALL))
        for of_quarter in found.values():
            longer.merge(of_quarter.get(key, nothing))
        rates = (
            make_cell_rate(id_, found[span[-1]].get(key, nothing), False),
            make_cell_rate(f"{id_}/four", longer, False),
        )
        rows.append(RecorderRow(str(key), named[key], *rates, calls.get(str(key))))
    return sorted(rows, key=lambda row: (-(row.longer.value or 0), row.key))


def _linked(quarter: Quarter, audience: Audience) -> Rate:
    """By link over four quarters; quarters that must not show are left out."""
    least, good, of_all = settings.get_whole_number("anonymous_least"), 0, 0
    for count in count_totals([int(one) for one in quarter.back(QUARTERS_COMPARED)], audience).values():
        if not is_too_few(count.anonymous, least):
            good, of_all = good + count.good - count.spoken.good, of_all + count.of - count.spoken.of
    return make_rate("recorders/link", good, of_all)
