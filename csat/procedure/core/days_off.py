"""Days without work: weekends, and what the administrator keeps beside them (§7).

They are a signal beside a record and stand in the desk's list; the two days to survey an incident run on (P1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from peewee import ModelSelect

from csat.database import write
from csat.models.work import DayOff
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.refusals import InputWrong
from csat.words import N_

SATURDAY = 5
MAX_NAME_LENGTH = 80

Calendar = Mapping[date, bool]  # what the house keeps: the day, and whether it is worked


class WeekendAlready(InputWrong):
    sentence = N_("Saturdays and Sundays are days off by themselves. Enter one only if it is worked.")


class WeekdayAlready(InputWrong):
    sentence = N_("This is a working day by itself. Enter it only if it is a day off.")


def read_calendar() -> dict[date, bool]:
    """The days that the house keeps, for many questions to `is_day_off`."""
    return dict(DayOff.select(DayOff.day, DayOff.working).tuples())


def is_day_off(day: date, calendar: Calendar) -> bool:
    """Whether nobody works on a day: a weekend that is not worked, or a day kept as off."""
    return not calendar.get(day, day.weekday() < SATURDAY)


def list_days(year: int) -> ModelSelect[DayOff]:
    """A query of the days that the house keeps of a year, in order."""
    return DayOff.select().where(DayOff.day.between(date(year, 1, 1), date(year, 12, 31))).order_by(DayOff.day)


def load_days(proposed: Iterable[tuple[date, str, bool]], year: int, by: audit.Actor, now: datetime) -> int:
    """Add the proposed days of a year that are not kept yet; what people changed stays. How many were added."""
    with write():
        kept = read_calendar()
        added = [{"day": day, "name": name, "working": worked} for day, name, worked in proposed if day not in kept]
        if added:
            DayOff.insert_many(added).execute()
            audit.record(by, "days off loaded", f"days-off:{year}", now, number=len(added))
    return len(added)


def keep_day(day: date, name: str, working: bool, by: audit.Actor, now: datetime) -> None:
    """Keep a day as off, or a weekend day as worked, under a name; a day that is kept already is changed."""
    if working != (day.weekday() >= SATURDAY):
        raise (WeekdayAlready if working else WeekendAlready)(field="day")
    name = need_text(name, "name")[:MAX_NAME_LENGTH]
    with write():
        before = DayOff.get_or_none(DayOff.day == day)
        DayOff.delete().where(DayOff.day == day).execute()
        DayOff.create(day=day, name=name, working=working)
        audit.record(by, "day off kept", f"days-off:{day}", now, before=before.name if before else "", after=name)


def remove_day(key: int, by: audit.Actor, now: datetime) -> DayOff:
    """Keep a day no longer: weekends are off then, other days worked."""
    with write():
        gone = get_or_refuse(DayOff, key)
        gone.delete_instance()
        audit.record(by, "day off removed", f"days-off:{gone.day}", now, before=gone.name)
    return gone
