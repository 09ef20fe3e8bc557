"""Charts: macros of plain Jinja, sound whatever they are given; no label covers another."""

from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from csat.config import PROJECT_ROOT
from csat.documents.report import charts as module

INK = SimpleNamespace(**module.PAPER_PALETTE)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def charts():
    environment = Environment(
        loader=FileSystemLoader(PROJECT_ROOT / "templates"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("parts/charts.html").module


def a_point(label: str, value: float | None, text: str = "", **more) -> dict:
    low, high = (None, None) if value is None else (max(0, value - 0.1), min(1, value + 0.05))
    return {"label": label, "value": value, "low": low, "high": high, "text": text, "n": 12, "bad": False, **more}


def drawn(chart: str) -> ElementTree.Element:
    """The chart as a tree; it has a title and a description that label it, and no style anywhere."""
    svg = ElementTree.fromstring(str(chart).strip())
    ids = {one.get("id") for one in svg.iter()}
    assert svg.get("role") == "img"
    assert set(svg.get("aria-labelledby").split()) <= ids
    assert svg.find(f"{SVG}title").text and svg.find(f"{SVG}desc").text
    assert not any(one.get("style") or one.get("class") not in (None, "chart") for one in svg.iter())
    assert "nan" not in str(chart)
    return svg


POINTS = [a_point("25Q4", 0.8), a_point("26Q1", None), a_point("26Q2", 0.0), a_point("26Q3", 1.0, "100%")]


def test_a_trend_draws_the_target_of_each_quarter(charts):
    """One line while it is the same; steps where it changed (F7)."""
    points = [a_point(str(n), 0.92, target=0.85 if n < 3 else 0.9) for n in range(8)]

    def goals(given: list[dict]) -> list[str]:
        svg = drawn(charts.trend("t", "Trend", "Eight quarters", given, 0.9, "Target 90%", INK))
        return [path.get("d") for path in svg.iter(f"{SVG}path") if path.get("stroke-dasharray")]

    heights = [path.split("H")[0].split()[1] for path in goals(points)]
    assert len(heights) == 8 and len(set(heights[:3])) == len(set(heights[3:])) == 1
    assert float(heights[0]) > float(heights[3])
    same = [{**point, "target": None} for point in points]
    assert len(goals(same)) == len(goals([a_point("1", 0.92)])) == 1


@pytest.mark.parametrize("points", [POINTS, POINTS[:1], POINTS[1:2], []])
def test_a_trend_breaks_where_nothing_is_shown(charts, points):
    svg = drawn(charts.trend("t", "Trend", "Eight quarters", points, 0.9, "Target 90%", INK))
    assert len(svg.findall(f"{SVG}circle")) == sum(1 for point in points if point["value"] is not None)


@pytest.mark.parametrize("rows", [POINTS, [a_point("江南轨道交通运营管理有限责任公司第一分公司", 0.5, bad=True)], []])
def test_intervals_cut_long_labels(charts, rows):
    svg = drawn(charts.intervals("i", "Clients", "By client", rows, 0.9, "Target 90%", INK))
    assert all(len(text.text or "") <= 36 for text in svg.iter(f"{SVG}text"))


def test_labels_are_escaped(charts):
    svg = drawn(charts.intervals("i", "A & B", "<b>", [a_point("<script>", 0.5)], 0.9, "T", INK))
    assert svg.find(f"{SVG}title").text == "A & B"
    assert "<script>" in {text.text for text in svg.iter(f"{SVG}text")}


def test_importance_leaves_out_what_has_no_correlation(charts):
    words = {name: name for name in ("keep", "strength", "secondary", "first", "axis")}
    points = [
        {"label": "及时性", "x": 0.5, "y": 0.9, "bad": False},
        {"label": "解决效果", "x": 0.5, "y": 0.9, "bad": True},
        {"label": "安全", "x": None, "y": 0.9, "bad": False},
    ]
    svg = drawn(charts.importance("m", "Importance", "What first", points, (0.5, 0.9), words, INK))
    assert len(svg.findall(f"{SVG}circle")) == 2
    places = {(text.get("x"), text.get("y")) for text in svg.iter(f"{SVG}text")}
    assert len(places) == len(list(svg.iter(f"{SVG}text")))  # no label on another


def test_heat_and_distribution_draw_what_shows(charts):
    rows = [{"label": "华东物流", "cells": [{"value": 0.5, "text": "50%"}, {"value": None, "text": "…"}]}]
    assert len(drawn(charts.heat("h", "Heat", "Map", ["及时性", "专业性"], rows, INK)).findall(f"{SVG}rect")) == 1
    parts = [{"label": "1", "n": 0}, {"label": "5", "n": 7}]
    assert len(drawn(charts.distribution("d", "Spread", "One", parts, INK)).findall(f"{SVG}rect")) == 1
    assert "rect" in str(charts.spread([0, 1, 2, 3, 4], INK))
    assert "circle" in str(charts.bar(0.5, 0.4, 0.6, 0.9, INK))


def test_the_font_of_a_chart_is_the_readers(charts):
    svg = drawn(charts.trend("t", "T", "D", POINTS, 0.9, "", INK))
    assert svg.get("font-family") == "Noto Sans CJK SC"


# --- where labels go ---------------------------------------------------------------------------------

NAMES = ("及时性", "专业性", "Attitude and communication", "解决效果", "Convenience", "安全成效", "可用与恢复")
CUT = (0.5, 0.88)

share = st.floats(0.5, 1.0)
points = st.lists(st.tuples(st.floats(-0.2, 0.95), share), min_size=1, max_size=len(NAMES))


def placed(where: list[tuple[float, float]]) -> list[dict]:
    drawn = [{"label": name, "x": x, "y": y, "bad": False} for name, (x, y) in zip(NAMES, where, strict=False)]
    return module.place_quadrants(drawn, CUT)["points"]


def measure_overlap(points: list[dict]) -> float:
    """How much the labels of placed points cover each other."""
    boxes = [module._place(point, point["lx"], point["ly"], point["anchor"], 0)[0] for point in points]
    return sum(one.covers(other) for one, other in combinations(boxes, 2))


def test_points_that_lie_close_together_get_labels_apart():
    close = [(0.6, 0.9), (0.605, 0.902), (0.61, 0.9), (0.6, 0.905), (0.62, 0.9)]
    assert measure_overlap(placed(close)) == 0


@given(points)
def test_no_labels_cover_each_other_wherever_the_points_lie(where):
    assert measure_overlap(placed(where)) == 0


@given(points)
def test_labels_stay_inside_the_field(where):
    for point in placed(where):
        left = {"start": 0.0, "end": 1.0, "middle": 0.5}[point["anchor"]] * module.measure_label(point["label"])
        assert point["lx"] - left >= module.LEFT
        assert point["lx"] - left + module.measure_label(point["label"]) <= module.RIGHT
        assert module.TOP <= point["ly"] <= module.BOTTOM


@given(points)
def test_the_same_points_give_the_same_places(where):
    assert placed(where) == placed(where)
