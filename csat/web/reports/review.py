"""A quarterly report in review (R1): given to it, spoken on by its readers, issued once all have approved."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from csat import clock
from csat.models.people import Person
from csat.models.reporting import ReportState, Word
from csat.models.work import Job
from csat.procedure.reports import issuing, reports, review
from csat.web.access import current_person, open_to
from csat.web.forms import ButtonForm
from csat.web.jobs import register_job_links, start_job
from csat.web.reports.page import PREPARE_RIGHT, READ_RIGHT, ReviewForm, SubmitForm, render_report, take_step
from csat.words import N_

blueprint = Blueprint("report_review", __name__, url_prefix="/reports")


@blueprint.post("/<int:key>/submit")
@open_to(PREPARE_RIGHT)
def submit_report(key: int) -> ResponseReturnValue:
    """Give a draft to review."""
    one, form = reports.report_for(current_person(), key), SubmitForm()

    def submit_to_reviewers() -> None:
        chosen = list(Person.select().where(Person.id.in_([int(key) for key in form.reviewers.data])))
        stated = reports.count_pending(one.document) if form.despite.data else 0
        review.submit_report(one, chosen, current_person(), clock.now(), stated)

    return take_step(one, form, submit_to_reviewers, gettext("The report is in review."))


@blueprint.post("/<int:key>/say")
@open_to(READ_RIGHT)
def review_report(key: int) -> ResponseReturnValue:
    """Approve, return or comment."""
    one, by = reports.report_for(current_person(), key), current_person()
    form = ReviewForm(one)

    def find_address(_: object) -> str:
        # After a return it is a draft again, which who returned it no longer sees.
        sees_it = one.state != ReportState.DRAFT or current_user.may(PREPARE_RIGHT)
        return url_for("reports.show_report", key=key) if sees_it else url_for("reports.list_reports")

    return take_step(
        one,
        form,
        lambda: review.review_report(one, Word(form.word.data), form.comment.data or "", by, clock.now()),
        gettext("Your word is on record."),
        find_address,
    )


@blueprint.post("/<int:key>/issue")
@open_to(PREPARE_RIGHT)
def issue_report(key: int) -> ResponseReturnValue:
    """Let the worker render both languages and issue the report."""
    one, form = reports.report_for(current_person(), key), ButtonForm()
    if form.validate_on_submit() and form.take(issuing.freeze_document, one, clock.now()):
        return start_job("issue_report", report=key)  # frozen anew there: this only refuses early
    return render_report(one, form)


@register_job_links("issue_report", N_("Issuing the quarterly report"))
def _issue_links(job: Job) -> list[tuple[str, str]]:
    return [(url_for("reports.show_report", key=job.arguments["report"]), gettext("To the report"))]
