"""The titles of the report's tables and charts: each says what is to be seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from csat.documents.report.narrative.phrases import Statement
from csat.documents.report.ranking import (
    has_different_rates,
    list_clearly_below,
    list_improve_first,
    list_measured_commitments,
    list_named_clients,
    list_shown,
    make_names_parameter,
    rank_dimensions,
    rank_domains,
    sort_by_total,
)
from csat.figures.statistics import compare_shares
from csat.models.base import Json
from csat.models.clients import Tier
from csat.procedure.core.quarter import Quarter

FEWEST_CORE_CLIENTS = 2  # from fewer core clients nothing is said of them together


def write_headlines(whole: Json) -> dict[str, Statement]:
    """What each chart says, as a rule and its parameters."""
    figures, domains = whole["figures"], rank_domains(whole)
    return {
        "trend": _trend(figures),
        "funnel": _funnel(figures),
        "clients": _clients(figures),
        "channels": _channels(figures),
        "dimensions": _dimensions(figures),
        "heat": _heat(figures, whole["before"]),
        "importance": _importance(figures),
        "feedback": _most_frequent(
            "feedback", sort_by_total(figures["feedback"]["rows"]), figures["feedback"]["total"]
        ),
        "results": _results(whole),
        "commitments": _commitments(whole),
        "risks": _most_frequent("risks", domains, sum(row["total"] for row in domains)),
    }


def _trend(figures: Json) -> Statement:
    reached = [_reached(point, figures["target"]) for point in reversed(figures["trend"])]
    if not reached or reached[0] is None:
        return "trend.none", {}
    number = next((at for at, one in enumerate(reached) if one != reached[0]), len(reached))
    return ("trend.above" if reached[0] else "trend.below"), {"number": number}


def _reached(point: Json, target: float) -> bool | None:
    """Whether a quarter reached the target that held then (F7); reports of earlier releases kept only one."""
    value, then = point["rate"]["value"], point.get("target")
    return None if value is None else value >= (target if then is None else then)


def _funnel(figures: Json) -> Statement:
    asked = figures["asked"]
    counts = {"number": asked["delivered"], "answered": asked["answered"]}
    if not asked["delivered"]:
        return "funnel.none", {}
    if asked["answered"] is None:
        return "funnel.untold", {}
    if asked["rate"]["hidden"]:
        return "funnel.some", counts
    return "funnel", {**counts, "valid": figures["verdicts"]["valid"]}


def _clients(figures: Json) -> Statement:
    shown = list_shown(list_named_clients(figures))
    below = list_clearly_below(figures)
    if not shown:
        return "clients.chart.none", {}
    if not below:
        return "clients.chart.well", {"number": len(shown)}
    return "clients.chart.below", {"number": len(below), "all": len(shown)}


def _channels(figures: Json) -> Statement:
    rates = {row["key"]: row["rate"] for row in list_shown(figures["channels"])}
    if not {"telephone", "link"} <= set(rates):
        return "channels.plain", {}
    telephone, link = rates["telephone"], rates["link"]
    moved = compare_shares(telephone["value"], telephone["n"], link["value"], link["n"])
    if moved not in ("better", "worse"):
        return "channels.alike", {}
    shares = {"telephone": {"share": telephone["value"]}, "link": {"share": link["value"]}}
    return ("channels.differ" if moved == "better" else "channels.reverse"), shares


def _dimensions(figures: Json) -> Statement:
    rows = rank_dimensions(figures)
    if len(rows) < 2:
        return "dimensions.chart.none", {}
    if not has_different_rates(rows):
        return "dimensions.chart.alike", {}
    return "dimensions.chart", {"best": {"name": rows[-1]["name"]}, "worst": {"name": rows[0]["name"]}}


def _heat(figures: Json, before: Json | None) -> Statement:
    """Where the core clients together fell most since the quarter before, and whether beyond chance."""
    core = [row["key"] for row in figures["clients"] if row["tier"] == Tier.CORE]
    earlier = {(str(cell["client"]), cell["dimension"]): cell for cell in (before or {}).get("heat", ())}
    falls = [
        fall
        for row in rank_dimensions(figures)
        if (fall := _fall(row, core, figures["heat"], earlier)) and fall["fallen"] >= FEWEST_CORE_CLIENTS
    ]
    if not falls:
        return "heat.plain", {}
    worst = min(falls, key=lambda fall: (not fall["clear"], fall["by"]))
    rule = "heat.clearly" if worst["clear"] else "heat.fell"
    return rule, {"name": {"name": worst["name"]}, "fallen": worst["fallen"], "all": worst["all"]}


def _fall(row: Json, core: list[str], heat: list[Json], earlier: dict[tuple[str, str], Json]) -> Json | None:
    """How a dimension moved at the core clients that can be seen in both quarters."""
    cells = {str(cell["client"]): cell["rate"] for cell in heat if cell["dimension"] == row["key"]}
    pairs: list[tuple[Any, Any]] = [
        (cells[key], earlier[key, row["key"]])
        for key in core
        if (key, row["key"]) in earlier and cells.get(key, {}).get("value") is not None
    ]
    if len(pairs) < FEWEST_CORE_CLIENTS:
        return None
    (now, n_now), (then, n_then) = (_together([pair[at] for pair in pairs]) for at in (0, 1))
    return {
        "name": row["name"],
        "fallen": sum(pair[0]["value"] < pair[1]["value"] for pair in pairs),
        "all": len(pairs),
        "by": now - then,
        "clear": compare_shares(now, n_now, then, n_then) == "worse",
    }


def _together(rates: list[Json]) -> tuple[float, int]:
    n = sum(rate["n"] for rate in rates)
    return sum(rate["value"] * rate["n"] for rate in rates) / n, n


def _importance(figures: Json) -> Statement:
    if not [one for one in figures["importance"] if one["quadrant"] != "unknown"]:
        return "importance.none", {}
    found = list_improve_first(figures)
    return ("importance.first", make_names_parameter(found)) if found else ("importance.fine", {})


def _most_frequent(subject: str, rows: list[Json], together: int) -> Statement:
    """Which of the rows comes most often, unless none came or the first two came alike often."""
    number = rows[0]["total"] if rows else 0
    if not number:
        return f"{subject}.chart.none", {}
    if len(rows) > 1 and rows[1]["total"] == number:
        return f"{subject}.plain", {}
    return f"{subject}.chart", {"name": {"name": rows[0]["name"]}, "number": number, "all": together}


def _results(whole: Json) -> Statement:
    """Whether the types that last quarter's actions were about are complained of less."""
    then = (whole["before"] or {}).get("types", {})
    if _says_too_little(whole):
        return "actions.plain", {}
    now = {row["key"]: row["total"] for row in whole["figures"]["feedback"]["rows"]}
    acted = {row["type"]: row["issue"] for row in whole["actions"]["before"] if "type" in row}
    rows = [{"name": name, "by": now.get(key, 0) - then[key]} for key, name in sorted(acted.items()) if key in then]
    rows.sort(key=lambda row: row["by"])
    fewer = [row for row in rows if row["by"] < 0]
    more = [row for row in rows if row["by"] > 0][::-1]
    if fewer and more:
        return "actions.both", {
            "fewer": make_names_parameter(fewer)["names"],
            "more": make_names_parameter(more)["names"],
        }
    if fewer:
        return "actions.fewer", make_names_parameter(fewer)
    return ("actions.not_fewer", make_names_parameter(rows)) if rows else ("actions.plain", {})


def _says_too_little(whole: Json) -> bool:
    """Whether fewer complaints would mean nothing: the quarter is not over, or nobody answered."""
    figures, zone = whole["figures"], ZoneInfo(whole["report"]["zone"])
    over = Quarter.from_int(figures["quarter"]).end(zone)
    return datetime.fromisoformat(figures["cut_off"]) < over or not figures["verdicts"]["valid"]


def _commitments(whole: Json) -> Statement:
    known = list_measured_commitments(whole)
    if not known:
        return "commitments.chart.none", {}
    reached = sum(one["verdict"] == "reached" for one in known)
    return "commitments.chart", {"reached": reached, "number": len(known)}
