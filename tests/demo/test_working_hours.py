"""When people of the demo work."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from csat.demo import working_hours
from csat.procedure.core.quarter import Quarter

ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2024, 10, 4, 15, 30, tzinfo=ZONE)


@pytest.mark.parametrize(("days", "day"), [(0, 4), (1, 7), (5, 11)])
def test_working_days_leave_out_the_week_end(days, day):
    assert working_hours.add_workdays(FRIDAY, days) == FRIDAY.replace(day=day)


@pytest.mark.parametrize(
    ("hours", "day", "hour"),
    [(0, 4, 15), (3, 7, 9), (-8, 4, 9), (24, 7, 15)],
    ids=["in time", "after closing", "too early", "week-end"],
)
def test_the_desk_takes_up_on_the_next_working_day(hours, day, hour):
    found = working_hours.next_desk_time(FRIDAY + timedelta(hours=hours), ZONE, random.Random(1))
    assert (found.day, found.hour) == (day, hour)


def test_drawn_moments_lie_in_working_hours():
    dice, quarter = random.Random(1), Quarter(2024, 4)
    for _ in range(50):
        drawn = working_hours.draw_working_time(quarter, ZONE, dice)
        assert Quarter.of(drawn, ZONE) == quarter and drawn.weekday() < 5 and 9 <= drawn.hour < 17
        earlier = working_hours.draw_earlier_time(drawn - timedelta(hours=30), ZONE, dice)
        assert earlier < drawn and earlier.weekday() < 5 and 8 <= earlier.hour < 18


def test_the_desk_asks_within_two_days_unless_it_is_late():
    dice = random.Random(1)
    for hour in range(9, 18):
        closed = FRIDAY.replace(hour=hour).astimezone(UTC)
        assert working_hours.draw_asking_time(closed, False, ZONE, dice) - closed < timedelta(hours=48)
        assert working_hours.draw_asking_time(closed, True, ZONE, dice) - closed > timedelta(hours=48)
