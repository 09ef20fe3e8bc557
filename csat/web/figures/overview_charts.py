"""The overview's charts: figures turned into the labels and numbers that the chart macros draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import SimpleNamespace

from flask_babel import gettext

from csat.documents.report.charts import place_quadrants
from csat.figures.analysis import Portrait
from csat.figures.statistics import FEWEST_RESPONSES
from csat.figures.types import ChoiceOption, CutRow, QuarterFigures, QuestionRow, Rate, TrendPoint
from csat.models.base import Json
from csat.models.questionnaires import Kind
from csat.web.formatting import format_percent, format_target, localised_text

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

ChartPoint = Json
BAD, MIDDLE, GOOD = "bad", "middle", "good"  # hatched, dotted and plain: told apart without colours too


def build_overview_charts(figures: QuarterFigures) -> dict[str, object]:
    """What each chart of the page is drawn from."""
    return {
        "target_label": format_target_label(figures.target),
        "trend": build_trend(figures.trend),
        "dimensions": build_interval_lines(figures.dimensions, figures.target),
        "importance": _importance_chart(figures),
        "heat": _build_heatmap(figures),
        "first": [localised_text(one.name) for one in figures.importance if one.quadrant == "first"],
    }


def build_portrait_charts(one: Portrait) -> dict[str, object]:
    """What the charts of a page of one are drawn from."""
    return {
        "trend": build_trend(one.trend),
        "spread": build_rating_columns(one.distribution),
        "dimensions": build_interval_lines(one.dimensions, one.target),
        "questions": {row.code: build_question_columns(row) for row in one.questions},
        "choices": {row.code: [_option_line(option) for option in row.options] for row in one.choices},
    }


def format_target_label(target: float) -> str:
    """What stands at the line of the target (F7)."""
    return gettext("Target %(target)s", target=format_target(target))


def build_trend(points: Iterable[TrendPoint]) -> list[ChartPoint]:
    """A point for each quarter, with its n and the target that held then."""
    return [
        {
            "quarter": point.quarter,
            "label": shorten_quarter(point.quarter),
            "text": format_rate(point.rate),
            "n": point.rate.n,
            "hidden": point.rate.hidden,
            "target": point.target,
            **_rate_span(point.rate),
        }
        for point in points
    ]


def build_interval_lines(rows: Iterable[CutRow], target: float) -> list[ChartPoint]:
    """A line with its interval for each row."""
    return [_interval_line(localised_text(row.name), row.rate, target) for row in rows]


def build_rating_columns(counts: Sequence[int] | None) -> list[ChartPoint]:
    """A column for each rating 1–5."""
    return [] if counts is None else _build_columns(counts, 1, (BAD, BAD, MIDDLE, GOOD, GOOD))


def build_question_columns(row: QuestionRow) -> list[ChartPoint]:
    """A column for each answer that a question offers, worst first."""
    if row.distribution is None:
        return []
    if row.kind == Kind.RATING:
        return build_rating_columns(row.distribution)
    if row.kind == Kind.RECOMMEND:
        return _build_columns(row.distribution, 0, (*[BAD] * 7, MIDDLE, MIDDLE, GOOD, GOOD))
    no, yes = row.distribution
    return [{"label": gettext("No"), "n": no, "mark": BAD}, {"label": gettext("Yes"), "n": yes, "mark": GOOD}]


def _option_line(option: ChoiceOption) -> ChartPoint:
    rate = option.rate
    words = gettext("%(share)s (%(number)s)", share=format_percent(rate.value, 0), number=rate.good or 0)
    return {"label": localised_text(option.name), "value": rate.value, "text": words}


def _build_columns(counts: Sequence[int], first: int, marks: Sequence[str]) -> list[ChartPoint]:
    marked = enumerate(zip(counts, marks, strict=True), first)
    return [{"label": str(at), "n": n, "mark": mark} for at, (n, mark) in marked]


def _importance_chart(figures: QuarterFigures) -> dict[str, object] | None:
    """Dimensions by importance and satisfaction, with a place for every label; None without a field."""
    points = [
        {"label": localised_text(one.name), "x": one.correlation, "y": one.satisfaction.value, "bad": which == "first"}
        for one in figures.importance
        if (which := one.quadrant) != "unknown"
    ]
    return place_quadrants(points, figures.importance_cut) if points and figures.importance_cut else None


def format_rate(rate: Rate) -> str:
    """A rate in a few characters: hidden, nothing to count, or its percentage."""
    return gettext("not shown") if rate.hidden else format_percent(rate.value)


def is_below(rate: Rate, target: float) -> bool:
    """Whether a rate lies below the target beyond chance: its whole interval does, of enough responses."""
    return rate.high is not None and (rate.n or 0) >= FEWEST_RESPONSES and rate.high < target


def _interval_line(label: str, rate: Rate, target: float) -> ChartPoint:
    words = format_rate(rate)
    if rate.value is not None:
        words = gettext("%(share)s, n = %(n)s", share=words, n=rate.n)
    return {"label": label, "text": words, "n": rate.n or 0, "bad": is_below(rate, target), **_rate_span(rate)}


def _rate_span(rate: Rate) -> ChartPoint:
    return {"value": rate.value, "low": rate.low, "high": rate.high}


def _build_heatmap(figures: QuarterFigures) -> dict[str, object]:
    rates = {(cell["client"], cell["dimension"]): cell["rate"] for cell in figures.heat}
    keys = [row.key for row in figures.dimensions]
    rows = [
        {
            "label": localised_text(row.name),
            "cells": [_heatmap_cell(rates.get((row.key, key)), row.key, key) for key in keys],
        }
        for row in figures.clients
        if any((row.key, key) in rates for key in keys)
    ]
    return {"columns": [localised_text(row.name) for row in figures.dimensions], "rows": rows}


def _heatmap_cell(rate: Rate | None, client: str, dimension: str) -> ChartPoint:
    if rate is None:
        return {"value": None, "text": "", "n": None, "ratings": ""}
    words = format_percent(rate.value, 0) if rate.value is not None else "···"
    shown = {"value": rate.value, "text": words, "n": rate.n, "ratings": _describe_ratings(rate)}
    return {**shown, "client": client, "dimension": dimension}


def _describe_ratings(rate: Rate) -> str:
    """How many ratings of how many responses: one response may rate a dimension several times."""
    if rate.value is None:
        return format_rate(rate)
    return gettext("%(good)s of %(of)s ratings, n = %(n)s", good=rate.good, of=rate.of, n=rate.n)


def shorten_quarter(quarter: int) -> str:
    """20263 in four characters, for an axis."""
    return f"{quarter // 10 % 100:02}Q{quarter % 10}"
