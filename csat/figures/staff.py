"""Managers, departments and engineers by overall ratings: of answers with a name only (P12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from csat.figures import labels, tally_queries
from csat.figures.cells import TOTAL, CellCount, CellKey
from csat.figures.labels import ClientIndex
from csat.figures.quarter_counts import build_trend_point
from csat.figures.rates import make_cut_row
from csat.figures.tally_queries import OVERALL
from csat.figures.types import CutRow, LocalisedName, TrendPoint
from csat.models.asking import RECORDED_CHANNELS
from csat.models.people import Department, Person
from csat.models.reporting import Tally
from csat.procedure.core.quarter import Quarter

MANAGER, DEPARTMENT, ENGINEER, RECORDER, CLIENT = "manager", "department", "engineer", "recorder", "client"
STAFF_COLUMNS = {MANAGER: Tally.manager, DEPARTMENT: Tally.department, ENGINEER: Tally.engineer}
STAFF_COLUMNS |= {RECORDER: Tally.recorder, CLIENT: Tally.client}

StaffCounts = dict[int, dict[int, CellCount]]  # by quarter and person or department


def count_ratings(quarters: Sequence[int], sort: str, **only: int | Sequence[int]) -> StaffCounts:
    """Overall ratings with a name by one of COLUMNS; `only` those of one of another, or of some clients."""
    column = STAFF_COLUMNS[sort]
    columns = (Tally.quarter, column.alias("key"), tally_queries.SPOKEN_COLUMN)
    query = tally_queries.select_ratings(*columns).where(*_here(quarters, only))
    if sort != CLIENT:
        query = query.where(column != 0)
    if sort == RECORDER:  # a printed form was answered by the client; who typed it in recorded no talk
        query = query.where(Tally.channel.in_(RECORDED_CHANNELS))
    found: StaffCounts = {quarter: {} for quarter in quarters}
    for row in query.group_by(Tally.quarter, column, tally_queries.SPOKEN_GROUP).namedtuples():
        count = found[row.quarter].setdefault(row.key, CellCount(CellKey(f"{TOTAL}/{sort}/{row.key}", sort)))
        count.add_ratings(row)
        count.add_people(row.ratings, anonymous=False, spoken=row.spoken)  # one overall rating per response
    return found


def count_distribution(quarter: int, sort: str, key: int) -> tuple[int, int, int, int, int]:
    """How often each overall rating 1–5 was given about one of them."""
    query = tally_queries.select_ratings(Tally.value).where(*_here([quarter], {sort: key})).group_by(Tally.value)
    found = {row.value: row.ratings for row in query.namedtuples()}
    one, two, three, four, five = (found.get(value, 0) for value in range(1, 6))
    return one, two, three, four, five


def build_rows(quarter: Quarter, sort: str, **only: int | Sequence[int]) -> Iterable[CutRow]:
    """A row for each of them with answers in a quarter, by name."""
    now, before = int(quarter), int(quarter.plus(-1))
    found, named = count_ratings([before, now], sort, **only), list_staff_names(sort)
    for key in sorted(found[now], key=lambda key: (named[key]["zh"], key)):
        yield build_row(sort, key, named[key], found[now][key], found[before].get(key))


def build_row(sort: str, key: int, name: LocalisedName, now: CellCount | None, before: CellCount | None) -> CutRow:
    """The line of one of them, with the quarter before."""
    cell = f"{TOTAL}/{sort}/{key}"
    nothing = CellCount(CellKey(cell, sort))
    return make_cut_row(cell, str(key), name, now or nothing, before or nothing)


def build_staff_trend(counted: StaffCounts, sort: str, key: int) -> Iterable[TrendPoint]:
    """The quarters of one of them, as they were counted."""
    for quarter, by_key in counted.items():
        count = by_key.get(key) or CellCount(CellKey("", sort))
        yield build_trend_point(quarter, f"{TOTAL}/{sort}/{key}/trend/{quarter}", count, False)


def build_client_rows(clients: ClientIndex, quarter: Quarter, **only: int) -> Iterable[CutRow]:
    """The same answers by client, merged ones as one."""
    now, before = int(quarter), int(quarter.plus(-1))
    found = {one: _merge(of, clients) for one, of in count_ratings([before, now], CLIENT, **only).items()}
    for key in clients.in_order(found[now]):
        yield build_row(CLIENT, key, clients.name(key), found[now][key], found[before].get(key))


def list_staff_names(sort: str) -> Mapping[int, LocalisedName]:
    """What managers, departments, engineers or recorders are called."""
    if sort == DEPARTMENT:
        return {one.id: labels.localise_record(one) for one in Department.select()}
    return {one.id: labels.localise_person(one) for one in Person.select()}


def _merge(of: Mapping[int, CellCount], clients: ClientIndex) -> dict[int, CellCount]:
    found: dict[int, CellCount] = defaultdict(lambda: CellCount(CellKey("", CLIENT)))
    for key, count in of.items():
        found[clients.root(key)].merge(count)
    return found


def _here(quarters: Sequence[int], only: Mapping[str, int | Sequence[int]]) -> list[Any]:
    """The rows of the tally that know whom an answer is about."""
    here = [Tally.quarter.in_(list(quarters)), Tally.question == "", Tally.dimension == OVERALL]
    for sort, keys in only.items():
        here.append(STAFF_COLUMNS[sort].in_([keys] if isinstance(keys, int) else list(keys)))
    # An anonymous answer is about nobody; one that said otherwise is left out all the same. Taking these figures from a
    # client's leaves all anonymous answers of a cell that shows: k or more (F4).
    return [*here, ~Tally.anonymous]
