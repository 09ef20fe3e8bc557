"""Where a chart's labels go, so that none covers another or a point: the same places each time."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from csat.models.base import Json

LEFT, RIGHT, TOP, BOTTOM = 36.0, 470.0, 10.0, 210.0  # the field of the chart, in its own units
SIZE, LINE = 8.5, 11.0  # of the letters, and of a line of them
NEAR, STEP = 8.0, 10.0  # from a point to its label; how much further the next try is
TRIES = 8
CORNER_SIZE = 14.0  # so far from the edge stand the names of the quadrants


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
    taken += [
        LabelBox(LEFT, TOP, LEFT + 60, TOP + CORNER_SIZE),
        LabelBox(RIGHT - 60, TOP, RIGHT, TOP + CORNER_SIZE),
    ]
    taken += [
        LabelBox(LEFT, BOTTOM - CORNER_SIZE, LEFT + 60, BOTTOM),
        LabelBox(RIGHT - 60, BOTTOM - CORNER_SIZE, RIGHT, BOTTOM),
    ]
    for point in sorted(points, key=lambda one: (one["cy"], one["cx"])):
        tries = list(_places(point))
        best = min(tries, key=lambda place: (_covered(place[0], taken), place[1]["far"]))
        taken.append(best[0])
        point.update(best[1])


def measure_label(label: str) -> float:
    """How wide a label is: Chinese characters are as wide as they are high."""
    return sum(SIZE if unicodedata.east_asian_width(one) in "WF" else SIZE * 0.56 for one in label)


def measure_overlap(points: Sequence[Json]) -> float:
    """How much the labels of placed points cover each other."""
    boxes = [_box(point, point["lx"], point["ly"], point["anchor"]) for point in points]
    return sum(one.covers(other) for one, other in combinations(boxes, 2))


def _places(point: Json) -> Iterator[tuple[LabelBox, Json]]:
    """Right, left, below and above a point, then ever further away."""
    for far in range(TRIES):
        for sideways, anchor in ((NEAR, "start"), (-NEAR, "end")):
            for down in {0.0: (0.0,)}.get(float(far), (STEP * far, -STEP * far)):
                yield _place(point, point["cx"] + sideways, point["cy"] + 3 + down, anchor, far)
        for down in (NEAR + SIZE + STEP * far, -NEAR - STEP * far):
            yield _place(point, point["cx"], point["cy"] + down, "middle", far + 0.5)


def _place(point: Json, x: float, y: float, anchor: str, far: float) -> tuple[LabelBox, Json]:
    return _box(point, x, y, anchor), {"lx": x, "ly": y, "anchor": anchor, "far": far, "led": far >= 1}


def _box(point: Json, x: float, y: float, anchor: str) -> LabelBox:
    wide = measure_label(point["label"])
    left = {"start": x, "end": x - wide, "middle": x - wide / 2}[anchor]
    return LabelBox(left, y - SIZE, left + wide, y - SIZE + LINE)


def _covered(box: LabelBox, taken: Sequence[LabelBox]) -> float:
    """How bad a place is: what it covers, and most of all what it puts outside the field."""
    outside = max(0.0, LEFT + 2 - box.left) + max(0.0, box.right - RIGHT + 2)
    outside += max(0.0, TOP + 2 - box.top) + max(0.0, box.bottom - BOTTOM + 2)
    return outside * 100 + sum(box.covers(other) for other in taken)


def _scale(low: float, high: float, first: float, last: float) -> Callable[[float], float]:
    return lambda value: first + (value - low) / (high - low) * (last - first)
