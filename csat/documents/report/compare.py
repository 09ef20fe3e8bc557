"""Two quarters side by side, from what their reports show: nothing that either of them hides (F4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from csat.figures.statistics import compare_shares
from csat.models.base import Json
from csat.words import N_

MOST_CLIENTS = 40  # clients that are drawn

KEY_FIGURES = (
    (N_("Satisfaction"), ("satisfaction", "rate")),
    (N_("Response rate"), ("asked", "rate")),
    (N_("Incidents surveyed in time"), ("surveyed", "rate")),
    (N_("Feedback handled in time"), ("feedback", "handled_in_time")),
    (N_("Actions done in time"), ("feedback", "actions_in_time")),
)


def compare_key_figures(earlier: Json, later: Json) -> list[Json]:
    """The key figures of two quarters, with the change from one to the other in a word (F4)."""
    return [
        {"label": label, **pair}
        for label, path in KEY_FIGURES
        if (pair := _pair(_at(earlier["figures"], path), _at(later["figures"], path)))
    ]


def compare_rows(earlier: Json, later: Json, name: str) -> list[Json]:
    """The rows of clients, questionnaires or dimensions that both reports show, greatest change first."""
    then = {row["key"]: row for row in earlier["figures"][name]}
    found = [
        {"name": row["name"], **pair}
        for row in later["figures"][name]
        if row["key"] in then and (pair := _pair(then[row["key"]]["rate"], row["rate"]))
    ]
    return sorted(found, key=lambda row: -abs(row["by"]))[:MOST_CLIENTS]


def count_left_out(earlier: Json, later: Json, name: str) -> int:
    """How many rows stand in one report, or are shown in one, but not in both."""
    both = {row["key"] for of in (earlier, later) for row in of["figures"][name]}
    return max(0, len(both) - len(compare_rows(earlier, later, name)))


def compare_counts(earlier: Json, later: Json) -> list[tuple[str, int, int]]:
    """What is only counted: (label, earlier, later)."""
    rows = (
        (N_("Valid responses"), ("verdicts", "valid")),
        (N_("Responses refused"), ("verdicts", "refused")),
        (N_("Feedback taken up"), ("feedback", "total")),
        (N_("Feedback overdue"), ("feedback", "overdue")),
    )
    return [(label, _at(earlier["figures"], path), _at(later["figures"], path)) for label, path in rows]


def _at(figures: Json, path: Sequence[str]) -> Any:
    for step in path:
        figures = figures[step]
    return figures


def _pair(was: Json, now: Json) -> Json | None:
    """A rate in both quarters, if both are shown, and whether it moved more than chance explains."""
    if was["value"] is None or now["value"] is None:
        return None
    # by the same test as one quarter's report uses, so that two pages never disagree
    moved = compare_shares(now["value"], now["n"], was["value"], was["n"])
    return {"was": was, "now": now, "by": now["value"] - was["value"], "change": moved}
