"""Managers, departments and engineers by overall ratings: of answers with a name only (P12).

Only an answer with a name carries its incident, and with it whom it is about. The tally gives anonymous
answers nobody; should a row ever say otherwise it is left out here. So no such figure holds an anonymous
answer, and none can be had by taking these figures from each other or from a client's: what is left then is
all the anonymous answers of a cell that shows, which are k or more (F4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from csat.figures import names, tally_queries
from csat.figures.cube import OVERALL, TOTAL, Count, Part, Place
from csat.figures.labels import Clients
from csat.figures.quarter_counts import point
from csat.figures.rates import change, index_of, parts_of, rate_of
from csat.figures.types import Name, Row, TrendPoint
from csat.models.people import Department, Person
from csat.models.reporting import Tally
from csat.procedure.core.quarter import Quarter

MANAGER, DEPARTMENT, ENGINEER, RECORDER, CLIENT = "manager", "department", "engineer", "recorder", "client"
COLUMNS = {
    MANAGER: Tally.manager,
    DEPARTMENT: Tally.department,
    ENGINEER: Tally.engineer,
    RECORDER: Tally.recorder,
    CLIENT: Tally.client,
}

Counts = dict[int, dict[int, Count]]  # by quarter and person or department


def counts(quarters: Sequence[int], sort: str, **only: int | Sequence[int]) -> Counts:
    """Overall ratings with a name by one of COLUMNS; `only` those of one of another, or of some clients."""
    column = COLUMNS[sort]
    query = tally_queries.rated(Tally.quarter, column.alias("key"), tally_queries.SPOKEN).where(
        *_here(quarters, only)
    )
    if sort != CLIENT:
        query = query.where(column != 0)
    found: Counts = {quarter: {} for quarter in quarters}
    for row in query.group_by(Tally.quarter, column, tally_queries.BY_SPOKEN).namedtuples():
        count = found[row.quarter].setdefault(row.key, Count(Place(f"{TOTAL}/{sort}/{row.key}", sort)))
        _add(count, row)
    return found


def spread(quarter: int, sort: str, key: int) -> tuple[int, int, int, int, int]:
    """How often each overall rating 1–5 was given about one of them."""
    query = tally_queries.rated(Tally.value).where(*_here([quarter], {sort: key})).group_by(Tally.value)
    found = {row.value: row.ratings for row in query.namedtuples()}
    one, two, three, four, five = (found.get(value, 0) for value in range(1, 6))
    return one, two, three, four, five


def rows(quarter: Quarter, sort: str, **only: int | Sequence[int]) -> Iterable[Row]:
    """A row for each of them with answers in a quarter, by name."""
    now, before = int(quarter), int(quarter.plus(-1))
    found, named = counts([before, now], sort, **only), names_of(sort)
    for key in sorted(found[now], key=lambda key: (named[key]["zh"], key)):
        yield row(sort, key, named[key], found[now][key], found[before].get(key))


def row(sort: str, key: int, name: Name, now: Count | None, before: Count | None) -> Row:
    """The line of one of them, with the quarter before."""
    cell = f"{TOTAL}/{sort}/{key}"
    now, before = (one or Count(Place(cell, sort)) for one in (now, before))
    rate, earlier = rate_of(cell, now, False), rate_of(f"{cell}/before", before, False)
    spoken, linked = parts_of(cell, now, False)
    index = index_of(f"{cell}/index", now, False)
    return Row(str(key), name, rate, index, earlier, change(rate, earlier), spoken=spoken, linked=linked)


def trend(counted: Counts, sort: str, key: int) -> Iterable[TrendPoint]:
    """The quarters of one of them, as they were counted."""
    for quarter, by_key in counted.items():
        count = by_key.get(key) or Count(Place("", sort))
        yield point(quarter, f"{TOTAL}/{sort}/{key}/trend/{quarter}", count, False)


def by_client(clients: Clients, quarter: Quarter, **only: int) -> Iterable[Row]:
    """The same answers by client, merged ones as one."""
    now, before = int(quarter), int(quarter.plus(-1))
    found = {one: _merged(of, clients) for one, of in counts([before, now], CLIENT, **only).items()}
    for key in clients.in_order(found[now]):
        yield row(CLIENT, key, clients.name(key), found[now][key], found[before].get(key))


def names_of(sort: str) -> Mapping[int, Name]:
    """What managers, departments, engineers or recorders are called."""
    if sort == DEPARTMENT:
        return {one.id: names.of(one) for one in Department.select()}
    return {one.id: names.person(one) for one in Person.select()}


def _merged(of: Mapping[int, Count], clients: Clients) -> dict[int, Count]:
    found: dict[int, Count] = defaultdict(lambda: Count(Place("", CLIENT)))
    for key, count in of.items():
        one = found[clients.root(key)]
        one.n, one.of = one.n + count.n, one.of + count.of
        one.good, one.total = one.good + count.good, one.total + count.total
        part, more = one.spoken, count.spoken
        one.spoken = Part(part.n + more.n, part.of + more.of, part.good + more.good)
    return dict(found)


def _add(count: Count, row: Any) -> None:
    """One overall rating per response: ratings are responses."""
    count.n, count.of = count.n + row.ratings, count.of + row.ratings
    count.good, count.total = count.good + row.good, count.total + row.total
    if row.spoken:
        count.spoken = Part(row.ratings, row.ratings, row.good)


def _here(quarters: Sequence[int], only: Mapping[str, int | Sequence[int]]) -> list[Any]:
    """The rows of the tally that know whom an answer is about."""
    here = [Tally.quarter.in_(list(quarters)), Tally.question == "", Tally.dimension == OVERALL]
    for sort, keys in only.items():
        here.append(COLUMNS[sort].in_([keys] if isinstance(keys, int) else list(keys)))
    return [*here, ~Tally.anonymous]
