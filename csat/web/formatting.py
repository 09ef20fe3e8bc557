"""How values look in the reader's language: instants, days, shares, quarters, terms."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import Flask, current_app
from flask_babel import format_date, format_datetime, format_decimal, gettext, ngettext
from jinja2 import StrictUndefined

from csat import clock
from csat.models.asking import Campaign
from csat.models.base import Localised
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.terms import TERMS, term
from csat.web.language import locale


def init_app(app: Flask) -> None:
    """Give the templates these filters; undefined names are errors."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        instant=instant, day=day, last_day=last_day, last_answers=last_answers, left=left, quarter=quarter,
        called=called, words=words, text=text, named=named,
        percent=percent, promised=promised, number=number, file_size=file_size,
    )
    app.jinja_env.globals.update(now=clock.now, terms_of=terms_of, provider=provider)


def instant(value: datetime) -> str:
    """A date and time in the operator's zone."""
    return format_datetime(value, "yyyy年M月d日 HH:mm" if locale() == "zh" else "d MMM yyyy, HH:mm")


def day(value: date | datetime) -> str:
    """A date; of an instant, in the operator's zone."""
    pattern = "yyyy年M月d日" if locale() == "zh" else "d MMM yyyy"
    return format_datetime(value, pattern) if isinstance(value, datetime) else format_date(value, pattern)


def last_day(end: datetime) -> str:
    """The last day before an instant at which something ends: midnight belongs to the day that is over."""
    return day(end - timedelta(microseconds=1))


def last_answers(campaign: Campaign) -> str:
    """When a campaign takes its last answers: its last day, or the instant at which it was closed before."""
    early = campaign.closed_at is not None and campaign.closed_at < campaign.closes_at
    return instant(campaign.closed_at) if early else last_day(campaign.closes_at)


def called(campaign: Campaign) -> str:
    """What a campaign is called: its quarter and its occasion, with its own title if it has one."""
    occasion = words(campaign.occasion)
    what = f"{occasion}: {campaign.title}" if campaign.title else occasion
    return f"{quarter(campaign.quarter)} · {what}"


def percent(share: float | None, places: int = 1) -> str:
    """A share 0–1 as a percentage; nothing to show is an en dash."""
    return "–" if share is None else f"{share * 100:.{places}f}%"


def promised(share: float) -> str:
    """A target 0–1 as a percentage, without decimals that it does not have."""
    return f"{round(share * 100, 2):g}%"


def number(value: float) -> str:
    """A number with the reader's grouping."""
    return format_decimal(value)


def file_size(size: int) -> str:
    """How large a file is, as people say it."""
    if size < 1024 * 1024:
        return gettext("%(size)s KB", size=format_decimal(max(1, round(size / 1024))))
    return gettext("%(size)s MB", size=format_decimal(round(size / 1024 / 1024, 1)))


def quarter(value: int | Quarter) -> str:
    """20263 as people say it: 2026 年第 3 季度, Q3 2026."""
    whole = Quarter.from_int(value) if isinstance(value, int) else value
    return gettext("Q%(number)s %(year)s", number=whole.number, year=whole.year)


def words(code: StrEnum) -> str:
    """A code's term."""
    return gettext(term(code))


def text(localised: dict) -> str:
    """A text kept in both languages, in the reader's."""
    return Localised(localised).in_(locale())


def named(record: Any) -> str:
    """The name of a client or department in the reader's language (not all have an English one)."""
    if record is None:
        return "–"
    return (locale() == "en" and record.name_en) or record.name


def left(until: datetime) -> str:
    """How much time is left until an instant, or how long it is overdue."""
    span = until - clock.now()
    if span < timedelta(0):
        return gettext("overdue by %(span)s", span=_span(-span))
    return gettext("%(span)s left", span=_span(span))


def _span(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    if hours >= 48:
        return ngettext("%(num)s day", "%(num)s days", hours // 24)
    if hours >= 1:
        return ngettext("%(num)s hour", "%(num)s hours", hours)
    return ngettext("%(num)s minute", "%(num)s minutes", int(span.total_seconds() // 60))


def terms_of(codes: type[StrEnum]) -> list[tuple[str, str]]:
    """The choices of a select: (code, term in the reader's language)."""
    return [(code.value, gettext(label)) for code, label in TERMS[codes].items()]


def provider() -> str:
    """The provider's name in the reader's language; '' until an administrator gave it."""
    return text(settings.provider())


def zone() -> Any:
    """The operator's time zone."""
    return current_app.config["CSAT"].timezone


def today() -> date:
    """The day it is where the operator is."""
    return clock.now().astimezone(zone()).date()
