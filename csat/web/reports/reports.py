"""The quarterly report on the web: drafted, read, reviewed, issued, downloaded."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from csat import clock
from csat.adapters import files
from csat.config import LOCALES, Config
from csat.documents.report import compose, drafting
from csat.figures import quarters_with_data
from csat.models.people import Person
from csat.models.reporting import Report, ReportState, Word
from csat.models.work import Job, JobState, StoredFile
from csat.procedure.core import audit, jobs
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, Refusal
from csat.procedure.reports import distribution, reports, review, wording
from csat.procedure.review import tally
from csat.web import jobs as job_pages
from csat.web.access import me, open_to
from csat.web.errors import say as told
from csat.web.formatting import quarter as quarter_words
from csat.web.formatting import zone
from csat.web.forms import PlainForm, StaffForm, at_most, choose
from csat.web.language import locale
from csat.words import N_

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
LONGEST_REMARK = {"zh": 240, "en": 500}  # characters: the summary must stay on one page
READ, PREPARE = "reports.read", "reports.prepare"


class DraftForm(StaffForm):
    quarter = SelectField(_l("Quarter"), choices=[])
    changes = StringField(_l("What the new version changes"), [at_most(500)])


@blueprint.route("/", methods=["GET", "POST"])
@open_to(READ)
def index() -> Any:
    """All reports one may see, and for QA the way to a new one."""
    form = DraftForm()
    choose(form.quarter, _quarters())
    if current_user.may(PREPARE) and form.validate_on_submit():
        quarter = Quarter.from_int(int(form.quarter.data))
        document = _composed(quarter, form.changes.data)
        made = form.take(reports.draft, quarter, document, me(), clock.now(), form.changes.data)
        if made:
            flash(gettext("The draft is ready. Read it, add your remarks, then give it to review."))
            return redirect(url_for(".show", key=made.id))
    return render_template("reports/index.html", reports=reports.reports_for(me()), form=form)


class RemarksForm(StaffForm):
    assessment_zh = TextAreaField(_l("Assessment in Chinese"), [at_most(LONGEST_REMARK["zh"])])
    assessment_en = TextAreaField(_l("Assessment in English"), [at_most(LONGEST_REMARK["en"])])
    decisions_zh = TextAreaField(_l("To be decided, in Chinese"), [at_most(LONGEST_REMARK["zh"])])
    decisions_en = TextAreaField(_l("To be decided, in English"), [at_most(LONGEST_REMARK["en"])])

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


class WordForm(StaffForm):
    word = RadioField(_l("Your word"), choices=[])
    comment = TextAreaField(_l("Comment"), [at_most(2000)])


@blueprint.get("/<int:key>")
@open_to(READ)
def show(key: int) -> str:
    """The report as the PDF will have it, where it stands, and what its reader can do."""
    return _page(reports.report_for(me(), key))


@blueprint.post("/<int:key>/refresh")
@open_to(PREPARE)
def refresh(key: int) -> Any:
    """Put today's figures into a draft."""
    one, form = reports.report_for(me(), key), PlainForm()
    if form.validate_on_submit():
        document = _composed(Quarter.from_int(one.quarter), one.changes)
        return _then(one, form.take(reports.refresh, one, document, me(), clock.now()), form)
    return _page(one, plain=form)


@blueprint.post("/<int:key>/remarks")
@open_to(PREPARE)
def remarks(key: int) -> Any:
    """Keep QA's own words."""
    one, form = reports.report_for(me(), key), RemarksForm()
    if form.validate_on_submit():
        done = form.take(reports.write_remarks, one, form.remarks(), me(), clock.now())
        return _then(one, done, form, remarks=form)
    return _page(one, remarks=form)


@blueprint.post("/<int:key>/submit")
@open_to(PREPARE)
def submit(key: int) -> Any:
    """Give a draft to review."""
    one, form = reports.report_for(me(), key), SubmitForm()
    choose(form.reviewers, _managers())
    if form.validate_on_submit():
        chosen = list(Person.select().where(Person.id.in_([int(key) for key in form.reviewers.data] or [0])))
        stated = reports.pending(one.document) if form.despite.data else 0
        try:
            review.submit(one, chosen, me(), clock.now(), stated)
            flash(gettext("The report is in review."))
            return redirect(url_for(".show", key=key))
        except review.ResponsesPending as refusal:
            form.despite.errors = [told(refusal)]
        except Refusal as refusal:
            form.object_to(refusal)
    return _page(one, submission=form)


@blueprint.post("/<int:key>/say")
@open_to(READ)
def say(key: int) -> Any:
    """Approve, return or comment."""
    one, form = reports.report_for(me(), key), WordForm()
    choose(form.word, _words(one))
    if form.validate_on_submit():
        word = Word(form.word.data)
        if form.take(review.say, one, word, form.comment.data or "", me(), clock.now()):
            flash(gettext("Your word is on record."))
            may_see = one.state in (ReportState.REVIEW, ReportState.ISSUED) or current_user.may(PREPARE)
            return redirect(url_for(".show", key=key) if may_see else url_for(".index"))
    return _page(one, word=form)


@blueprint.post("/<int:key>/discard")
@open_to(PREPARE)
def discard(key: int) -> Any:
    """Throw a draft away that was never in review."""
    one, form = reports.report_for(me(), key), PlainForm()
    if form.validate_on_submit() and form.take(reports.discard, one, me(), clock.now()):
        flash(gettext("The draft is gone."))
        return redirect(url_for(".index"))
    return _page(one, plain=form)


@blueprint.post("/<int:key>/issue")
@open_to(PREPARE)
def issue(key: int) -> Any:
    """Let the worker render both languages and issue the report."""
    one, form = reports.report_for(me(), key), PlainForm()
    if form.validate_on_submit() and form.take(reports.frozen, one, clock.now()):
        job = jobs.ask("issue_report", {"report": key, "by": me().id}, me(), clock.now())
        return redirect(url_for("jobs.show", key=job.id))
    return _page(one, plain=form)


@blueprint.post("/<int:key>/draft/<language>")
@open_to(READ)
def make_draft(key: int, language: str) -> Any:
    """Let the worker render a draft with a watermark."""
    one, form = reports.report_for(me(), key), PlainForm()
    if language not in LOCALES or one.state == ReportState.ISSUED:
        raise NotFound
    if form.validate_on_submit():
        arguments = {"report": key, "language": language, "by": me().id}
        job = jobs.ask("draft_report", arguments, me(), clock.now())
        return redirect(url_for("jobs.show", key=job.id))
    return _page(one, plain=form)


@blueprint.get("/<int:key>/draft-<int:job>.pdf")
@open_to(READ)
def draft_file(key: int, job: int) -> Response:
    """The draft that a job rendered for who asked for it."""
    one, done = reports.report_for(me(), key), jobs.job_for(me(), job)
    if done.kind != "draft_report" or done.state != JobState.DONE or done.arguments["report"] != one.id:
        raise NotFound
    file = StoredFile.get_or_none(StoredFile.id == done.outcome["file"])
    if file is None:
        raise NotFound
    audit.record(me(), "report draft downloaded", one, clock.now(), language=done.arguments["language"])
    return _sent(file)


@blueprint.get("/<int:key>/<language>.pdf")
@open_to(READ)
def download(key: int, language: str) -> Response:
    """The kept PDF of an issued report; the download goes on record (R3, D3)."""
    one = reports.report_for(me(), key)
    return _sent(distribution.open_file(one, language, me(), clock.now()))


@job_pages.leads_to("issue_report", N_("Issuing the quarterly report"))
def _issued(job: Job) -> list[tuple[str, str]]:
    return [(url_for("reports.show", key=job.arguments["report"]), gettext("To the report"))]


@job_pages.leads_to("draft_report", N_("Making the draft as PDF"))
def _drafted(job: Job) -> list[tuple[str, str]]:
    key = job.arguments["report"]
    back = (url_for("reports.show", key=key), gettext("To the report"))
    if job.state != JobState.DONE:
        return [back]
    return [(url_for("reports.draft_file", key=key, job=job.id), gettext("Download the draft (PDF)")), back]


def _page(one: Report, **shown: Any) -> str:
    plain = shown.get("plain") or PlainForm()
    return render_template(
        "reports/show.html",
        report=one,
        facts=one.document["report"],
        sections=compose.sections(one.document, locale()),
        plain=plain,
        remarks=shown.get("remarks") or _remarks_form(one),
        submission=shown.get("submission") or _submit_form(one),
        word=shown.get("word") or _word_form(one),
        said=review.words_on(one),
        missing=_missing(one),
        pending=reports.pending(one.document),
        kept=distribution.files_of(one),
        sent=_sent_to(one),
        edits=wording.edits_of(one.document),
        outdated=wording.outdated(one.document),
        prepares=current_user.may(PREPARE),
        newest=reports.latest_for(me(), Quarter.from_int(one.quarter)),
        languages=LOCALES,
    )


def _sent_to(one: Report) -> list[tuple[Person, Any, Any]]:
    """Whom an issued report went to, the mail that told them, and when they first opened it (R3)."""
    mails = distribution.mails_of(one)
    opened = {opening.person: opening.at for opening in distribution.openings(one)}
    told = [mail.person for mail in mails.values()]
    persons = {person.id: person for person in (*distribution.readers(), *told, *opened)}
    rows = sorted(persons.values(), key=lambda person: (person not in opened, person.name))
    return [(person, mails.get(person.id), opened.get(person)) for person in rows]


def _then(one: Report, done: Any, form: StaffForm, **shown: Any) -> Any:
    if not done:
        return _page(one, **(shown or {"plain": form}))
    flash(gettext("Saved."))
    return redirect(url_for(".show", key=one.id))


def _composed(quarter: Quarter, changes: str | None) -> dict[str, Any]:
    tally.catch_up(int(quarter))
    return drafting.document_of(quarter, me(), clock.now(), zone(), (changes or "").strip())


def _remarks_form(one: Report) -> RemarksForm:
    kept = one.document["remarks"]
    return RemarksForm(
        formdata=None, data={f"{part}_{code}": kept[code][part] for code in LOCALES for part in kept[code]}
    )


def _submit_form(one: Report) -> SubmitForm:
    """The form to give a report to review; after a return it names whom it named before."""
    before = [str(reviewer["person"]) for reviewer in one.document["report"]["reviewers"]]
    form = SubmitForm(formdata=None, data={"reviewers": before})
    choose(form.reviewers, _managers())
    return form


def _word_form(one: Report) -> WordForm:
    form = WordForm(formdata=None)
    choose(form.word, _words(one))
    form.word.data = form.word.data or Word.COMMENT.value
    return form


def _words(one: Report) -> list[tuple[str, str]]:
    """What this reader can say: reviewers decide, everybody else who sees it can comment."""
    labels = {
        Word.APPROVE: gettext("I approve this report"),
        Word.RETURN: gettext("Return it to quality control; say what has to change"),
        Word.COMMENT: gettext("Only comment"),
    }
    deciding = me().id in {reviewer["person"] for reviewer in one.document["report"]["reviewers"]}
    offered = set(Word) if deciding else {Word.COMMENT}
    if any(said.person_id == me().id for said in reports.approvals(one)):
        offered.discard(Word.APPROVE)
    return [(word.value, labels[word]) for word in Word if word in offered]


def _missing(one: Report) -> list[str]:
    if one.state != ReportState.REVIEW:
        return []
    return reports.still_missing(one, {word.person_id for word in reports.approvals(one)})


def _managers() -> list[tuple[str, str]]:
    return [(str(person.id), person.name) for person in review.managers()]


def _quarters() -> list[tuple[str, str]]:
    """The quarters to report on: those with data, and the last one that ended."""
    ended = Quarter.of(clock.now(), zone()).plus(-1)
    codes = sorted({int(quarter) for quarter in quarters_with_data()} | {int(ended)}, reverse=True)
    return [(str(code), quarter_words(code)) for code in codes]


def _sent(file: StoredFile) -> Response:
    config: Config = current_app.config["CSAT"]
    answer = make_response(files.read(config.files, file.place))
    answer.headers["Content-Type"] = file.media_type
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return answer
