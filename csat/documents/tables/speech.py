"""How an export speaks: the reader's language, the operator's times, and words for what is not shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from csat.adapters.spreadsheet import CellKind, Column
from csat.documents.locale_format import LocaleFormat
from csat.models.clients import Client
from csat.models.people import Department
from csat.procedure.core.quarter import Quarter
from csat.terms import get_term
from csat.words import N_

HIDDEN_NOTE = N_("too few, not shown")


@dataclass(frozen=True)
class TableFormat:
    """One language of an export, the zone of its times, and the instant it is made at."""

    language: str
    zone: ZoneInfo
    now: datetime

    def __call__(self, msgid: str) -> str:
        """A text of ours."""
        return self.tongue.texts.gettext(msgid)

    @property
    def tongue(self) -> LocaleFormat:
        return LocaleFormat(self.language, self.zone)

    def column(self, msgid: str, kind: CellKind = "text", width: int = 14) -> Column:
        """A column with a heading of ours."""
        return Column(self(msgid), kind, width)

    def text(self, localised: dict[str, str]) -> str:
        """A text kept in both languages."""
        return self.tongue.text(localised)

    def word(self, code: StrEnum | None) -> str:
        """A code's term."""
        return "" if code is None else self(get_term(code))

    def yes_no(self, value: int | None) -> str:
        """Whether something is so; nothing when nobody knows."""
        return "" if value is None else self(N_("Yes") if value else N_("No"))

    def named(self, record: Client | Department | None) -> str:
        """The name of a client or department."""
        if record is None:
            return ""
        return (self.language == "en" and record.name_en) or record.name

    def local(self, instant: datetime | None) -> datetime | None:
        """An instant as a cell holds it: local time without a zone."""
        if instant is None:
            return None
        return instant.astimezone(self.zone).replace(microsecond=0, tzinfo=None)

    def instant(self, iso: str) -> str:
        """A date and time in words."""
        return self.tongue.instant(iso)

    def quarter(self, code: int) -> str:
        """A quarter in words."""
        return self.tongue.quarter(code)

    def hidden(self, hidden: bool) -> str:
        """What stands beside a number that must not show (F4)."""
        return self(HIDDEN_NOTE) if hidden else ""


def format_short_quarter(quarter: int) -> str:
    """20263 as it sorts and filters in a column: 2026Q3."""
    return str(Quarter.from_int(quarter))
