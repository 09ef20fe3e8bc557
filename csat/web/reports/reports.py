"""The quarterly report on the web: drafted, read, reviewed, issued, downloaded."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import SelectField, StringField

from csat import clock
from csat.config import LOCALES
from csat.documents.report import drafting
from csat.figures.audience import find_audience
from csat.figures.quarterly import list_quarters_with_data
from csat.models.reporting import Report, ReportState
from csat.models.work import Job, JobState, StoredFile
from csat.procedure.core import audit, jobs
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound
from csat.procedure.reports import distribution, reports
from csat.procedure.review import tally
from csat.web.access import current_person, open_to
from csat.web.downloads import send_stored
from csat.web.formatting import format_quarter, operator_zone
from csat.web.forms import ButtonForm, StaffForm, limit_length, set_choices, submit
from csat.web.jobs import register_job_links, start_job
from csat.web.params import current_quarter
from csat.web.reports.page import PREPARE_RIGHT, READ_RIGHT, RemarksForm, render_report, take_step
from csat.words import N_

blueprint = Blueprint("reports", __name__, url_prefix="/reports")


class DraftForm(StaffForm):
    quarter = SelectField(_l("Quarter"), choices=[])
    changes = StringField(_l("What the new version changes"), [limit_length(500)])


@blueprint.route("/", methods=["GET", "POST"])
@open_to(READ_RIGHT)
def list_reports() -> ResponseReturnValue:
    """All reports one may see, and for QA the way to a new one."""
    form = DraftForm()
    set_choices(form.quarter, _quarter_choices())
    said = gettext("The draft is ready. Read it, add your remarks, then give it to review.")
    # Readers see this page too, and may not draft by posting to it.
    may_draft = current_user.may(PREPARE_RIGHT)
    done = may_draft and submit(
        form, lambda: _draft_report(form), said, to=lambda made: url_for(".show_report", key=made.id)
    )
    return done or render_template("reports/index.html", reports=reports.reports_for(current_person()), form=form)


@blueprint.get("/<int:key>")
@open_to(READ_RIGHT)
def show_report(key: int) -> str:
    """The report as the PDF will have it, where it stands, and what its reader can do."""
    return render_report(reports.report_for(current_person(), key))


@blueprint.post("/<int:key>/refresh")
@open_to(PREPARE_RIGHT)
def refresh_report(key: int) -> ResponseReturnValue:
    """Put today's figures into a draft."""
    one, person = reports.report_for(current_person(), key), current_person()

    def refresh_figures() -> None:
        document = _compose_document(Quarter.from_int(one.quarter), one.changes)
        reports.refresh_draft(one, document, person, clock.now())

    return take_step(one, ButtonForm(), refresh_figures, gettext("Saved."))


@blueprint.post("/<int:key>/remarks")
@open_to(PREPARE_RIGHT)
def save_remarks(key: int) -> ResponseReturnValue:
    """Keep QA's own words."""
    one, form, by = reports.report_for(current_person(), key), RemarksForm(), current_person()
    return take_step(one, form, lambda: reports.write_remarks(one, form.remarks(), by, clock.now()), gettext("Saved."))


@blueprint.post("/<int:key>/discard")
@open_to(PREPARE_RIGHT)
def discard_report(key: int) -> ResponseReturnValue:
    """Throw a draft away that was never in review."""
    one, by, said = reports.report_for(current_person(), key), current_person(), gettext("The draft is gone.")
    verb = partial(reports.discard_draft, one, by, clock.now())
    return take_step(one, ButtonForm(), verb, said, url_for(".list_reports"))


@blueprint.post("/<int:key>/draft/<language>")
@open_to(READ_RIGHT)
def render_draft(key: int, language: str) -> ResponseReturnValue:
    """Let the worker render a draft with a watermark."""
    one, form = reports.report_for(current_person(), key), ButtonForm()
    if language not in LOCALES or one.state == ReportState.ISSUED:  # of an issued one the kept file is the only one
        raise NotFound
    if form.validate_on_submit():
        return start_job("draft_report", report=key, language=language)
    return render_report(one, form)


@blueprint.get("/<int:key>/draft-<int:job>.pdf")
@open_to(READ_RIGHT)
def download_draft(key: int, job: int) -> Response:
    """The draft that a job rendered for who asked for it."""
    one, done = reports.report_for(current_person(), key), jobs.job_for(current_person(), job)
    if done.kind != "draft_report" or done.state != JobState.DONE or done.arguments["report"] != one.id:
        raise NotFound
    file = get_or_refuse(StoredFile, StoredFile.id == done.outcome["file"])
    audit.record(current_person(), "report draft downloaded", one, clock.now(), language=done.arguments["language"])
    return send_stored(file)


@blueprint.get("/<int:key>/<language>.pdf")
@open_to(READ_RIGHT)
def download_report(key: int, language: str) -> Response:
    """The kept PDF of an issued report; the download goes on record (R3, D3)."""
    one = reports.report_for(current_person(), key)
    return send_stored(distribution.open_file(one, language, current_person(), clock.now()))


@register_job_links("draft_report", N_("Making the draft as PDF"))
def _draft_links(job: Job) -> list[tuple[str, str]]:
    key = job.arguments["report"]
    back = (url_for("reports.show_report", key=key), gettext("To the report"))
    file = (url_for("reports.download_draft", key=key, job=job.id), gettext("Download the draft (PDF)"))
    return [file, back] if job.state == JobState.DONE else [back]


def _draft_report(form: DraftForm) -> Report:
    quarter, changes = Quarter.from_int(int(form.quarter.data)), form.changes.data or ""
    return reports.draft_report(quarter, _compose_document(quarter, changes), current_person(), clock.now(), changes)


def _compose_document(quarter: Quarter, changes: str) -> dict[str, object]:
    tally.settle_tally(int(quarter))  # as long as no reader has seen a report, no verdict has to wait
    return drafting.draft_document(
        quarter, current_person(), clock.now(), operator_zone(), find_audience(current_person()), changes.strip()
    )


def _quarter_choices() -> list[tuple[str, str]]:
    """The quarters to report on: those with data, and the last one that ended."""
    ended = current_quarter().plus(-1)
    codes = sorted({int(quarter) for quarter in list_quarters_with_data()} | {int(ended)}, reverse=True)
    return [(str(code), format_quarter(code)) for code in codes]
