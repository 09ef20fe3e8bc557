"""What the report's charts are drawn from: values, labels ready for the reader, colours, numbers in order."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from csat.documents.locale_format import LocaleFormat
from csat.documents.report import ranking
from csat.models.base import Json

# What a chart is drawn with: on paper fixed colours, in a browser the tokens of the look.
PAPER_PALETTE = {
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
SCREEN_PALETTE = {name: f"var(--{name.replace('_', '-')})" for name in PAPER_PALETTE} | {
    "soft": "var(--ink-soft)",
    "font": "inherit",
}

LEFT, RIGHT, TOP, BOTTOM = 36.0, 470.0, 10.0, 210.0  # the field of the chart, in its own units
SIZE, LINE = 8.5, 11.0  # of the letters, and of a line of them
NEAR, STEP = 8.0, 10.0  # from a point to its label; how much further the next try is
TRIES = 16  # so many that seven points on one place in a corner get labels apart
CORNER_SIZE = 14.0  # so far from the edge stand the names of the quadrants

ACTION_ORDER = ("overdue", "open", "late", "done")  # of actions
DONE_STATES = ("late", "done")


class ChartData:
    """What charts and lists are drawn from: values, and labels ready for the reader."""

    def __init__(self, document: Json, tongue: LocaleFormat) -> None:
        self._document, self._figures, self._tongue = document, document["figures"], tongue

    def goal(self) -> str:
        """What stands at the line of the target (F7)."""
        told = {"target": self._tongue.target(self._figures["target"])}
        return self._tongue.texts.gettext("target %(target)s") % told

    def trend(self) -> list[Json]:
        """A point for each quarter."""
        label = self._tongue.short_quarter
        return [
            {**self._point(label(one["quarter"]), one["rate"]), "target": one.get("target")}
            for one in self._figures["trend"]
        ]

    def intervals(self, rows: Sequence[Json]) -> list[Json]:
        """A row for each rate that may be shown, lowest first."""
        shown = sorted((row for row in rows if row["rate"]["value"] is not None), key=lambda row: row["rate"]["value"])
        return [
            {
                **self._point(self._tongue.label(row["name"]), row["rate"]),
                "text": f"{self._tongue.percent(row['rate']['value'])}, n = {row['rate']['n']}",
                "bad": ranking.is_clearly_below(row["rate"], self._figures["target"]),
            }
            for row in shown
        ]

    def importance(self) -> dict[str, object] | None:
        """The dimensions whose importance is known, as placed points, and where the field is cut."""
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
        return place_quadrants(points, cut) if points and cut else None

    def funnel(self) -> list[dict[str, object]]:
        """From the invitation to the response that counts, a bar for each step that may be told."""
        say, asked = self._tongue.texts.gettext, self._figures["asked"]
        verdicts = self._figures["verdicts"]
        steps = (
            (say("Invited"), asked["invited"]),
            (say("Delivered"), asked["delivered"]),
            (say("Answered"), asked["answered"]),
            (say("Valid, in the figures"), verdicts["valid"]),
        )
        most = max([number or 0 for _, number in steps] + [1])
        return [
            {"label": label, "share": number / most, "text": self._tongue.number(number)}
            for label, number in steps
            if number is not None
        ]

    def results(self) -> list[dict[str, object]]:
        """What last quarter's actions came to, by the type of problem they were about."""
        then = (self._document["before"] or {}).get("types", {})
        now = {row["key"]: row["total"] for row in self._figures["feedback"]["rows"]}
        found: dict[str, Json] = {}
        for row in self._document["actions"]["before"]:
            key = row.get("type", row["issue"]["zh"])
            line = found.setdefault(key, {"name": row["issue"], "counts": Counter(), "key": key})
            line["counts"].update([row["state"], "all"] + ["confirmed"] * bool(row["confirmed"]))
        for key, line in found.items():
            line["then"], line["now"] = then.get(key), now.get(key, 0 if key in then else None)
        return sorted(found.values(), key=lambda line: -line["counts"]["all"])

    def timed(self) -> list[dict[str, object]]:
        """The commitments measured in time, of which the spread is told."""
        shown = [one for one in self._document["commitments"] if not one["hidden"]]
        return [one for one in shown if one["parts"].get("median") is not None]

    def appraised(self, sort: str, most: int) -> dict[str, object]:
        """The appraisal's rows of one sort, and how many more the attached data has."""
        rows = [row for row in self._document["appraisal"]["rows"] if row["sort"] == sort]
        return {"rows": rows[:most], "more": max(0, len(rows) - most)}

    def heat(self, most: int) -> dict[str, object]:
        """Clients by dimensions."""
        cells = {(str(cell["client"]), cell["dimension"]): cell["rate"] for cell in self._figures["heat"]}
        columns = [row for row in self._figures["dimensions"] if any(key[1] == row["key"] for key in cells)]
        drawn = {client for client, _ in cells}
        clients = [row for row in ranking.list_named_clients(self._figures) if row["key"] in drawn]
        rows = [
            {
                "label": self._tongue.label(client["name"]),
                "cells": [self._cell(cells.get((client["key"], column["key"]))) for column in columns],
            }
            for client in clients[:most]
        ]
        return {"columns": [self._tongue.label(column["name"]) for column in columns], "rows": rows}

    def actions(self, rows: Sequence[dict[str, object]], unfinished: bool, most: int) -> Json:
        """How many actions stand how, and the rows to list: what is not done first, or only that."""
        states = Counter(row["state"] for row in rows)
        listed = [row for row in rows if not (unfinished and row["state"] in DONE_STATES and row["confirmed"])]
        listed.sort(key=lambda row: ACTION_ORDER.index(row["state"]))
        return {
            "all": len(rows),
            "done": sum(states[state] for state in DONE_STATES),
            "late": states["late"],
            "overdue": states["overdue"],
            "confirmed": sum(row["confirmed"] for row in rows),
            "rows": listed[:most],
            "left_out": max(0, len(listed) - most),
        }

    def _cell(self, rate: Json | None) -> dict[str, object]:
        value = rate["value"] if rate else None
        return {"value": value, "text": "–" if value is None else f"{value * 100:.0f}"}

    def _point(self, label: str, rate: Json) -> dict[str, object]:
        return {**rate, "label": label, "text": self._tongue.percent(rate["value"])}


class Numbering:
    """Numbers tables and figures in the order of the page, and remembers them for the contents."""

    def __init__(self, tongue: LocaleFormat) -> None:
        self._tongue = tongue
        self.tables: list[dict[str, str]] = []
        self.figures: list[dict[str, str]] = []

    def table(self, title: str) -> dict[str, str]:
        """The next table: its id, label and title."""
        return self._next(self.tables, "table", self._tongue.texts.gettext("Table %(number)s"), title)

    def figure(self, title: str) -> dict[str, str]:
        """The next figure: its id, label and title."""
        return self._next(self.figures, "figure", self._tongue.texts.gettext("Figure %(number)s"), title)

    def _next(self, known: list[dict[str, str]], kind: str, label: str, title: str) -> dict[str, str]:
        number = len(known) + 1
        known.append({"id": f"{kind}-{number}", "label": label % {"number": number}, "title": title})
        return known[-1]


# --- where labels go, so that none covers another or a point: the same places each time -----------------


class LabelBox(NamedTuple):
    """What a label or a point covers."""

    left: float
    top: float
    right: float
    bottom: float

    def covers(self, other: LabelBox) -> float:
        """How much of another box this one covers."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide * high if wide > 0 and high > 0 else 0.0


def place_quadrants(points: Sequence[Json], cut: Sequence[float]) -> Json:
    """An importance chart with its labels placed; `points` have label, x (correlation), y (share), bad."""
    xs, ys = [point["x"] for point in points], [point["y"] for point in points]
    across = _scale(min([*xs, cut[0]]) - 0.06, max([*xs, cut[0]]) + 0.06, LEFT, RIGHT)
    floor = max(0.0, int((min([*ys, cut[1]]) - 0.03) * 20) / 20)
    up = _scale(1.0, floor, TOP, BOTTOM)
    drawn = [{**point, "cx": across(point["x"]), "cy": up(point["y"])} for point in points]
    place_labels(drawn)
    return {"points": drawn, "cut": (across(cut[0]), up(cut[1])), "floor": floor}


def place_labels(points: list[Json]) -> None:
    """Give each point a place for its label: lx, ly, anchor, and whether a line must lead to it."""
    taken = [LabelBox(one["cx"] - 6, one["cy"] - 6, one["cx"] + 6, one["cy"] + 6) for one in points]
    for y in (TOP, BOTTOM - CORNER_SIZE):  # the names of the quadrants
        taken += [LabelBox(x, y, x + 60, y + CORNER_SIZE) for x in (LEFT, RIGHT - 60)]
    for point in sorted(points, key=lambda one: (one["cy"], one["cx"])):
        best = min(_places(point), key=lambda place: (_covered(place[0], taken), place[1]["far"]))
        taken.append(best[0])
        point.update(best[1])


def measure_label(label: str) -> float:
    """How wide a label is: Chinese characters are as wide as they are high."""
    return sum(SIZE if unicodedata.east_asian_width(one) in "WF" else SIZE * 0.56 for one in label)


def _places(point: Json) -> Iterator[tuple[LabelBox, Json]]:
    """Right, left, below and above a point, then ever further away."""
    for far in range(TRIES):
        for sideways, anchor in ((NEAR, "start"), (-NEAR, "end")):
            for down in {0.0: (0.0,)}.get(float(far), (STEP * far, -STEP * far)):
                yield _place(point, point["cx"] + sideways, point["cy"] + 3 + down, anchor, far)
        for down in (NEAR + SIZE + STEP * far, -NEAR - STEP * far):
            yield _place(point, point["cx"], point["cy"] + down, "middle", far + 0.5)


def _place(point: Json, x: float, y: float, anchor: str, far: float) -> tuple[LabelBox, Json]:
    wide = measure_label(point["label"])
    left = {"start": x, "end": x - wide, "middle": x - wide / 2}[anchor]
    box = LabelBox(left, y - SIZE, left + wide, y - SIZE + LINE)
    return box, {"lx": x, "ly": y, "anchor": anchor, "far": far, "led": far >= 1}


def _covered(box: LabelBox, taken: Sequence[LabelBox]) -> float:
    """How bad a place is: what it covers, and most of all what it puts outside the field."""
    outside = max(0.0, LEFT + 2 - box.left) + max(0.0, box.right - RIGHT + 2)
    outside += max(0.0, TOP + 2 - box.top) + max(0.0, box.bottom - BOTTOM + 2)
    return outside * 100 + sum(box.covers(other) for other in taken)


def _scale(low: float, high: float, first: float, last: float) -> Callable[[float], float]:
    return lambda value: first + (value - low) / (high - low) * (last - first)
