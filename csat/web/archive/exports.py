"""Exports: tables to take along as XLSX or CSV, made by the worker, kept for days for who asked (D3, D5)."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField

from csat import clock
from csat.figures.quarterly import list_quarters_with_data
from csat.models.work import Job, JobState
from csat.procedure.archive import exports
from csat.procedure.archive.exports import KIND_LABELS, ExportKind, ExportRequest, FileFormat
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.web.access import asks_proof, current_person, open_to
from csat.web.downloads import stream_stored
from csat.web.formatting import format_quarter as quarter_words
from csat.web.forms import StaffForm, render_form, set_choices
from csat.web.jobs import register_job_links, register_job_messages
from csat.web.language import current_locale
from csat.web.params import current_quarter, parse_quarter_code
from csat.words import N_

blueprint = Blueprint("exports", __name__, url_prefix="/exports")
ALL_QUARTERS = "all"
TABLE_DESCRIPTIONS = {
    ExportKind.RESPONSES: N_("Every response of the quarter: whom it is about, its ratings and comments."),
    ExportKind.FIGURES: N_("All figures of the quarter by their identifiers, and how each question was answered."),
    ExportKind.FEEDBACK: N_(
        "All feedback you may see, with due dates, states and actions, however the board is narrowed. The workbook "
        "also has the praise."
    ),
    ExportKind.APPRAISAL: N_("Rates, index and feedback by client, project manager, department and engineer."),
    ExportKind.PRAISE: N_("The praise you may see: what was said, which department and whom it names."),
    ExportKind.CONTACTS: N_(
        "The contacts of the clients you may see, as they stand now, addresses masked; of no quarter."
    ),
}
FORMAT_LABELS = {FileFormat.XLSX: N_("Excel workbook (XLSX)"), FileFormat.CSV: N_("Plain table (CSV)")}


class ExportForm(StaffForm):
    what = RadioField(_l("Which table"), choices=[])
    quarter = SelectField(_l("Quarter"))
    shape = RadioField(_l("Kind of file"), choices=[], default=FileFormat.XLSX.value)


@blueprint.route("/", methods=["GET", "POST"])
@open_to("exports")
@asks_proof
def request_export() -> ResponseReturnValue:
    """Ask for an export, and find those that were asked for before."""
    form = _build_form()
    if form.validate_on_submit() and (job := form.take(exports.queue_export, _build_request(form), clock.now())):
        return redirect(url_for("jobs.show_job", key=job.id))
    return render_form(
        "archive/exports.html",
        form,
        listed=exports.list_exports(current_person()),
        names=KIND_LABELS,
        holds=TABLE_DESCRIPTIONS,
        days=settings.get_whole_number("export_days"),
        of_one=_describe_single_quarter(),
    )


@blueprint.get("/<int:key>/file")
@open_to("exports")
def download_export(key: int) -> ResponseReturnValue:
    """The file of one's own export; from here on it is the reader's to look after."""
    file = exports.download_export(current_person(), key, clock.now())
    return stream_stored(file, exports.find_media_type(file))  # without the mark by which its file is swept


@register_job_links(exports.JOB_KIND, N_("Making the export"))
def _export_links(job: Job) -> list[tuple[str, str]]:
    back = (url_for("exports.request_export"), gettext("To my exports"))
    file = (url_for("exports.download_export", key=job.id), gettext("Download the file"))
    return [file, back] if job.state == JobState.DONE else [back]


@register_job_messages(exports.JOB_KIND)
def _export_messages(job: Job) -> list[str]:
    days = settings.get_whole_number("export_days")
    return [
        gettext("%(rows)s rows are in the file.", rows=(job.outcome or {})["rows"]),
        gettext("It is kept here for %(days)s days, for you alone.", days=days),
        gettext("Once downloaded it is yours to look after: who reads it, and when it is deleted."),
    ]


def _build_form() -> ExportForm:
    """The form with what this person may choose; the address can say what is chosen first."""
    form, offered = ExportForm(), exports.list_offered_kinds(current_person())
    quarters = sorted({*list_quarters_with_data(), int(current_quarter())}, reverse=True)
    set_choices(form.what, [(what.value, gettext(KIND_LABELS[what])) for what in offered])
    set_choices(form.shape, [(shape.value, gettext(FORMAT_LABELS[shape])) for shape in FileFormat])
    every = [(ALL_QUARTERS, gettext("All quarters"))] if set(offered) & exports.KINDS_OF_ALL_QUARTERS else []
    set_choices(form.quarter, [*((str(one), quarter_words(one)) for one in quarters), *every])
    if request.method == "GET":  # a form that was sent keeps what was chosen in it
        asked = request.args.get("what", "")
        form.what.data = asked if asked in offered else offered[0].value
        form.quarter.data = str(parse_quarter_code() or "") or form.quarter.choices[0].value
    return form


def _describe_single_quarter() -> str:
    """Which of the tables on offer are of one quarter each, where others are not."""
    offered = exports.list_offered_kinds(current_person())
    single = [gettext(KIND_LABELS[what]) for what in offered if what not in exports.KINDS_OF_ALL_QUARTERS]
    mixed = 0 < len(single) < len(offered)  # else the list of quarters says it, without "all"
    return gettext("Of one quarter each: %(tables)s.", tables=gettext(", ").join(single)) if mixed else ""


def _build_request(form: ExportForm) -> ExportRequest:
    what, shape = ExportKind(form.what.data), FileFormat(form.shape.data)
    timeless = what is ExportKind.CONTACTS or form.quarter.data == ALL_QUARTERS
    quarter = None if timeless else Quarter.from_int(int(form.quarter.data))
    return ExportRequest(what, quarter, shape, current_locale(), current_person())
