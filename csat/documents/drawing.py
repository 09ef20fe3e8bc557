"""What the report's charts are drawn from: values, labels ready for the reader, colours, numbers in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from csat.documents import sentences
from csat.documents.tongue import Tongue

# What a chart is drawn with: on paper fixed colours, in a browser the tokens of the look.
PAPER = {
    "ink": "#1d2a33",
    "soft": "#55636d",
    "line": "#dcdfe0",
    "accent": "#0b6260",
    "bad": "#b3261e",
    "warn": "#9a6700",
    "bad_soft": "#fbe9e7",
    "paper": "#ffffff",
    "font": "Noto Sans CJK SC",
}
SCREEN = {name: f"var(--{name.replace('_', '-')})" for name in PAPER} | {
    "soft": "var(--ink-soft)",
    "font": "inherit",
}


ORDER = ("overdue", "open", "late", "done")  # of actions
DONE = ("late", "done")


class Charts:
    """What charts and lists are drawn from: values, and labels ready for the reader."""

    def __init__(self, figures: dict[str, Any], tongue: Tongue) -> None:
        self._figures, self._tongue = figures, tongue

    def goal(self) -> str:
        """What stands at the line of the target (F7)."""
        return self._tongue.texts.gettext("target %(target)s") % {
            "target": self._tongue.target(self._figures["target"])
        }

    def trend(self) -> list[dict[str, Any]]:
        """A point for each quarter."""
        label = self._tongue.short_quarter
        return [self._point(label(one["quarter"]), one["rate"]) for one in self._figures["trend"]]

    def intervals(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """A row for each rate that may be shown, lowest first."""
        shown = sorted(
            (row for row in rows if row["rate"]["value"] is not None), key=lambda row: row["rate"]["value"]
        )
        return [
            {
                **self._point(self._tongue.label(row["name"]), row["rate"]),
                "text": f"{self._tongue.percent(row['rate']['value'])}, n = {row['rate']['n']}",
                "bad": sentences.is_below(row["rate"], self._figures["target"]),
            }
            for row in shown
        ]

    def importance(self) -> dict[str, Any]:
        """A point for each dimension whose importance is known, and where the field is cut."""
        known = [one for one in self._figures["importance"] if one["quadrant"] != "unknown"]
        points = [
            {
                "label": self._tongue.label(one["name"]),
                "x": one["correlation"],
                "y": one["satisfaction"]["value"],
                "bad": one["quadrant"] == "first",
            }
            for one in known
        ]
        cut = self._figures["importance_cut"]
        return {"points": points if cut else [], "cut": cut}

    def heat(self, most: int) -> dict[str, Any]:
        """Clients by dimensions."""
        cells = {(str(cell["client"]), cell["dimension"]): cell["rate"] for cell in self._figures["heat"]}
        columns = [row for row in self._figures["dimensions"] if any(key[1] == row["key"] for key in cells)]
        drawn = {client for client, _ in cells}
        clients = [row for row in sentences.clients_of(self._figures) if row["key"] in drawn]
        rows = [
            {
                "label": self._tongue.label(client["name"]),
                "cells": [self._cell(cells.get((client["key"], column["key"]))) for column in columns],
            }
            for client in clients[:most]
        ]
        return {"columns": [self._tongue.label(column["name"]) for column in columns], "rows": rows}

    def actions(self, rows: Sequence[dict[str, Any]], unfinished: bool, most: int) -> dict[str, Any]:
        """How many actions stand how, and the rows to list: what is not done first, or only that."""
        states = Counter(row["state"] for row in rows)
        listed = [row for row in rows if not (unfinished and row["state"] in DONE and row["confirmed"])]
        listed.sort(key=lambda row: ORDER.index(row["state"]))
        return {
            "all": len(rows),
            "done": sum(states[state] for state in DONE),
            "late": states["late"],
            "overdue": states["overdue"],
            "confirmed": sum(row["confirmed"] for row in rows),
            "rows": listed[:most],
            "left_out": max(0, len(listed) - most),
        }

    def _cell(self, rate: dict[str, Any] | None) -> dict[str, Any]:
        value = rate["value"] if rate else None
        return {"value": value, "text": "–" if value is None else f"{value * 100:.0f}"}

    def _point(self, label: str, rate: dict[str, Any]) -> dict[str, Any]:
        return {**rate, "label": label, "text": self._tongue.percent(rate["value"])}


class Numbering:
    """Numbers tables and figures in the order of the page."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue
        self._tables = self._figures = 0

    def table(self) -> str:
        """The number of the next table."""
        self._tables += 1
        return self._tongue.texts.gettext("Table %(number)s") % {"number": self._tables}

    def figure(self) -> str:
        """The number of the next figure."""
        self._figures += 1
        return self._tongue.texts.gettext("Figure %(number)s") % {"number": self._figures}
