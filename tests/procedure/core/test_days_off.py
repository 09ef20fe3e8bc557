"""Which days are off: weekends, holidays, and neither the weekend days that are worked for them (§7)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.adapters import holiday_calendar
from csat.models.records import AuditEntry
from csat.models.work import DayOff
from csat.procedure.core import days_off
from csat.procedure.core.days_off import WeekdayAlready, WeekendAlready, is_day_off
from csat.procedure.core.refusals import NotFound, ValueMissing
from tests.builders import NOW

NATIONAL_DAY_WEEK = [date(2026, 10, day) for day in range(1, 8)]
SHIFTED_SATURDAY, PLAIN_SATURDAY = date(2026, 10, 10), date(2026, 10, 17)


def proposed(language="zh"):
    return holiday_calendar.propose_days(2026, language)


def load() -> int:
    return days_off.load_days(proposed(), 2026, "command:test", NOW)


def test_the_week_of_the_national_day_is_off_and_the_saturday_after_it_is_worked(engine_db):
    assert load() == len(proposed())
    calendar = days_off.read_calendar()
    assert all(is_day_off(day, calendar) for day in NATIONAL_DAY_WEEK)
    assert not is_day_off(date(2026, 9, 30), calendar) and not is_day_off(date(2026, 10, 8), calendar)
    assert not is_day_off(SHIFTED_SATURDAY, calendar) and is_day_off(PLAIN_SATURDAY, calendar)


def test_only_days_that_weekends_do_not_tell_are_proposed():
    assert all(worked == (day.weekday() >= 5) and day.year == 2026 for day, _, worked in proposed())
    assert (date(2026, 10, 1), "国庆节", False) in proposed() and (SHIFTED_SATURDAY, "", True) in proposed()
    assert (date(2026, 10, 1), "National Day", False) in proposed("en")


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_without_a_calendar_weekends_are_off(day):
    assert is_day_off(day, {}) is (day.weekday() >= 5)
    assert not is_day_off(day, {day: True}) and is_day_off(day, {day: False})


def test_what_people_changed_stays_when_a_year_is_loaded_again(db):
    load()
    days_off.keep_day(date(2026, 10, 1), "国庆", False, "command:test", NOW)
    gone = days_off.remove_day(DayOff.get(DayOff.day == SHIFTED_SATURDAY).id, "command:test", NOW)
    assert gone.day == SHIFTED_SATURDAY and is_day_off(SHIFTED_SATURDAY, days_off.read_calendar())
    assert load() == 1 and DayOff.get(DayOff.day == date(2026, 10, 1)).name == "国庆"
    assert load() == 0
    acts = [
        one.action
        for one in AuditEntry.select().where(AuditEntry.subject.startswith("days-off:")).order_by(AuditEntry.id)
    ]
    assert acts == ["days off loaded", "day off kept", "day off removed", "days off loaded"]


def test_a_day_that_says_nothing_new_is_refused(db):
    with pytest.raises(WeekendAlready):
        days_off.keep_day(PLAIN_SATURDAY, "周末", False, "command:test", NOW)
    with pytest.raises(WeekdayAlready):
        days_off.keep_day(date(2026, 10, 8), "上班", True, "command:test", NOW)
    with pytest.raises(ValueMissing):
        days_off.keep_day(date(2026, 10, 8), " ", False, "command:test", NOW)
    with pytest.raises(NotFound):
        days_off.remove_day(1, "command:test", NOW)
