"""How values look in the reader's language: instants, days, shares, quarters, terms."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import Flask, g
from flask_babel import format_date, format_datetime, format_decimal, gettext, ngettext
from jinja2 import StrictUndefined

from csat import clock
from csat.documents.locale_format import LocaleFormat
from csat.models.asking import Campaign
from csat.models.base import Localised
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires.dimension_names import get_own_names
from csat.terms import OwnNames, name_code
from csat.web.app import current_config
from csat.web.language import current_locale


def reader_format() -> LocaleFormat:
    """How documents write numbers, days and answers, for who reads this page."""
    return LocaleFormat(current_locale(), operator_zone())


def init_app(app: Flask) -> None:
    """Give the templates these filters; undefined names are errors."""
    app.jinja_env.undefined = StrictUndefined  # a misspelt name fails a test instead of showing nothing
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        instant=format_instant,
        day=format_day,
        clock=format_clock,
        weekday=format_weekday,
        last_day=format_last_day,
        last_answers=format_answer_deadline,
        left=format_time_left,
        quarter=format_quarter,
        called=format_campaign_name,
        words=translate_term,
        text=localised_text,
        named=localised_name,
        percent=format_percent,
        promised=format_target,
        number=format_decimal,
        file_size=format_file_size,
    )
    app.jinja_env.globals.update(now=clock.now, terms_of=list_terms, provider=provider_name)


def format_instant(value: datetime) -> str:
    """A date and time in the operator's zone."""
    return format_datetime(value, "yyyy年M月d日 HH:mm" if current_locale() == "zh" else "d MMM yyyy, HH:mm")


def format_weekday(value: date) -> str:
    """A date with its day of the week."""
    return format_date(value, "yyyy年M月d日 EEEE" if current_locale() == "zh" else "EEEE, d MMM yyyy")


def format_clock(value: datetime) -> str:
    """A time of today in the operator's zone."""
    return format_datetime(value, "HH:mm")


def format_day(value: date | datetime) -> str:
    """A date; of an instant, in the operator's zone."""
    pattern = "yyyy年M月d日" if current_locale() == "zh" else "d MMM yyyy"
    return format_datetime(value, pattern) if isinstance(value, datetime) else format_date(value, pattern)


def format_last_day(end: datetime) -> str:
    """The last day before an instant at which something ends: midnight belongs to the day that is over."""
    return format_day(end - timedelta(microseconds=1))  # an instant's smallest step in the store


def format_answer_deadline(campaign: Campaign) -> str:
    """When a campaign takes its last answers: its last day, or the instant at which it was closed before."""
    closed = campaign.closed_at
    return format_instant(closed) if closed and closed < campaign.closes_at else format_last_day(campaign.closes_at)


def format_campaign_name(campaign: Campaign) -> str:
    """What a campaign is called: its quarter and its occasion, with its own title if it has one."""
    occasion = translate_term(campaign.occasion)
    what = f"{occasion}{gettext(': ')}{campaign.title}" if campaign.title else occasion
    return f"{format_quarter(campaign.quarter)} · {what}"


def format_percent(share: float | None, places: int = 1) -> str:
    """A share 0–1 as a percentage; nothing to show is an en dash."""
    return "–" if share is None else f"{share * 100:.{places}f}%"


def format_target(share: float) -> str:
    """A target 0–1 as a percentage, without decimals that it does not have."""
    return f"{round(share * 100, 2):g}%"


def format_file_size(size: int) -> str:
    """How large a file is, as people say it."""
    if size < 1024 * 1024:
        return gettext("%(size)s KB", size=format_decimal(max(1, round(size / 1024))))
    return gettext("%(size)s MB", size=format_decimal(round(size / 1024 / 1024, 1)))


def format_quarter(value: int | Quarter) -> str:
    """20263 as people say it: 2026 年第 3 季度, Q3 2026."""
    whole = Quarter.from_int(value) if isinstance(value, int) else value
    return gettext("Q%(number)s %(year)s", number=whole.number, year=whole.year)


def translate_term(code: StrEnum) -> str:
    """A code's term."""
    return name_code(code, current_locale(), _own_dimension_names)


def _own_dimension_names() -> OwnNames:
    """What QA calls the dimensions, read once a request: no other process can hold an older answer."""
    if "dimension_names" not in g:
        g.dimension_names = get_own_names()
    return g.dimension_names


def localised_text(localised: dict) -> str:
    """A text kept in both languages, in the reader's."""
    return Localised(localised).in_(current_locale())


def localised_name(record: Any) -> str:
    """The name of a client or department in the reader's language (not all have an English one)."""
    if record is None:
        return "–"
    return (current_locale() == "en" and record.name_en) or record.name


def format_time_left(until: datetime) -> str:
    """How much time is left until an instant, or how long it is overdue."""
    span = until - clock.now()
    if span < timedelta(0):
        return gettext("overdue by %(span)s", span=_format_span(-span))
    return gettext("%(span)s left", span=_format_span(span))


def _format_span(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    if hours >= 48:  # "1 day" would hide up to 23 hours
        return ngettext("%(num)s day", "%(num)s days", hours // 24)
    if hours >= 1:
        return ngettext("%(num)s hour", "%(num)s hours", hours)
    return ngettext("%(num)s minute", "%(num)s minutes", int(span.total_seconds() // 60))


def list_terms(codes: type[StrEnum]) -> list[tuple[str, str]]:
    """The choices of a select: (code, term in the reader's language)."""
    return [(code.value, translate_term(code)) for code in codes]


def provider_name() -> str:
    """The provider's name in the reader's language; '' until an administrator gave it."""
    return localised_text(settings.get_provider_names())


def operator_zone() -> Any:
    """The operator's time zone."""
    return current_config().timezone


def local_today() -> date:
    """The day it is where the operator is."""
    return clock.now().astimezone(operator_zone()).date()
