"""Who and what stands out in a report's figures: the ground on which its sentences stand."""

from __future__ import annotations

from csat.documents.report.narrative.phrases import Facts
from csat.figures.statistics import FEWEST_RESPONSES

NO_CLIENT_KEY = "none"  # the key of the group of answers that name no client
MOST_NAMED = 3  # so many names stand in a sentence; the table has all of them


def list_named_clients(figures: Facts) -> list[Facts]:
    """The clients; those answers that name none are a group of the table, but no client."""
    return [row for row in figures["clients"] if row["key"] != NO_CLIENT_KEY]


def list_clearly_below(figures: Facts) -> list[Facts]:
    """Clients whose whole interval lies below the target, lowest first."""
    return sort_by_rate(
        [row for row in list_named_clients(figures) if is_clearly_below(row["rate"], figures["target"])]
    )


def list_clearly_above(figures: Facts) -> list[Facts]:
    """Clients whose whole interval lies above the target, highest first."""
    return sort_by_rate(
        [row for row in list_named_clients(figures) if is_clearly_above(row["rate"], figures["target"])]
    )[::-1]


def is_clearly_below(rate: Facts, target: float) -> bool:
    """Whether a rate is clearly below the target: chance does not explain it."""
    return rate["high"] is not None and rate["n"] >= FEWEST_RESPONSES and rate["high"] < target


def is_clearly_above(rate: Facts, target: float) -> bool:
    """Whether a rate is clearly above the target."""
    return rate["low"] is not None and rate["n"] >= FEWEST_RESPONSES and rate["low"] > target


def sort_by_rate(rows: list[Facts]) -> list[Facts]:
    """Rows by their rate, the lowest first."""
    return sorted(rows, key=lambda row: row["rate"]["value"])


def rank_dimensions(figures: Facts) -> list[Facts]:
    """The dimensions that can be shown, the lowest first; overall is what they are compared with."""
    shown = [row for row in figures["dimensions"] if row["rate"]["value"] is not None]
    return sort_by_rate([row for row in shown if row["key"] != "overall"])


def has_different_rates(rows: list[Facts]) -> bool:
    """Whether rows by their rate differ at all: of equal ones none is the highest or lowest."""
    return len(rows) > 1 and rows[0]["rate"]["value"] < rows[-1]["rate"]["value"]


def list_improve_first(figures: Facts) -> list[Facts]:
    """Dimensions that are important and rated below the others, the lowest first."""
    rows = [one for one in figures["importance"] if one["quadrant"] == "first"]
    return sorted(rows, key=lambda one: one["satisfaction"]["value"])


def list_measured_commitments(whole: Facts) -> list[Facts]:
    """The commitments that were measured this quarter and may be shown."""
    shown = [one for one in whole.get("commitments") or () if not one["hidden"]]
    return [one for one in shown if one["verdict"] in ("reached", "missed")]


def list_missed_commitments(whole: Facts) -> list[Facts]:
    """The commitments that were not kept."""
    return [one for one in list_measured_commitments(whole) if one["verdict"] == "missed"]


def list_marked_domains(whole: Facts) -> list[Facts]:
    """Risk domains said to be in place that draw complaints all the same (K2), most complaints first."""
    rows = [row for row in (whole.get("risks") or {}).get("domains", ()) if row["marked"]]
    return sorted(rows, key=lambda row: -row["total"])


def make_names_parameter(rows: list[Facts]) -> Facts:
    """The names of the first rows, as a sentence's parameter."""
    return {"names": {"names": [row["name"] for row in rows[:MOST_NAMED]]}}


def choose_rule(rule: str, rows: list[Facts]) -> str:
    """The rule that names all, or the one that names only the first."""
    return f"{rule}.most" if len(rows) > MOST_NAMED else rule
