"""Who and what stands out in a report's figures, and how it is told: on this its sentences stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from csat.documents.report.narrative.phrases import Statement
from csat.figures.statistics import FEWEST_RESPONSES
from csat.models.base import Json

NO_CLIENT_KEY = "none"  # the key of the group of answers that name no client
MOST_NAMED = 3  # so many names stand in a sentence; the table has all of them


def list_shown(rows: list[Json]) -> list[Json]:
    """Rows whose rate may be shown."""
    return [row for row in rows if row["rate"]["value"] is not None]


def list_named_clients(figures: Json) -> list[Json]:
    """The clients; those answers that name none are a group of the table, but no client."""
    return [row for row in figures["clients"] if row["key"] != NO_CLIENT_KEY]


def list_clearly_below(figures: Json) -> list[Json]:
    """Clients whose whole interval lies below the target, lowest first."""
    target, clients = figures["target"], list_named_clients(figures)
    return sort_by_rate([row for row in clients if is_clearly_below(row["rate"], target)])


def list_clearly_above(figures: Json) -> list[Json]:
    """Clients whose whole interval lies above the target, highest first."""
    target, clients = figures["target"], list_named_clients(figures)
    return sort_by_rate([row for row in clients if is_clearly_above(row["rate"], target)])[::-1]


def is_clearly_below(rate: Json, target: float) -> bool:
    """Whether a rate is clearly below the target: chance does not explain it."""
    return rate["high"] is not None and rate["n"] >= FEWEST_RESPONSES and rate["high"] < target


def is_clearly_above(rate: Json, target: float) -> bool:
    """Whether a rate is clearly above the target."""
    return rate["low"] is not None and rate["n"] >= FEWEST_RESPONSES and rate["low"] > target


def sort_by_rate(rows: list[Json]) -> list[Json]:
    """Rows by their rate, the lowest first."""
    return sorted(rows, key=lambda row: row["rate"]["value"])


def sort_by_total(rows: Iterable[Json]) -> list[Json]:
    """Rows by how many they are, the most frequent first."""
    return sorted(rows, key=lambda row: -row["total"])


def rank_dimensions(figures: Json) -> list[Json]:
    """The dimensions that can be shown, the lowest first; overall is what they are compared with."""
    return sort_by_rate([row for row in list_shown(figures["dimensions"]) if row["key"] != "overall"])


def has_different_rates(rows: list[Json]) -> bool:
    """Whether rows by their rate differ at all: of equal ones none is the highest or lowest."""
    return len(rows) > 1 and rows[0]["rate"]["value"] < rows[-1]["rate"]["value"]


def list_improve_first(figures: Json) -> list[Json]:
    """Dimensions that are important and rated below the others, the lowest first."""
    rows = [one for one in figures["importance"] if one["quadrant"] == "first"]
    return sorted(rows, key=lambda one: one["satisfaction"]["value"])


def list_commitments(whole: Json, *verdicts: str) -> list[Json]:
    """The commitments that may be shown and came to one of these verdicts this quarter."""
    shown = [one for one in whole.get("commitments") or () if not one["hidden"]]
    return [one for one in shown if one["verdict"] in verdicts]


def list_measured_commitments(whole: Json) -> list[Json]:
    """The commitments that were measured this quarter."""
    return list_commitments(whole, "reached", "missed")


def list_missed_commitments(whole: Json) -> list[Json]:
    """The commitments that were not kept."""
    return list_commitments(whole, "missed")


def rank_domains(whole: Json) -> list[Json]:
    """The risk domains, most complaints first; reports of earlier releases have none."""
    return sort_by_total((whole.get("risks") or {}).get("domains", ()))


def list_marked_domains(whole: Json) -> list[Json]:
    """Risk domains said to be in place that draw complaints all the same (K2), most complaints first."""
    return [row for row in rank_domains(whole) if row["marked"]]


def make_names_parameter(rows: list[Json]) -> Json:
    """The names of the first rows, as a sentence's parameter."""
    return {"names": {"names": [row["name"] for row in rows[:MOST_NAMED]]}}


def tell_rows(rule: str, rows: list[Json], **more: object) -> Statement:
    """How many rows there are, and the names of the first."""
    return rule, {"number": len(rows), **more, **make_names_parameter(rows)}


def tell_first_rows(rule: str, rows: list[Json], **more: object) -> list[Statement]:
    """The same by the rule that names all, or where they are too many by the one that names the first."""
    told = f"{rule}.most" if len(rows) > MOST_NAMED else rule
    return [tell_rows(told, rows, **more)] if rows else []


def tell_counts(counts: Mapping[str, int]) -> list[Statement]:
    """A statement for each rule of which there is any."""
    return [(rule, {"number": number}) for rule, number in counts.items() if number]
