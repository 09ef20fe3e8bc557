"""Recorders whose records stand far above what the same clients say by link (§7): one rule for all who ask.

The signal beside a response, the overview's remark and the page of recorders all ask here (decision 0170).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from peewee import Case, Select, fn

from csat.models.answers import Answer, Response, Verdict
from csat.models.asking import RECORDED_CHANNELS
from csat.models.questionnaires import Dimension, Kind, Question
from csat.models.reporting import Tally
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.statistics import two_proportion_p_value
from csat.procedure.review.tally_rows import OVERALL, SATISFIED

QUARTERS_COMPARED = 4  # one quarter of one recorder is too little to compare
MIN_COMPARED = 10  # overall ratings on each side
FAR_ABOVE = 0.05  # so much larger a share of satisfied ones; less is no 'far', however many answers say it
CHANCE_LEVEL = 0.01  # with many recorders one of twenty chance findings is to be expected

Count = tuple[int, int]  # satisfied ones, of how many


@dataclass(frozen=True)
class RecorderComparison:
    """How many are satisfied in one recorder's records, and in what the same clients filled in themselves."""

    good: int
    n: int
    link_good: int
    link_n: int

    @property
    def is_far_above(self) -> bool:
        """Whether the records please far more than the links: by enough answers, enough points, not by chance."""
        if min(self.n, self.link_n) < MIN_COMPARED:
            return False
        if self.good / self.n - self.link_good / self.link_n < FAR_ABOVE:
            return False
        return two_proportion_p_value(self.good, self.n, self.link_good, self.link_n) < CHANCE_LEVEL


def find_high_recorders(quarter: Quarter) -> dict[int, RecorderComparison]:
    """The recorders who stand far above the links in the four quarters to this one."""
    span = [int(one) for one in quarter.back(QUARTERS_COMPARED)]
    records: dict[int, dict[int, Count]] = defaultdict(dict)
    for recorder, client, good, n in chain(_select_tallied(span).tuples(), _select_waiting(span).tuples()):
        key = client or 0
        records[recorder][key] = _add((good, n), records[recorder].get(key, (0, 0)))
    linked = _count_linked(span)
    found = {key: _compare(by_client, linked) for key, by_client in records.items()}
    return {key: one for key, one in found.items() if one.is_far_above}


def _compare(records: dict[int, Count], linked: dict[tuple[int, bool], Count]) -> RecorderComparison:
    named, anonymous = (_add(*(linked.get((client, secret), (0, 0)) for client in records)) for secret in (False, True))
    # So few anonymous answers that they are shown nowhere must not speak through a signal either (F4).
    enough = anonymous[1] >= settings.get_whole_number("anonymous_least")
    return RecorderComparison(*_add(*records.values()), *(_add(named, anonymous) if enough else named))


def _add(*counts: Count) -> Count:
    return sum(good for good, _ in counts), sum(n for _, n in counts)


def _select_tallied(span: list[int]) -> Select:
    columns = (Tally.recorder, Tally.client)
    here = (Tally.recorder != 0) & Tally.channel.in_(RECORDED_CHANNELS)
    return _select_ratings(span, *columns).where(here).group_by(*columns)


def _select_waiting(span: list[int]) -> Select:
    # Records without a last word: a rule that waited for the verdict would warn nobody before it.
    good = Case(None, [(Answer.value >= SATISFIED, 1)], 0)
    return (
        Response.select(Response.recorder, Response.client, fn.SUM(good), fn.COUNT(Answer.id))
        .join(Answer)
        .join(Question)
        .where(
            Response.verdict.in_((Verdict.PENDING, Verdict.DOUBTED)),
            Response.recorder.is_null(False),
            Response.channel.in_(RECORDED_CHANNELS),
            Response.quarter.in_(span),
            Question.kind == Kind.RATING,
            Question.dimension == Dimension.OVERALL,
            Answer.value.is_null(False),
        )
        .group_by(Response.recorder, Response.client)
    )


def _count_linked(span: list[int]) -> dict[tuple[int, bool], Count]:
    """What clients filled in themselves, by client and whether without a name."""
    # Without suppression, since it only decides about a remark (F4); of who names no client nothing is compared.
    columns = (Tally.client, Tally.anonymous)
    here = (Tally.client != 0) & Tally.channel.not_in(RECORDED_CHANNELS)
    rows: Iterable[tuple[int, bool, int, int]] = _select_ratings(span, *columns).where(here).group_by(*columns).tuples()
    return {(client, bool(anonymous)): (good, n) for client, anonymous, good, n in rows}


def _select_ratings(span: list[int], *columns: object) -> Select:
    """Overall ratings of the tally: satisfied ones, and all."""
    good = fn.SUM(Case(None, [(Tally.value >= SATISFIED, Tally.n)], 0))
    here = Tally.quarter.in_(span) & (Tally.question == "") & (Tally.dimension == OVERALL) & (Tally.value >= 1)
    return Tally.select(*columns, good, fn.SUM(Tally.n)).where(here)
