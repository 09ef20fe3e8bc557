"""Which figures of an issued report a client's letter may tell (F4, decision 0100).

Only those with at least k responses behind them, named ones included, and none that, beside what another
letter told, say what fewer than k people answered: its reader may be the superior of who answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from csat.figures import labels
from csat.models.base import Json
from csat.models.clients import Client
from csat.models.reporting import Report
from csat.procedure.core.quarter import Quarter
from csat.procedure.letters import letters


def collect_facts(client: Client, report: Report) -> Json:
    """The figures of a letter: the client's rate if it may be told, and every commitment that was missed."""
    figures, promised = report.document["figures"], report.document.get("commitments") or []
    return {
        "report": report.number,
        "client": labels.localise_record(client),
        "figure": _choose_rate(figures, client, Quarter.from_int(report.quarter)),
        "missed": [_describe_missed(one, figures["least"]) for one in promised if one["verdict"] == "missed"],
    }


def may_show_rate(rate: Mapping[str, Any] | None, least: int) -> bool:
    """Whether a rate of the report may stand in a letter: it shows there, k or more answers behind it."""
    return rate is not None and not rate["hidden"] and rate["value"] is not None and rate["n"] >= least


def is_revealing(rate: Mapping[str, object], told: Iterable[Mapping[str, Any]], least: int) -> bool:
    """Whether, put beside what was told already, a rate says what fewer than k people answered."""
    # A difference of fewer than k answers between two rates would say what those few answered.
    return any(
        (one["value"], one["n"]) != (rate["value"], rate["n"])
        and (one["n"] is None or abs(rate["n"] - one["n"]) < least)
        for one in told
    )


def _describe_missed(commitment: Mapping[str, Any], least: int) -> Json:
    """A missed commitment; without its value where that is what a handful of clients answered."""
    shown = {key: commitment[key] for key in ("code", "name", "unit", "direction", "target", "value")}
    # The other commitments are measured: nobody answered them.
    few = commitment["code"] == "satisfaction" and commitment["n"] < least
    return {**shown, "value": None} if few else shown


def _choose_rate(figures: Json, client: Client, quarter: Quarter) -> Json | None:
    least = figures["least"]
    row = next((row for row in figures["clients"] if row["key"] == str(client.id)), None)
    if row is None or not _may_be_told(row["rate"], client, quarter, least):
        return None
    before = row["before"] if _may_be_told(row["before"], client, quarter.plus(-1), least) else None
    return {
        **{name: row["rate"][name] for name in ("value", "low", "high", "n")},
        "target": figures["target"],
        "before": before and before["value"],
        "before_n": before and before["n"],
        "change": row["change"] if before else "unknown",
    }


def _may_be_told(rate: Mapping[str, object] | None, client: Client, quarter: Quarter, least: int) -> bool:
    """Whether a client's rate of a quarter may be told, by itself and beside every other letter of theirs."""
    if rate is None or not may_show_rate(rate, least):
        return False
    then = [one.facts["figure"] for one in letters.list_sent_letters(client, quarter)]
    # Letters of the next quarter tell this one's rate too, as the one before.
    later = [one.facts["figure"] for one in letters.list_sent_letters(client, quarter.plus(1))]
    told = [{"value": one["value"], "n": one["n"]} for one in then if one]
    told += [{"value": one["before"], "n": one["before_n"]} for one in later if one and one.get("before_n")]
    return not is_revealing(rate, told, least)


def list_tellable_dimensions(figures: Json, key: str, earlier: Sequence[Json]) -> list[tuple[Json, float]]:
    """The client's dimensions that may be told, also beside `earlier` reports' ones; the lowest first."""
    title, least = {row["key"]: row["name"] for row in figures["dimensions"]}, figures["least"]
    cells = [cell for cell in figures["heat"] if cell["client"] == key and cell["dimension"] in title]
    rated = [
        (title[cell["dimension"]], cell["rate"]["value"])
        for cell in cells
        if may_show_rate(cell["rate"], least)
        and not is_revealing(cell["rate"], _find_same(cell, earlier, least), least)
    ]
    return sorted(rated, key=lambda one: one[1])


def _find_same(cell: Json, earlier: Iterable[Json], least: int) -> list[Json]:
    """What a cell of client and dimension was in earlier reports, where that could be told."""
    place = (cell["client"], cell["dimension"])
    found = [one["rate"] for of in earlier for one in of["heat"] if (one["client"], one["dimension"]) == place]
    return [rate for rate in found if may_show_rate(rate, least)]
