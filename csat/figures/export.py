"""Figures as they leave for people and programs: a table, and the JSON of docs/figures.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict

from csat.figures.types import QuarterFigures
from csat.models.base import Json
from csat.procedure.core.quarter import Quarter

SCHEMA = 1  # of the JSON; who reads it asks for this number first
FIGURE_FIELDS = ("value", "n", "low", "high", "hidden")

PlainFigures = Json


def make_plain_figures(figures: QuarterFigures) -> PlainFigures:
    """Figures as plain values, as a report keeps them."""
    return asdict(figures)


def build_figures_document(whole: PlainFigures, report: str | None = None) -> PlainFigures:
    """The JSON of `flask csat figures --json`: every figure by its stable id, and the whole."""
    verdicts = whole["verdicts"]
    waiting = {name: verdicts[name] for name in ("pending", "doubted", "sealed")}
    figures = (one for one, _ in walk_figures(whole))
    return {
        "schema": SCHEMA,
        "quarter": str(Quarter.from_int(whole["quarter"])),
        "report": report,
        "answers": "issued" if report else whole.get("audience", "all"),
        "cut_off": whole["cut_off"],
        "waiting": {**waiting, "all": sum(waiting.values())},
        "target": whole["target"],
        "least": whole["least"],
        "figures": {one["id"]: {name: one.get(name) for name in FIGURE_FIELDS} for one in figures},
        "whole": whole,
    }


def format_figures_table(whole: PlainFigures) -> list[str]:
    """The same for a reader: one line per figure, with its interval and n."""
    lines = [f"{Quarter.from_int(whole['quarter'])}  cut-off {whole['cut_off']}  target {whole['target']:.0%}"]
    for one, _ in walk_figures(whole):
        interval = f"{one['low']:.1%}–{one['high']:.1%}" if one.get("low") is not None else ""
        n = "" if one["n"] is None else f"n={one['n']}"
        lines.append(f"{one['id']:<60} {_format_value(one):>8} {interval:>15} {n:>9}")
    return lines


def walk_figures(
    value: object, label: str = "", find_label: Callable[[Json, str], str] = lambda one, outer: outer
) -> Iterator[tuple[PlainFigures, str]]:
    """Everything that is a figure, wherever it stands, with the label of what it is about."""
    if isinstance(value, dict):
        label = find_label(value, label)
        if "id" in value and "hidden" in value:
            yield value, label
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            yield from walk_figures(inner, label, find_label)


def _format_value(one: PlainFigures) -> str:
    if one["hidden"]:
        return "hidden"
    if one["value"] is None:
        return "–"
    # an index or a mean has neither interval nor parts
    return f"{one['value']:.1%}" if "low" in one or "promoters" in one else f"{one['value']:.1f}"
