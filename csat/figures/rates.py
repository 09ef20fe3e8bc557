"""From counts to the shapes that leave this room; hidden ones leave it empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from csat.figures import statistics
from csat.figures.cells import CellCount
from csat.figures.types import CutRow, Index, LocalisedName, Rate
from csat.models.feedback import Severity


def make_rate(id_: str, good: int, of: int, n: int | None = None) -> Rate:
    """A share with its interval; n, if other than the denominator, is the responses it rests on."""
    n = of if n is None else n
    if not of or not n:
        return Rate(id_, None, n, None, None, good=good, of=of)
    low, high = statistics.wilson_interval(good / of, n)
    return Rate(id_, good / of, n, low, high, good=good, of=of)


def make_hidden_rate(id_: str) -> Rate:
    """A share that must not show (F4)."""
    return Rate(id_, None, None, None, None, hidden=True)


def make_cell_rate(id_: str, count: CellCount, hidden: bool) -> Rate:
    """The satisfaction rate of a cell (F1), or nothing of it when it must not show (F4)."""
    if hidden:
        return make_hidden_rate(id_)
    return make_rate(id_, count.good, count.of, count.n)


def split_by_channel(id_: str, count: CellCount, hidden: bool) -> tuple[Rate | None, Rate | None]:
    """Telephone and interview against what clients filled in themselves (F5); None where none are mixed."""
    one = count.spoken
    if hidden or not one.of or one.of == count.of:  # the parts of a hidden cell would give it
        return None, None
    spoken = make_rate(f"{id_}/telephone", one.good, one.of, one.n)
    return spoken, make_rate(f"{id_}/link", count.good - one.good, count.of - one.of, count.n - one.n)


def make_cell_index(id_: str, count: CellCount, hidden: bool) -> Index:
    """The index of a cell (F1), or nothing of it when it must not show (F4)."""
    if hidden:
        return Index(id_, None, None, hidden=True)
    return Index(id_, count.index, count.n)


def make_cut_row(
    cell: str,
    key: str,
    name: LocalisedName,
    now: CellCount,
    before: CellCount,
    tier: str = "",
    hidden: tuple[bool, bool] = (False, False),  # now, and in the quarter before
) -> CutRow:
    """The line of a cell: rate, index, telephone against link, and the quarter before."""
    rate, earlier = make_cell_rate(cell, now, hidden[0]), make_cell_rate(f"{cell}/before", before, hidden[1])
    index, parts = make_cell_index(f"{cell}/index", now, hidden[0]), split_by_channel(cell, now, hidden[0])
    return CutRow(key, name, rate, index, earlier, compare_rates(rate, earlier), tier, *parts)


def count_severities(severities: Iterable[Severity]) -> tuple[int, int, int, int]:
    """How much feedback is critical, major, minor, and a suggestion."""
    of = Counter(severities)
    return of[Severity.CRITICAL], of[Severity.MAJOR], of[Severity.MINOR], of[Severity.SUGGESTION]


def compare_rates(now: Rate, before: Rate) -> str:
    """Whether a rate moved more than chance explains, as far as both may show (F4)."""
    if now.value is None or before.value is None:
        return "unknown"
    return statistics.compare_shares(now.value, now.n or 0, before.value, before.n or 0)
