"""The demo's timeline: what is told when, and that the same content tells the same story."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from csat import clock
from csat.demo.cast import Cast
from csat.demo.story import PLANS
from csat.demo.timeline import QUARTERS, Timeline
from csat.procedure.core.quarter import Quarter

BEGINS = datetime(2024, 10, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONTENT = {
    "seed": 1,
    "first_quarter": "2024Q4",
    "ends": BEGINS + 4 * HOUR,
    "chances": {"rain": 0.5, "never": 0.0},
    "open": {"cases": [], "thanks": []},
    "paper": {"opens": BEGINS},
    "own_mail": {"tried": BEGINS, "round_prompted": BEGINS},
    "last_days": {"incidents": []},
    "visitor": {"opens": BEGINS},
}


@pytest.fixture
def timeline() -> Timeline:
    """A story of four hours in which nobody plays."""
    return Timeline(Cast(), CONTENT, SimpleNamespace(timezone=ZoneInfo("Asia/Shanghai")))


@pytest.fixture
def told() -> list:
    return []


def note(timeline: Timeline, now: datetime, told: list, word: str) -> None:
    told.append((word, now, clock.now()))


def test_steps_are_told_in_time_order_with_the_clock_standing(timeline, told):
    for hours, word in ((2, "second"), (1, "first")):
        timeline.at(BEGINS + hours * HOUR, note, told, word)
    timeline.tell()
    assert told == [(word, BEGINS + at * HOUR, BEGINS + at * HOUR) for at, word in ((1, "first"), (2, "second"))]


def test_steps_of_one_instant_are_told_in_the_order_planned(timeline, told):
    for word in "zyxa":
        timeline.at(BEGINS, note, told, word)
    timeline.tell()
    assert [word for word, _, _ in told] == list("zyxa")


def test_a_step_may_plan_others_and_they_come_after_what_is_planned_already(timeline, told):
    def plan_more(timeline: Timeline, now: datetime) -> None:
        timeline.at(now, note, told, "planned last")
        timeline.at(now + HOUR, note, told, "later")

    timeline.at(BEGINS, plan_more)
    timeline.at(BEGINS, note, told, "planned first")
    timeline.tell()
    assert [word for word, _, _ in told] == ["planned first", "planned last", "later"]


def test_what_would_happen_after_the_end_does_not(timeline, told):
    timeline.at(CONTENT["ends"], note, told, "at the end")
    timeline.at(CONTENT["ends"] + timedelta(seconds=1), note, told, "too late")
    timeline.tell()
    assert [word for word, _, _ in told] == ["at the end"]


def test_the_seed_decides_what_happens():
    def draw(seed: int) -> list[bool]:
        config = SimpleNamespace(timezone=UTC)
        timeline = Timeline(Cast(), {**CONTENT, "seed": seed}, config)
        return [timeline.happens("rain") for _ in range(30)]

    assert draw(1) == draw(1) != draw(2)
    assert {True, False} == set(draw(1))


def test_a_chance_of_nothing_never_happens(timeline):
    assert not any(timeline.happens("never") for _ in range(30))


def test_the_quarters_of_the_story(timeline):
    assert len(timeline.quarters) == QUARTERS and timeline.quarters[0] == Quarter(2024, 4)
    assert timeline.last_quarter == Quarter(2026, 3) and timeline.reported_quarter == Quarter(2026, 2)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.__name__)
def test_a_plan_only_plans(plan, timeline):
    """It touches neither the store nor the dice: else the order of plans would change the figures."""
    before = timeline.dice.getstate()
    plan(timeline)
    assert timeline.dice.getstate() == before
