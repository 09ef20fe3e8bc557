"""The quarter: a value with borders in local time and the number 20263 in the store (F8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, order=True)
class Quarter:
    """Quarter(2026, 3) is 2026Q3; int(…) is 20263."""

    year: int
    number: int

    @classmethod
    def of(cls, instant: datetime, zone: tzinfo) -> Quarter:
        """The quarter that an instant belongs to, by the local calendar."""
        return cls.of_day(instant.astimezone(zone).date())

    @classmethod
    def of_day(cls, day: date) -> Quarter:
        """The quarter that a day of the local calendar belongs to."""
        return cls(day.year, (day.month - 1) // 3 + 1)

    @classmethod
    def from_int(cls, code: int) -> Quarter:
        """The quarter of a number in the store, 20263."""
        return cls(code // 10, code % 10)

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """Read 2026Q3; raise ValueError for anything else."""
        match = re.fullmatch(r"(\d{4})[Qq]([1-4])", text.strip())
        if match is None:
            raise ValueError(f"{text!r} is no quarter: write it as 2026Q3")
        return cls(int(match[1]), int(match[2]))

    def __int__(self) -> int:
        return self.year * 10 + self.number

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def first_day(self) -> date:
        """Its first day, by the calendar."""
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last_day(self) -> date:
        """Its last day, by the calendar."""
        return self.plus(1).first_day - timedelta(days=1)

    def start(self, zone: tzinfo) -> datetime:
        """The first instant, in UTC."""
        return datetime.combine(self.first_day, time.min, tzinfo=zone).astimezone(UTC)  # the store compares in UTC

    def end(self, zone: tzinfo) -> datetime:
        """The first instant after it, in UTC."""
        return self.plus(1).start(zone)

    def plus(self, quarters: int) -> Quarter:
        """So many quarters later (or earlier, if negative)."""
        index = self.year * 4 + self.number - 1 + quarters
        return Quarter(index // 4, index % 4 + 1)

    def back(self, count: int) -> list[Quarter]:
        """The last so many quarters up to this one, oldest first."""
        return [self.plus(-back) for back in range(count - 1, -1, -1)]
