"""Exports: tables to take along as XLSX or CSV, made by the worker, kept for days for who asked (D3, D5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField

from csat import clock
from csat.adapters import files
from csat.figures import quarters_with_data
from csat.models.work import Job, JobState
from csat.procedure.archive import exports
from csat.procedure.archive.exports import NAMES, Shape, Wanted, What
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.web.access import me, open_to
from csat.web.formatting import quarter as quarter_words
from csat.web.formatting import zone
from csat.web.forms import StaffForm, choose
from csat.web.jobs import leads_to, tells
from csat.web.language import locale
from csat.words import N_

blueprint = Blueprint("exports", __name__, url_prefix="/exports")
ALL = "all"
HOLDS = {
    What.RESPONSES: N_("Every response of the quarter: whom it is about, its ratings and comments."),
    What.FIGURES: N_("All figures of the quarter by their identifiers, and how each question was answered."),
    What.FEEDBACK: N_(
        "All feedback you may see, with due dates, states and actions, however the board is narrowed."
    ),
    What.APPRAISAL: N_("Rates, index and feedback by client, project manager, department and engineer."),
}
SHAPES = {Shape.XLSX: N_("Excel workbook (XLSX)"), Shape.CSV: N_("Plain table (CSV)")}


class ExportForm(StaffForm):
    """What, of when, and as which kind of file."""

    what = RadioField(_l("Which table"), choices=[])
    quarter = SelectField(_l("Quarter"))
    shape = RadioField(_l("Kind of file"), choices=[], default=Shape.XLSX.value)


@blueprint.route("/", methods=["GET", "POST"])
@open_to("exports")
def index() -> Any:
    """Ask for an export, and find those that were asked for before."""
    form = _form()
    if form.validate_on_submit():
        job = form.take(exports.ask, _wanted(form), clock.now())
        if job:
            return redirect(url_for("jobs.show", key=job.id))
    page = render_template(
        "archive/exports.html",
        form=form,
        listed=exports.listed(me()),
        names=NAMES,
        holds=HOLDS,
        days=settings.whole("export_days"),
        of_one=_of_one_quarter(),
    )
    return page, 422 if form.errors else 200


@blueprint.get("/<int:key>/file")
@open_to("exports")
def download(key: int) -> Any:
    """The file of one's own export; from here on it is the reader's to look after."""
    file = exports.download(me(), key, clock.now())
    content = files.opened(current_app.config["CSAT"].files, file.place)
    answer = send_file(
        content, mimetype=exports.media_type(file), as_attachment=True, download_name=file.name
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.content_length = file.size
    return answer


@leads_to(exports.KIND, N_("Making the export"))
def _made(job: Job) -> list[tuple[str, str]]:
    back = (url_for("exports.index"), gettext("To my exports"))
    if job.state != JobState.DONE:
        return [back]
    return [(url_for("exports.download", key=job.id), gettext("Download the file")), back]


@tells(exports.KIND)
def _told(job: Job) -> list[str]:
    days = settings.whole("export_days")
    return [
        gettext("%(rows)s rows are in the file.", rows=(job.outcome or {})["rows"]),
        gettext("It is kept here for %(days)s days, for you alone.", days=days),
        gettext("Once downloaded it is yours to look after: who reads it, and when it is deleted."),
    ]


def _form() -> ExportForm:
    """The form with what this person may choose; the address can say what is chosen first."""
    form, offered = ExportForm(), exports.offered(me())
    quarters = sorted({*quarters_with_data(), int(Quarter.of(clock.now(), zone()))}, reverse=True)
    choose(form.what, [(what.value, gettext(NAMES[what])) for what in offered])
    choose(form.shape, [(shape.value, gettext(SHAPES[shape])) for shape in Shape])
    every = [(ALL, gettext("All quarters"))] if set(offered) & exports.OF_ALL_QUARTERS else []
    choose(form.quarter, [*((str(one), quarter_words(one)) for one in quarters), *every])
    if request.method == "GET":
        asked = request.args.get("what", "")
        form.what.data = asked if asked in offered else offered[0].value
        form.quarter.data = _of_address() or form.quarter.choices[0].value
    return form


def _of_one_quarter() -> str:
    """Which of the tables on offer are of one quarter each, where others are not."""
    offered = exports.offered(me())
    single = [gettext(NAMES[what]) for what in offered if what not in exports.OF_ALL_QUARTERS]
    if not single or len(single) == len(offered):
        return ""
    return gettext("Of one quarter each: %(tables)s.", tables=gettext(", ").join(single))


def _of_address() -> str:
    try:
        return str(int(Quarter.parse(request.args.get("quarter", ""))))
    except ValueError:
        return ""


def _wanted(form: ExportForm) -> Wanted:
    quarter = None if form.quarter.data == ALL else Quarter.from_int(int(form.quarter.data))
    return Wanted(What(form.what.data), quarter, Shape(form.shape.data), locale(), me())
