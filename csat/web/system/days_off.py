"""The days off that the administrator keeps: loaded as a year's proposal, added, changed, removed (§7)."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, StringField
from wtforms.validators import InputRequired

from csat import clock
from csat.adapters import holiday_calendar
from csat.models.base import expect_value
from csat.procedure.core import days_off
from csat.web.access import current_person, open_to
from csat.web.formatting import local_today
from csat.web.forms import ButtonForm, StaffForm, limit_length, submit
from csat.web.language import current_locale
from csat.web.params import parse_number

blueprint = Blueprint("days_off", __name__, url_prefix="/admin/days-off")
FIRST_YEAR, LAST_YEAR = 2000, 2100


class DayForm(StaffForm):
    """One day."""

    day = DateField(_l("Day"), [InputRequired(_l("Please enter a date."))])
    name = StringField(_l("Name"), [limit_length(days_off.MAX_NAME_LENGTH)])
    working = BooleanField(_l("A Saturday or Sunday that is worked"))


@blueprint.get("/")
@open_to("settings")
def list_days() -> str:
    """The days that are kept of a year."""
    return _render_days(_requested_year())


@blueprint.post("/<int:year>/load")
@open_to("settings")
def load_year(year: int) -> ResponseReturnValue:
    """Add a year's public holidays and worked weekend days; what is kept already stays as it is."""
    year, form = _sound_year(year), ButtonForm()
    proposed = [
        (day, name or gettext("Worked for a holiday"), worked)
        for day, name, worked in holiday_calendar.propose_days(year, current_locale())
    ]
    done = submit(
        form,
        lambda: [days_off.load_days(proposed, year, current_person(), clock.now())],
        said=lambda made: ngettext(
            "%(num)s day added. Please check the list.", "%(num)s days added. Please check the list.", made[0]
        ),
        to=url_for(".list_days", year=year),
    )
    return done or _render_days(year)


@blueprint.post("/")
@open_to("settings")
def keep_day() -> ResponseReturnValue:
    """Add a day, or change one that is kept."""
    form = DayForm()

    def keep() -> date:
        day = expect_value(form.day.data)
        days_off.keep_day(day, form.name.data or "", bool(form.working.data), current_person(), clock.now())
        return day

    done = submit(form, keep, gettext("Saved."), lambda day: url_for(".list_days", year=day.year))
    return done or (_render_days(form.day.data.year if form.day.data else _requested_year(), form), 422)


@blueprint.post("/<int:key>/remove")
@open_to("settings")
def remove_day(key: int) -> ResponseReturnValue:
    """Keep a day no longer."""
    done = submit(
        ButtonForm(),
        lambda: days_off.remove_day(key, current_person(), clock.now()),
        said=gettext("Removed. Loading the year's holidays again brings it back."),
        to=lambda gone: url_for(".list_days", year=gone.day.year),
    )
    return done or _render_days(_requested_year())


def _requested_year() -> int:
    return _sound_year(parse_number("year") or local_today().year)


def _sound_year(year: int) -> int:
    return year if FIRST_YEAR <= year <= LAST_YEAR else local_today().year


def _render_days(year: int, form: DayForm | None = None) -> str:
    return render_template(
        "system/days_off.html", year=year, days=list(days_off.list_days(year)), form=form or DayForm(formdata=None)
    )
