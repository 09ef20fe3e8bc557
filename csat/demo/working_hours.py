"""When people of the demo work: weekdays, within office hours."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta, tzinfo

from csat.procedure.core.quarter import Quarter

DESK_OPENS, DESK_CLOSES = 9, 18
LONGEST_WAIT = timedelta(hours=40)  # of the desk, with some of the 48 hours to spare


def is_workday(day: date) -> bool:
    """Whether the provider works on a day (weekends off)."""
    return day.weekday() < 5


def add_workdays(instant: datetime, days: int = 1) -> datetime:
    """The same time so many working days later."""
    while days:
        instant += timedelta(days=1)
        days -= is_workday(instant.date())
    return instant


def draw_working_time(quarter: Quarter, zone: tzinfo, dice: random.Random) -> datetime:
    """Some moment of a quarter at which people work."""
    start = quarter.start(zone).astimezone(zone)
    days = (quarter.end(zone) - quarter.start(zone)).days
    while True:
        day = start + timedelta(days=dice.randrange(days))
        if is_workday(day.date()):
            return day + timedelta(hours=9, minutes=dice.randrange(8 * 60))


def draw_earlier_time(instant: datetime, zone: tzinfo, dice: random.Random) -> datetime:
    """The same moment, or one within office hours of that day or the working day before it."""
    local = instant.astimezone(zone)
    if is_workday(local.date()) and 8 <= local.hour < 18:
        return local
    if not is_workday(local.date()) or local.hour < 8:
        local -= timedelta(days=1)
    while not is_workday(local.date()):
        local -= timedelta(days=1)
    return local.replace(hour=dice.randrange(8, 18), minute=dice.randrange(60))


def draw_asking_time(closed: datetime, late: bool, zone: tzinfo, dice: random.Random) -> datetime:
    """When the desk asks: within its hours, before a week-end rather than after it, seldom too late."""
    if late:
        return next_desk_time(closed + timedelta(hours=dice.uniform(50, 120)), zone, dice)
    asked_at = next_desk_time(closed + timedelta(hours=dice.uniform(0.5, 22)), zone, dice)
    in_time = asked_at - closed < LONGEST_WAIT
    return asked_at if in_time else closed + timedelta(minutes=dice.uniform(10, 80))


def next_desk_time(instant: datetime, zone: tzinfo, dice: random.Random) -> datetime:
    """The next moment at which the desk works: weekdays, nine to six."""
    local = instant.astimezone(zone)
    if local.hour >= DESK_CLOSES:
        tomorrow = local.date() + timedelta(days=1)
        local = datetime.combine(tomorrow, time(DESK_OPENS, dice.randrange(60)), zone)
    if local.hour < DESK_OPENS:
        local = local.replace(hour=DESK_OPENS, minute=dice.randrange(60))
    return local if is_workday(local.date()) else add_workdays(local)
