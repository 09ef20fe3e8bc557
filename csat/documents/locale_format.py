"""How values look in a document's or export's language: shares, days, quarters, lists. Pages have filters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal
from babel.support import NullTranslations

from csat.adapters.spreadsheet import CellKind, Column
from csat.models.base import Json, Localised
from csat.models.clients import Client
from csat.models.commitments import Direction
from csat.models.people import Department
from csat.procedure.commitments.commitments import find_decimals, is_full_share
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires.dimension_names import get_own_names
from csat.terms import OwnNames, name_as_shipped, name_code
from csat.translations import HTML, catalogue
from csat.words import N_

HIDDEN_NOTE = N_("too few, not shown")
MOST_PLACES = 6  # of a number that lies next to its target
UNITS = {"minutes": N_("%(number)s min"), "hours": N_("%(number)s h")}


@dataclass(frozen=True)
class LocaleFormat:
    """One language of a document, with the zone its times are told in."""

    language: str
    zone: ZoneInfo

    @cached_property
    def texts(self) -> NullTranslations:
        """The catalogue of this language."""
        return catalogue(self.language)

    @property
    def html(self) -> str:
        """The language as HTML and PDF name it."""
        return HTML[self.language]

    @property
    def gap(self) -> str:
        """What stands between two sentences."""
        return "" if self.language == "zh" else " "

    @property
    def comma(self) -> str:
        """What stands between two things of a list."""
        return "、" if self.language == "zh" else ", "

    @property
    def stop(self) -> str:
        """What ends a sentence that was made of a title."""
        return "。" if self.language == "zh" else "."

    @property
    def dot(self) -> str:
        """What stands between two numbers of a row."""
        return " · "

    def lang_of(self, said: str) -> str:
        """The language of words somebody wrote, as HTML names it: for fonts and for readers of the screen."""
        return HTML["zh"] if re.search("[\u3400-\u9fff]", said) else HTML["en"]

    def label(self, localised: dict[str, str]) -> str:
        """A name inside a drawing, where a curly apostrophe would be as wide as a Chinese character."""
        return self.text(localised).replace("’", "'")

    def percent(self, share: float | None) -> str:
        """A share 0–1; nothing to show is an en dash."""
        return "–" if share is None else f"{share * 100:.1f}%"

    def target(self, share: float) -> str:
        """A promised share, without decimals it does not have."""
        return f"{round(share * 100, 2):g}%"

    def decimal(self, value: float | None, places: int = 1) -> str:
        """A mean or an index."""
        return "–" if value is None else f"{value:.{places}f}".replace("-", "−")

    def span(self, rate: Json) -> str:
        """A rate's interval in per cent, never broken over two lines."""
        return f"{rate['low'] * 100:.1f}\u2060–\u2060{rate['high'] * 100:.1f}"

    def measure(self, value: float | None, unit: str, target: float | None = None, direction: str = "") -> str:
        """A commitment's value in its unit: percent, minutes or hours."""
        if value is None:
            return "–"
        # so many decimals that a value never seems to lie on the other side of its target
        figure = f"{value:.{_places(value, target, direction)}f}".rstrip("0").rstrip(".")
        if unit == "percent":
            return f"{figure}%"
        return self.texts.gettext(UNITS[unit]) % {"number": figure}

    def goal(self, target: float, unit: str, direction: str) -> str:
        """A commitment's target with its sign; without one where more is impossible: 100%."""
        sign = "" if is_full_share(target, unit, direction) else "≥ " if direction == "at_least" else "≤ "
        return f"{sign}{self.measure(target, unit)}"

    def signed(self, share: float) -> str:
        """A net promoter score, in points from −100 to +100."""
        return f"{round(share * 100):+d}".replace("-", "−")

    def number(self, value: int | None) -> str:
        """A count, grouped."""
        return "–" if value is None else format_decimal(value, locale=self.language)

    def text(self, localised: dict[str, str]) -> str:
        """A text kept in both languages."""
        return Localised(localised).in_(self.language)

    def name(self, record: Client | Department | None) -> str:
        """The name of a client or department, only some of which have an English one; '' for none."""
        return "" if record is None else (self.language == "en" and record.name_en) or record.name

    def texts_of(self, names: list[dict[str, str]]) -> str:
        """Several names in a row."""
        return self.comma.join(self.text(name) for name in names)

    def quarter(self, code: int) -> str:
        """20263 as people say it."""
        whole = Quarter.from_int(code)
        return self.texts.gettext("Q%(number)s %(year)s") % {"number": whole.number, "year": whole.year}

    def short_quarter(self, code: int) -> str:
        """20263 under an axis: 26Q3."""
        return f"{code // 10 % 100:02d}Q{code % 10}"

    def period(self, code: int) -> str:
        """The first and last day of a quarter."""
        whole = Quarter.from_int(code)
        last = whole.end(self.zone) - timedelta(days=1)
        days = {"first": self.day(whole.start(self.zone).isoformat()), "last": self.day(last.isoformat())}
        return self.texts.gettext("%(first)s to %(last)s") % days

    def instant(self, iso: str) -> str:
        """A date and time in the operator's zone."""
        return self._moment(iso, "yyyy年M月d日 HH:mm", "d MMM yyyy, HH:mm")

    def day(self, iso: str) -> str:
        """A date in the operator's zone."""
        return self._moment(iso, "yyyy年M月d日", "d MMM yyyy")

    def term(self, kind: type, code: str) -> str:
        """A code's word of the glossary: it stays in what was issued, whatever it is called later."""
        return name_as_shipped(kind(code), self.language)

    def shown(self, value: object) -> str:
        """A sentence's parameter: plain, or {kind: value} with share, target, quarter, name or names."""
        if not isinstance(value, dict):
            return self.number(value) if isinstance(value, int) else str(value)
        (kind, content), *_ = value.items()
        shapes: dict[str, Callable[[Any], str]] = {"share": self.percent, "target": self.target, "name": self.text}
        shapes |= {"names": self.texts_of, "quarter": self.quarter}
        return shapes[kind](content)

    def _moment(self, iso: str, chinese: str, english: str) -> str:
        value = datetime.fromisoformat(iso)
        if value.tzinfo is not None:
            value = value.astimezone(self.zone)
        return format_datetime(value, chinese if self.language == "zh" else english, locale=self.language)


@dataclass(frozen=True)
class TableFormat(LocaleFormat):
    """How an export speaks, made at an instant: also headings, and words for what is not shown."""

    now: datetime

    def __call__(self, msgid: str) -> str:
        """A text of ours."""
        return self.texts.gettext(msgid)

    def column(self, msgid: str, kind: CellKind = "text", width: int = 14) -> Column:
        """A column with a heading of ours."""
        return Column(self(msgid), kind, width)

    def word(self, code: StrEnum | None) -> str:
        """A code's term."""
        return "" if code is None else name_code(code, self.language, lambda: self._own_names)

    @cached_property
    def _own_names(self) -> OwnNames:
        return get_own_names()

    def yes_no(self, value: int | None) -> str:
        """Whether something is so; nothing when nobody knows."""
        return "" if value is None else self(N_("Yes") if value else N_("No"))

    def local(self, instant: datetime | None) -> datetime | None:
        """An instant as a cell holds it: local time without a zone."""
        return instant and instant.astimezone(self.zone).replace(microsecond=0, tzinfo=None)

    def hidden(self, hidden: bool) -> str:
        """What stands beside a number that must not show (F4)."""
        return self(HIDDEN_NOTE) if hidden else ""


def _places(value: float, target: float | None, direction: str) -> int:
    """How many decimals a value needs to lie on its own side of a target; two without one."""
    if target is None:
        return 2
    return find_decimals(value, target, Direction(direction), 2, MOST_PLACES)
