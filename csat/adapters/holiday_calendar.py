"""The public holidays of a year, with the weekend days worked for them: as the library `holidays` knows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import holidays

SATURDAY = 5
COUNTRY = "CN"
LANGUAGES = {"zh": "zh_CN", "en": "en_US"}  # the library's names of them


def propose_days(year: int, language: str) -> list[tuple[date, str, bool]]:
    """(day, name, whether it is worked): holidays on weekdays, and weekend days that are worked."""
    known = holidays.country_holidays(COUNTRY, years=year, language=LANGUAGES[language])
    off = [(day, name, False) for day, name in known.items() if day.weekday() < SATURDAY]
    worked = [(day, "", True) for day in _list_worked(known) if day.year == year and day.weekday() >= SATURDAY]
    return sorted(off + worked)


def _list_worked(known: holidays.HolidayBase) -> Iterable[date]:
    return getattr(known, "weekend_workdays", ())
