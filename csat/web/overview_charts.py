"""The overview's charts: figures turned into the labels and numbers that the chart macros draw."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask_babel import gettext

from csat.figures.shapes import QuarterFigures, Rate
from csat.web.filters import percent, text

# Presentation attributes take CSS variables, so that a chart follows the page into the dark.
PALETTE = SimpleNamespace(
    ink="var(--ink)",
    soft="var(--ink-soft)",
    line="var(--line)",
    accent="var(--accent)",
    bad="var(--bad)",
    warn="var(--warn)",
    bad_soft="var(--bad-soft)",
    paper="var(--paper)",
    font="inherit",
)

Point = dict[str, Any]


def drawn(figures: QuarterFigures) -> dict[str, Any]:
    """What each chart of the page is drawn from."""
    return {
        "target_label": gettext("Target %(target)s", target=percent(figures.target, 0)),
        "trend": [
            {"label": _short(point.quarter), "text": said(point.rate), **_span(point.rate)}
            for point in figures.trend
        ],
        "dimensions": [_line(text(row.name), row.rate, figures.target) for row in figures.dimensions],
        "importance": [
            {
                "label": text(one.name),
                "x": one.correlation,
                "y": one.satisfaction.value,
                "bad": one.quadrant == "first",
            }
            for one in figures.importance
        ],
        "heat": _heat(figures),
        "first": [text(one.name) for one in figures.importance if one.quadrant == "first"],
    }


def said(rate: Rate) -> str:
    """A rate in a few characters: hidden, nothing to count, or its percentage."""
    if rate.hidden:
        return gettext("not shown")
    return percent(rate.value)


def is_below(rate: Rate, target: float) -> bool:
    """Whether a rate lies below the target beyond chance: its whole interval does."""
    return rate.high is not None and rate.high < target


def _line(label: str, rate: Rate, target: float) -> Point:
    words = said(rate)
    if rate.value is not None:
        words = gettext("%(share)s, n = %(n)s", share=words, n=rate.n)
    return {"label": label, "text": words, "n": rate.n or 0, "bad": is_below(rate, target), **_span(rate)}


def _span(rate: Rate) -> Point:
    return {"value": rate.value, "low": rate.low, "high": rate.high}


def _heat(figures: QuarterFigures) -> dict[str, Any]:
    rates = {(cell["client"], cell["dimension"]): cell["rate"] for cell in figures.heat}
    keys = [row.key for row in figures.dimensions]
    rows = [
        {"label": text(row.name), "cells": [_cell(rates.get((row.key, key))) for key in keys]}
        for row in figures.clients
        if any((row.key, key) in rates for key in keys)
    ]
    return {"columns": [text(row.name) for row in figures.dimensions], "rows": rows}


def _cell(rate: Rate | None) -> Point:
    if rate is None:
        return {"value": None, "text": ""}
    return {"value": rate.value, "text": percent(rate.value, 0) if rate.value is not None else "···"}


def _short(quarter: int) -> str:
    """20263 in four characters, for an axis."""
    return f"{quarter // 10 % 100:02}Q{quarter % 10}"
