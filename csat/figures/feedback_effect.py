"""Whether it helped (I5): the client's and the type's figures in the quarter of a feedback, and since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from peewee import fn

from csat.database import reading
from csat.figures.audience import Audience
from csat.figures.cells import TOTAL
from csat.figures.labels import ClientIndex, QuestionIndex
from csat.figures.quarter_counts import build_trend
from csat.figures.rates import compare_rates, make_rate
from csat.figures.types import Rate
from csat.models.base import Condition
from csat.models.feedback import Feedback
from csat.procedure.clients.merging import client_family
from csat.procedure.core.quarter import Quarter

MOST_LATER_QUARTERS = 4  # quarters after that of the feedback, at most


@dataclass(frozen=True)
class EffectQuarter:
    """One quarter: the client's satisfaction, and how often this type came, at this client and at all."""

    quarter: int
    rate: Rate | None  # None: no client is named
    here: int | None
    everywhere: int


@dataclass(frozen=True)
class FeedbackEffect:
    lines: tuple[EffectQuarter, ...]  # the first is the quarter of the feedback
    before: Rate | None
    since: Rate | None  # later quarters that show, pooled; None where there is no client or no such quarter
    change: str  # "better" | "worse" (exceeds chance, two-proportion test) | "same" | "unknown"

    @property
    def later(self) -> tuple[EffectQuarter, ...]:
        """The quarters since."""
        return self.lines[1:]


def measure_effect(feedback: Feedback, now: datetime, zone: tzinfo, audience: Audience) -> FeedbackEffect:
    """The figures of a feedback's client and type before and since, up to the running quarter."""
    first = Quarter.from_int(feedback.quarter)
    last = min(Quarter.of(now, zone), first.plus(MOST_LATER_QUARTERS))
    with reading():
        clients = ClientIndex()
        client = clients.root(feedback.client_id)
        rates = _find_rates(client, max(first, last), clients, audience) if client else {}
        lines = tuple(_list_lines(feedback, first, last, rates))
    before = lines[0].rate
    since = _pool_rates(f"{TOTAL}/client/{client}/since", [line.rate for line in lines[1:]])
    moved = compare_rates(since, before) if since is not None and before is not None else "unknown"
    return FeedbackEffect(lines, before, since, moved)


def _find_rates(client: int, last: Quarter, clients: ClientIndex, audience: Audience) -> dict[int, Rate]:
    trend = build_trend(f"{TOTAL}/client/{client}", last, clients, QuestionIndex(), audience)
    return {point.quarter: point.rate for point in trend}


def _list_lines(feedback: Feedback, first: Quarter, last: Quarter, rates: dict[int, Rate]) -> Iterable[EffectQuarter]:
    everywhere = _count_by_quarter(feedback)
    clients = client_family(feedback.client_id)
    here = _count_by_quarter(feedback, Feedback.client.in_(clients)) if clients else None
    quarter = first
    while quarter <= max(first, last):  # one that is entered for a quarter still to come shows that quarter
        key = int(quarter)
        yield EffectQuarter(key, rates.get(key), None if here is None else here[key], everywhere[key])
        quarter = quarter.plus(1)


def _count_by_quarter(feedback: Feedback, *which: Condition) -> Counter[int]:
    """How often the type came, by quarter; linked feedback once."""
    rows = Feedback.select(Feedback.quarter, fn.COUNT(Feedback.id)).where(
        Feedback.issue_type == feedback.issue_type_id,
        Feedback.linked_to.is_null(),
        Feedback.quarter >= feedback.quarter,
        *which,
    )
    return Counter(dict(rows.group_by(Feedback.quarter).tuples()))


def _pool_rates(id_: str, rates: Sequence[Rate | None]) -> Rate | None:
    """Figures that show, taken together; None if there are none."""
    # Only the sum of what each quarter shows by itself: what F4 hides cannot be told from the whole.
    shown = [one for one in rates if one is not None and not one.hidden and one.of]
    if not shown:
        return None
    good, of, n = (sum(getattr(one, name) or 0 for one in shown) for name in ("good", "of", "n"))
    return make_rate(id_, good, of, n)
