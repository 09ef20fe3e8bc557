"""The quarterly report on the web: drafted, read, reviewed, issued, downloaded."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from csat import clock
from csat.config import LOCALES
from csat.documents.report import compose, drafting
from csat.figures.quarterly import list_quarters_with_data
from csat.models.people import Person
from csat.models.reporting import Report, ReportState, Word
from csat.models.work import Job, JobState, StoredFile
from csat.procedure.core import audit, jobs
from csat.procedure.core.documents import find_files
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, Refusal
from csat.procedure.reports import distribution, reports, review, wording
from csat.procedure.review import tally
from csat.web import jobs as job_pages
from csat.web.access import current_person, open_to
from csat.web.downloads import send_stored
from csat.web.errors import describe_refusal as told
from csat.web.formatting import format_quarter as quarter_words
from csat.web.formatting import operator_zone
from csat.web.forms import ButtonForm, StaffForm, limit_length, set_choices
from csat.web.language import current_locale
from csat.web.params import current_quarter
from csat.words import N_

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
MAX_REMARK_LENGTH = {"zh": 240, "en": 500}  # characters: the summary must stay on one page
READ_RIGHT, PREPARE_RIGHT = "reports.read", "reports.prepare"


class DraftForm(StaffForm):
    quarter = SelectField(_l("Quarter"), choices=[])
    changes = StringField(_l("What the new version changes"), [limit_length(500)])


@blueprint.route("/", methods=["GET", "POST"])
@open_to(READ_RIGHT)
def list_reports() -> ResponseReturnValue:
    """All reports one may see, and for QA the way to a new one."""
    form = DraftForm()
    set_choices(form.quarter, _quarter_choices())
    if current_user.may(PREPARE_RIGHT) and form.validate_on_submit():
        quarter = Quarter.from_int(int(form.quarter.data))
        document = _compose_document(quarter, form.changes.data)
        made = form.take(
            reports.draft_report, quarter, document, current_person(), clock.now(), form.changes.data
        )
        if made:
            flash(gettext("The draft is ready. Read it, add your remarks, then give it to review."))
            return redirect(url_for(".show_report", key=made.id))
    return render_template("reports/index.html", reports=reports.reports_for(current_person()), form=form)


class RemarksForm(StaffForm):
    assessment_zh = TextAreaField(_l("Assessment in Chinese"), [limit_length(MAX_REMARK_LENGTH["zh"])])
    assessment_en = TextAreaField(_l("Assessment in English"), [limit_length(MAX_REMARK_LENGTH["en"])])
    decisions_zh = TextAreaField(_l("To be decided, in Chinese"), [limit_length(MAX_REMARK_LENGTH["zh"])])
    decisions_en = TextAreaField(_l("To be decided, in English"), [limit_length(MAX_REMARK_LENGTH["en"])])

    def remarks(self) -> dict[str, dict[str, str]]:
        """What was typed, by language."""
        parts = ("assessment", "decisions")
        return {
            language: {part: (self[f"{part}_{language}"].data or "").strip() for part in parts}
            for language in LOCALES
        }


class SubmitForm(StaffForm):
    reviewers = SelectMultipleField(
        _l("Managers who must approve"),
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    despite = BooleanField(_l("Give it to review although responses wait; the report says how many"))


class ReviewForm(StaffForm):
    word = RadioField(_l("Your word"), choices=[])
    comment = TextAreaField(_l("Comment"), [limit_length(2000)])


@blueprint.get("/<int:key>")
@open_to(READ_RIGHT)
def show_report(key: int) -> str:
    """The report as the PDF will have it, where it stands, and what its reader can do."""
    return _render_report(reports.report_for(current_person(), key))


@blueprint.post("/<int:key>/refresh")
@open_to(PREPARE_RIGHT)
def refresh_report(key: int) -> Any:
    """Put today's figures into a draft."""
    one, form = reports.report_for(current_person(), key), ButtonForm()
    if form.validate_on_submit():
        document = _compose_document(Quarter.from_int(one.quarter), one.changes)
        return _finish_step(
            one, form.take(reports.refresh_draft, one, document, current_person(), clock.now()), form
        )
    return _render_report(one, plain=form)


@blueprint.post("/<int:key>/remarks")
@open_to(PREPARE_RIGHT)
def save_remarks(key: int) -> Any:
    """Keep QA's own words."""
    one, form = reports.report_for(current_person(), key), RemarksForm()
    if form.validate_on_submit():
        done = form.take(reports.write_remarks, one, form.remarks(), current_person(), clock.now())
        return _finish_step(one, done, form, remarks=form)
    return _render_report(one, remarks=form)


@blueprint.post("/<int:key>/submit")
@open_to(PREPARE_RIGHT)
def submit_report(key: int) -> ResponseReturnValue:
    """Give a draft to review."""
    one, form = reports.report_for(current_person(), key), SubmitForm()
    set_choices(form.reviewers, _manager_choices())
    if form.validate_on_submit():
        chosen = list(Person.select().where(Person.id.in_([int(key) for key in form.reviewers.data])))
        stated = reports.count_pending(one.document) if form.despite.data else 0
        try:
            review.submit_report(one, chosen, current_person(), clock.now(), stated)
            flash(gettext("The report is in review."))
            return redirect(url_for(".show_report", key=key))
        except review.ResponsesPending as refusal:
            form.despite.errors = [told(refusal)]
        except Refusal as refusal:
            form.object_to(refusal)
    return _render_report(one, submission=form)


@blueprint.post("/<int:key>/say")
@open_to(READ_RIGHT)
def review_report(key: int) -> ResponseReturnValue:
    """Approve, return or comment."""
    one, form = reports.report_for(current_person(), key), ReviewForm()
    set_choices(form.word, _review_choices(one))
    if form.validate_on_submit():
        word = Word(form.word.data)
        if form.take(review.review_report, one, word, form.comment.data or "", current_person(), clock.now()):
            flash(gettext("Your word is on record."))
            may_see = one.state in (ReportState.REVIEW, ReportState.ISSUED) or current_user.may(PREPARE_RIGHT)
            return redirect(url_for(".show_report", key=key) if may_see else url_for(".list_reports"))
    return _render_report(one, word=form)


@blueprint.post("/<int:key>/discard")
@open_to(PREPARE_RIGHT)
def discard_report(key: int) -> ResponseReturnValue:
    """Throw a draft away that was never in review."""
    one, form = reports.report_for(current_person(), key), ButtonForm()
    if form.validate_on_submit() and form.take(reports.discard_draft, one, current_person(), clock.now()):
        flash(gettext("The draft is gone."))
        return redirect(url_for(".list_reports"))
    return _render_report(one, plain=form)


@blueprint.post("/<int:key>/issue")
@open_to(PREPARE_RIGHT)
def issue_report(key: int) -> ResponseReturnValue:
    """Let the worker render both languages and issue the report."""
    one, form = reports.report_for(current_person(), key), ButtonForm()
    if form.validate_on_submit() and form.take(reports.freeze_document, one, clock.now()):
        job = jobs.queue_job(
            "issue_report", {"report": key, "by": current_person().id}, current_person(), clock.now()
        )
        return redirect(url_for("jobs.show_job", key=job.id))
    return _render_report(one, plain=form)


@blueprint.post("/<int:key>/draft/<language>")
@open_to(READ_RIGHT)
def render_draft(key: int, language: str) -> ResponseReturnValue:
    """Let the worker render a draft with a watermark."""
    one, form = reports.report_for(current_person(), key), ButtonForm()
    if language not in LOCALES or one.state == ReportState.ISSUED:
        raise NotFound
    if form.validate_on_submit():
        arguments = {"report": key, "language": language, "by": current_person().id}
        job = jobs.queue_job("draft_report", arguments, current_person(), clock.now())
        return redirect(url_for("jobs.show_job", key=job.id))
    return _render_report(one, plain=form)


@blueprint.get("/<int:key>/draft-<int:job>.pdf")
@open_to(READ_RIGHT)
def download_draft(key: int, job: int) -> Response:
    """The draft that a job rendered for who asked for it."""
    one, done = reports.report_for(current_person(), key), jobs.job_for(current_person(), job)
    if done.kind != "draft_report" or done.state != JobState.DONE or done.arguments["report"] != one.id:
        raise NotFound
    file = get_or_refuse(StoredFile, StoredFile.id == done.outcome["file"])
    audit.record(
        current_person(), "report draft downloaded", one, clock.now(), language=done.arguments["language"]
    )
    return send_stored(file)


@blueprint.get("/<int:key>/<language>.pdf")
@open_to(READ_RIGHT)
def download_report(key: int, language: str) -> Response:
    """The kept PDF of an issued report; the download goes on record (R3, D3)."""
    one = reports.report_for(current_person(), key)
    return send_stored(distribution.open_file(one, language, current_person(), clock.now()))


@job_pages.register_job_links("issue_report", N_("Issuing the quarterly report"))
def _issue_links(job: Job) -> list[tuple[str, str]]:
    return [(url_for("reports.show_report", key=job.arguments["report"]), gettext("To the report"))]


@job_pages.register_job_links("draft_report", N_("Making the draft as PDF"))
def _draft_links(job: Job) -> list[tuple[str, str]]:
    key = job.arguments["report"]
    back = (url_for("reports.show_report", key=key), gettext("To the report"))
    if job.state != JobState.DONE:
        return [back]
    return [
        (url_for("reports.download_draft", key=key, job=job.id), gettext("Download the draft (PDF)")),
        back,
    ]


def _render_report(one: Report, **shown: Any) -> str:
    plain = shown.get("plain") or ButtonForm()
    return render_template(
        "reports/show.html",
        report=one,
        facts=one.document["report"],
        sections=compose.render_sections(one.document, current_locale()),
        plain=plain,
        remarks=shown.get("remarks") or _build_remarks_form(one),
        submission=shown.get("submission") or _build_submit_form(one),
        word=shown.get("word") or _build_review_form(one),
        said=review.list_review_words(one),
        missing=_missing_approvals(one),
        pending=reports.count_pending(one.document),
        kept=find_files(one),
        sent=_distribution_rows(one),
        edits=wording.find_edits(one.document),
        outdated=wording.list_outdated(one.document),
        prepares=current_user.may(PREPARE_RIGHT),
        newest=reports.find_latest_for(current_person(), Quarter.from_int(one.quarter)),
        languages=LOCALES,
    )


def _distribution_rows(one: Report) -> list[tuple[Person, object, object]]:
    """Whom an issued report went to, the mail that told them, and when they first opened it (R3)."""
    mails = distribution.find_mails(one)
    opened = {opening.person: opening.at for opening in distribution.list_openings(one)}
    told = [mail.person for mail in mails.values()]
    persons = {person.id: person for person in (*distribution.list_readers(), *told, *opened)}
    rows = sorted(persons.values(), key=lambda person: (person not in opened, person.name))
    return [(person, mails.get(person.id), opened.get(person)) for person in rows]


def _finish_step(one: Report, done: object, form: StaffForm, **shown: object) -> ResponseReturnValue:
    if not done:
        return _render_report(one, **(shown or {"plain": form}))
    flash(gettext("Saved."))
    return redirect(url_for(".show_report", key=one.id))


def _compose_document(quarter: Quarter, changes: str | None) -> dict[str, object]:
    tally.add_waiting_to_tally(int(quarter))
    return drafting.draft_document(
        quarter, current_person(), clock.now(), operator_zone(), (changes or "").strip()
    )


def _build_remarks_form(one: Report) -> RemarksForm:
    kept = one.document["remarks"]
    return RemarksForm(
        formdata=None, data={f"{part}_{code}": kept[code][part] for code in LOCALES for part in kept[code]}
    )


def _build_submit_form(one: Report) -> SubmitForm:
    """The form to give a report to review; after a return it names whom it named before."""
    before = [str(reviewer["person"]) for reviewer in one.document["report"]["reviewers"]]
    form = SubmitForm(formdata=None, data={"reviewers": before})
    set_choices(form.reviewers, _manager_choices())
    return form


def _build_review_form(one: Report) -> ReviewForm:
    form = ReviewForm(formdata=None)
    set_choices(form.word, _review_choices(one))
    form.word.data = form.word.data or Word.COMMENT.value
    return form


def _review_choices(one: Report) -> list[tuple[str, str]]:
    """What this reader can say: reviewers decide, everybody else who sees it can comment."""
    labels = {
        Word.APPROVE: gettext("I approve this report"),
        Word.RETURN: gettext("Return it to quality control; say what has to change"),
        Word.COMMENT: gettext("Only comment"),
    }
    deciding = current_person().id in {reviewer["person"] for reviewer in one.document["report"]["reviewers"]}
    offered = set(Word) if deciding else {Word.COMMENT}
    if any(said.person_id == current_person().id for said in reports.list_approvals(one)):
        offered.discard(Word.APPROVE)
    return [(word.value, labels[word]) for word in Word if word in offered]


def _missing_approvals(one: Report) -> list[str]:
    if one.state != ReportState.REVIEW:
        return []
    return reports.find_missing_approvals(one, {word.person_id for word in reports.list_approvals(one)})


def _manager_choices() -> list[tuple[str, str]]:
    return [(str(person.id), person.name) for person in review.list_managers()]


def _quarter_choices() -> list[tuple[str, str]]:
    """The quarters to report on: those with data, and the last one that ended."""
    ended = current_quarter().plus(-1)
    codes = sorted({int(quarter) for quarter in list_quarters_with_data()} | {int(ended)}, reverse=True)
    return [(str(code), quarter_words(code)) for code in codes]
