"""What stands out in a quarter, by rules that anybody can check: where to look first, never why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from csat.database import reading
from csat.figures import response_rates, staff
from csat.figures.feedback import list_overdue_by_department
from csat.figures.statistics import FEWEST_RESPONSES, binomial_lower_tail
from csat.figures.types import CheckCallRow, CutRow, LocalisedName, QuarterFigures, Rate
from csat.models.base import Json
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import recorders

# How seldom so few satisfied ones would be chance at a client that meets the target. One in twenty would be found by
# chance alone among many clients and rules.
ONE_SIDED_CHANCE = 0.025
MANY_CONTRADICTED = 2  # check calls
MANY_OVERDUE, MOST_OF_THEM = 3, 0.5


@dataclass(frozen=True)
class Highlight:
    """Something that stands out: by which rule, about whom or what, in which quarter, with which numbers."""

    rule: str
    name: LocalisedName
    key: str
    quarter: int
    good: bool = False
    facts: Json = field(default_factory=dict)


def find_highlights(figures: QuarterFigures, now: datetime, zone: tzinfo) -> tuple[Highlight, ...]:
    """What stands out, what is to be looked at first and what pleases last."""
    quarter = Quarter.from_int(figures.quarter)
    runs = now < quarter.end(zone)
    with reading():
        found = [
            *_below(figures, "client", [row for row in figures.clients if row.tier], runs),
            *_below(figures, "department", figures.departments, runs),
            *_recorders(quarter),
            *_contradicted(figures.check_calls, quarter),
            *(_contradicted(response_rates.rate_check_calls(quarter.plus(-1)), quarter.plus(-1)) if runs else ()),
            *_overdue(figures, now, runs),
            *_moved(figures, "dimension", figures.dimensions),
            *_first(figures),
            *_moved(figures, "client", [row for row in figures.clients if row.tier]),
            *_moved(figures, "department", figures.departments),
        ]
    told: dict[tuple[str, str], Highlight] = {}
    for one in found:
        told.setdefault((one.rule.split("_")[0], one.key), one)  # of one of them the gravest is enough
    return tuple(sorted(told.values(), key=lambda one: one.good))


def _below(figures: QuarterFigures, sort: str, rows: Iterable[CutRow], runs: bool) -> Iterable[Highlight]:
    """Below the target beyond chance; while a quarter runs, also in the quarter before."""
    before = int(Quarter.from_int(figures.quarter).plus(-1))
    for row in rows:
        readings = [(figures.quarter, row.rate), *([(before, row.before)] if runs and row.before else [])]
        if missed := next((one for one in readings if _misses(one[1], figures.target)), None):
            facts = {"share": missed[1].value, "n": missed[1].n, "target": figures.target}
            yield Highlight(f"{sort}_below", row.name, row.key, missed[0], facts=facts)


def _misses(rate: Rate, target: float) -> bool:
    if rate.value is None or rate.good is None or (rate.n or 0) < FEWEST_RESPONSES or rate.value >= target:
        return False
    return binomial_lower_tail(rate.good, rate.n or 0, target) < ONE_SIDED_CHANCE


def _recorders(quarter: Quarter) -> Iterable[Highlight]:
    """Records far above what the same clients say by link (§7)."""
    named = staff.list_staff_names(staff.RECORDER)
    for key, one in recorders.find_high_recorders(quarter).items():
        facts = {"share": one.good / one.n, "n": one.n, "quarters": recorders.QUARTERS_COMPARED}
        yield Highlight("recorder_high", named[key], str(key), int(quarter), facts=facts)


def _contradicted(calls: Iterable[CheckCallRow], quarter: Quarter) -> Iterable[Highlight]:
    """Check calls that heard something else than the record says (P7)."""
    for one in calls:
        if (one.rate.good or 0) >= MANY_CONTRADICTED:
            name, key = {"zh": one.recorder, "en": one.recorder}, one.rate.id.rsplit("/", 1)[1]
            facts = {"good": one.rate.good, "of": one.rate.of}
            yield Highlight("calls_contradict", name, key, int(quarter), facts=facts)


def _overdue(figures: QuarterFigures, now: datetime, runs: bool) -> Iterable[Highlight]:
    """The department with most of the overdue feedback: of the quarter, or of all while it runs."""
    late = list_overdue_by_department(None if runs else figures.quarter, now)
    number = sum(many for _, _, many in late)
    for key, name, many in late[:1]:
        if many >= MANY_OVERDUE and many >= number * MOST_OF_THEM:
            facts = {"number": many, "all": number, "everywhere": runs}
            yield Highlight("overdue_most", name, str(key), figures.quarter, facts=facts)


def _moved(figures: QuarterFigures, sort: str, rows: Iterable[CutRow]) -> Iterable[Highlight]:
    """What moved more than chance explains since the quarter before (F4)."""
    for row in rows:
        if row.change in ("worse", "better") and row.before is not None:
            rule = f"{sort}_{'fell' if row.change == 'worse' else 'rose'}"
            facts = {"share": row.rate.value, "before": row.before.value, "n": row.rate.n}
            yield Highlight(rule, row.name, row.key, figures.quarter, row.change == "better", facts)


def _first(figures: QuarterFigures) -> Iterable[Highlight]:
    """The dimension that pleases least of those that matter most (F5)."""
    first = (one for one in figures.importance if one.quadrant == "first")
    if one := min(first, key=lambda one: one.satisfaction.value or 0, default=None):
        facts = {"share": one.satisfaction.value, "n": one.satisfaction.n}
        yield Highlight("dimension_first", one.name, one.dimension, figures.quarter, facts=facts)
