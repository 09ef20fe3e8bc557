"""The desk's first sorting of responses, and its summary of a quarter for QA (P6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField, StringField, TextAreaField

from csat import clock
from csat.models.answers import Answer, Response
from csat.models.feedback import IssueType
from csat.models.questionnaires import Dimension, Kind
from csat.procedure.review import triage, verdicts
from csat.web.access import current_person, open_to
from csat.web.choices import issue_type_choices
from csat.web.forms import StaffForm, limit_length, parse_key, require_input, submit
from csat.web.pagination import paginate
from csat.web.params import current_quarter, parse_choice, requested_quarter, ticked_keys

blueprint = Blueprint("triage", __name__, url_prefix="/desk")

PAGE_SIZES = {"words": 10, "plain": 100, "done": 20}
LIST_KINDS = ("words", "plain", "done")  # those with words are read one by one, plain ones sorted together
MAX_AT_ONCE = 200


def _problem_choices() -> list[SelectChoice]:
    return issue_type_choices(gettext("No problem"))


class TriageForm(StaffForm):
    """The line about one response, beside those about others on the page."""

    class Meta:
        csrf = False  # the page around it carries the token

    issue_type = SelectField(_l("Type"), coerce=parse_key, choices=_problem_choices)
    summary = StringField(_l("In one line"), [limit_length(triage.MAX_SUMMARY_LENGTH)])

    @property
    def filled(self) -> bool:
        """Whether somebody wrote a line or chose a type here."""
        return bool((self.summary.data or "").strip() or self.issue_type.data)


class BulkTriageForm(StaffForm):
    issue_type = SelectField(_l("Type"), coerce=parse_key, choices=_problem_choices)
    summary = StringField(_l("In one line"), [*require_input(), limit_length(triage.MAX_SUMMARY_LENGTH)])


@blueprint.get("/sorting")
@open_to("sorting")
def list_responses() -> str:
    """What came back by name and is still to be sorted; or what is sorted already, to change it."""
    return _render_triage({}, BulkTriageForm(formdata=None, data={"summary": gettext("No words, no problem")}))


@blueprint.post("/sorting")
@open_to("sorting")
def save_triage() -> ResponseReturnValue:
    """Keep every line that was filled in; what cannot be kept stays on the page with its reason."""
    responses = {row.id: row for row in _ticked_responses()}
    forms = {id_: _build_form(id_) for id_ in responses}
    kept = {id_ for id_, form in forms.items() if form.filled and _save_line(responses[id_], form)}
    if kept:
        flash(ngettext("%(num)s response is sorted.", "%(num)s responses are sorted.", len(kept)))
    wrong = {id_: form for id_, form in forms.items() if form.filled and id_ not in kept}
    if wrong:
        return _render_triage(wrong, BulkTriageForm(formdata=None)), 422
    return redirect(_current_url())


@blueprint.post("/sorting/alike")
@open_to("sorting")
def triage_alike() -> ResponseReturnValue:
    """Sort the ticked ones alike: those in which the client wrote nothing."""
    form = BulkTriageForm()
    chosen, summary = _ticked_responses(), form.summary.data or ""
    if not chosen:
        form.form_errors.append(gettext("Please tick at least one response."))
    elif form.validate_on_submit():
        done = form.take(triage.triage_responses, chosen, _chosen_type(form), summary, current_person(), clock.now())
        if done:
            flash(ngettext("%(num)s response is sorted.", "%(num)s responses are sorted.", done[0]))
            if done[1]:
                flash(ngettext("%(num)s was left for reading.", "%(num)s were left for reading.", done[1]))
            return redirect(_current_url())
    return _render_triage({}, form, {row.id for row in chosen}), 422


def _ticked_responses() -> list[Response]:
    return triage.responses_to_triage_for(current_person(), ticked_keys("response")[:MAX_AT_ONCE])


def _render_triage(wrong: Mapping[int, TriageForm], alike: BulkTriageForm, ticked: set[int] | None = None) -> str:
    quarter = requested_quarter() if request.args.get("quarter") else None
    show = parse_choice("show", LIST_KINDS, "words")
    query = triage.list_triaged(quarter) if show == "done" else triage.list_untriaged(quarter)
    if show != "done":
        query = query.where(triage.commented_condition() if show == "words" else ~triage.commented_condition())
    listed = paginate(query, PAGE_SIZES[show])
    waiting = triage.list_untriaged(quarter)
    return render_template(
        "review/triage.html",
        listed=listed,
        show=show,
        quarter=quarter,
        current=current_quarter(),
        words=waiting.where(triage.commented_condition()).count(),
        plain=waiting.where(~triage.commented_condition()).count(),
        ticked=ticked,
        forms={row.id: wrong.get(row.id) or _build_form(row.id, row) for row in listed.rows},
        said={row.id: _summarise_answers(verdicts.answers_of(row)) for row in listed.rows},
        mine={row.id for row in listed.rows if _is_own_incident(row)},
        alike=alike,
        here=_current_url(),
    )


def _summarise_answers(answers: Sequence[Answer]) -> tuple[int | None, list[Answer], list[Answer]]:
    """Of the answers: the overall rating, the low ratings, and the client's own words."""
    rated = [answer for answer in answers if answer.question.kind == Kind.RATING and answer.value]
    overall = [answer.value for answer in rated if answer.question.dimension == Dimension.OVERALL]
    low = [answer for answer in rated if answer.value is not None and answer.value <= 2]
    words = [answer for answer in answers if answer.question.kind == Kind.TEXT and answer.words]
    return (overall[0] if overall else None), low, words


def _is_own_incident(response: Response) -> bool:
    """Whether the reader handled the incident, so that a colleague sorts it."""
    incident = response.incident
    handlers = (incident.assigned_to_id, incident.resolved_by_id) if incident else ()
    return current_person().id in (response.engineer_id, *handlers)


def _build_form(id_: int, row: Any = None) -> TriageForm:
    """The form of one response: as sent, or (for a row of the list) as it was sorted."""
    if row is None:
        return TriageForm(prefix=f"r{id_}-")
    known = getattr(row, "first_sorting", None)
    data = {"issue_type": known.issue_type_id, "summary": known.summary} if known else {}
    return TriageForm(formdata=None, prefix=f"r{id_}-", data=data)


def _save_line(response: Response, form: TriageForm) -> bool:
    verb, summary = triage.triage_response, form.summary.data or ""
    return form.validate() and bool(
        form.take(verb, response, _chosen_type(form), summary, current_person(), clock.now())
    )


def _chosen_type(form: TriageForm | BulkTriageForm) -> IssueType | None:
    return IssueType.get_by_id(form.issue_type.data) if form.issue_type.data else None


def _current_url() -> str:
    """The list as it was narrowed."""
    return url_for(".list_responses", show=request.args.get("show"), quarter=request.args.get("quarter"))


# --- the quarter's summary -----------------------------------------------------------------------------


class SummaryForm(StaffForm):
    text = TextAreaField(_l("Summary for QA"), [*require_input(), limit_length(4000)], render_kw={"rows": 8})


@blueprint.route("/summary", methods=["GET", "POST"])
@open_to("sorting")
def edit_summary() -> ResponseReturnValue:
    """The desk's words about a quarter; QA reads them on its pages."""
    quarter = requested_quarter()
    known = triage.find_summary(quarter)
    form = SummaryForm(data={"text": known.text if known else ""})
    done = submit(
        form,
        lambda: triage.summarise_quarter(quarter, form.text.data or "", current_person(), clock.now()),
        said=gettext("Saved. QA reads it on its first page."),
        to=url_for(".edit_summary", quarter=str(quarter)),
    )
    return done or render_template(
        "review/triage_summary.html",
        form=form,
        quarter=quarter,
        others=current_quarter().back(4),
        written=triage.summaries_of(quarter),
        counted=triage.count_by_type(quarter),
        waiting=triage.list_untriaged(quarter).count(),
    )
