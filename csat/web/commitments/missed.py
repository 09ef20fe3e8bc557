"""QA's answer to a missed commitment: an action, by a feedback to the department, or why not (C2)."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField

from csat import clock
from csat.models.commitments import Commitment
from csat.models.feedback import Feedback, IssueType, Severity
from csat.models.people import Department, Person
from csat.procedure.commitments import commitments, missed
from csat.procedure.core.bilingual import list_fields
from csat.procedure.core.quarter import Quarter
from csat.web.access import current_person, open_to
from csat.web.choices import department_choices, issue_type_choices, severity_choices, supervisor_choices
from csat.web.commitments.commitments import find_figure
from csat.web.commitments.formatting import VERDICT_LABELS
from csat.web.commitments.measurements import record_verdicts
from csat.web.formatting import format_quarter, localised_text
from csat.web.forms import NamedForm, bilingual, build_text_area, limit_length, parse_key, require_input, submit
from csat.web.params import current_quarter, requested_quarter

blueprint = Blueprint("commitment_answers", __name__, url_prefix="/commitments")
MAX_CLIENT_TEXT = 400  # each; a letter of one page has room for little


class ActionForm(NamedForm):
    title = StringField(_l("Title"), [*require_input(), limit_length(200)])
    words = build_text_area(_l("What happened, and what is to change"))
    issue_type = SelectField(_l("Type"), require_input(), coerce=parse_key, choices=issue_type_choices)
    severity = RadioField(_l("Severity"), require_input(), coerce=Severity, choices=severity_choices)
    department = SelectField(_l("Department"), require_input(), coerce=parse_key, choices=department_choices)
    supervisor = SelectField(_l("QA supervisor"), require_input(), coerce=parse_key, choices=supervisor_choices)


class ReasonForm(NamedForm):
    reason = build_text_area(_l("Why no action is opened"))


@bilingual("client_remedy", _l("Remedy, in Chinese"), _l("Remedy, in English"), MAX_CLIENT_TEXT, rows=3)
@bilingual("client_reason", _l("Why, in Chinese"), _l("Why, in English"), MAX_CLIENT_TEXT, rows=3)
class ClientWordsForm(NamedForm):
    """What every client reads about the miss in their letter."""


@blueprint.get("/<code>/answer")
@open_to("commitments.edit")
def show_missed_commitment(code: str) -> str:
    """A missed quarter, and the two ways to answer it."""
    commitment, quarter = commitments.get_commitment(code), requested_quarter()
    return _render_answer(commitment, quarter, _prefilled_action(commitment, quarter), ReasonForm(formdata=None))


@blueprint.post("/<code>/answer")
@open_to("commitments.edit")
def answer_missed_commitment(code: str) -> ResponseReturnValue:
    """Open an action, or give the reason."""
    commitment, quarter = commitments.get_commitment(code), requested_quarter()
    record_verdicts(quarter)  # the nightly job may not have noticed yet what this page shows as missed
    page = url_for("commitments.show_commitment", code=code, quarter=quarter)
    if request.form.get("do") == "clients":
        return _answer_clients(commitment, quarter, page)
    if request.form.get("do") == "reason":
        opening, reason = _prefilled_action(commitment, quarter), ReasonForm()
        said = gettext("Saved. The reason stands in the report beside the figure.")
        done = submit(reason, lambda: _save_reason(commitment, quarter, reason), said=said, to=page)
    else:
        opening, reason = ActionForm(), ReasonForm(formdata=None)
        done = submit(
            opening,
            lambda: _open_action(commitment, quarter, opening),
            lambda made: gettext("%(number)s is opened and given to the department.", number=made.number),
            page,
        )
    return done or (_render_answer(commitment, quarter, opening, reason), 422)


def _answer_clients(commitment: Commitment, quarter: Quarter, page: str) -> ResponseReturnValue:
    form, by = ClientWordsForm(), current_person()
    words = {part: form.by_language(f"client_{part}") for part in missed.CLIENT_PARTS}
    said = gettext("Saved. Every letter of the quarter is offered it.")
    done = submit(
        form, lambda: missed.write_for_clients(commitment, quarter, words, by, clock.now()), said=said, to=page
    )
    opening, reason = _prefilled_action(commitment, quarter), ReasonForm(formdata=None)
    return done or (_render_answer(commitment, quarter, opening, reason, form), 422)


def _save_reason(commitment: Commitment, quarter: Quarter, form: ReasonForm) -> None:
    missed.answer_with_reason(commitment, quarter, form.reason.data or "", current_person(), clock.now())


def _open_action(commitment: Commitment, quarter: Quarter, form: ActionForm) -> Feedback:
    return missed.answer_with_feedback(
        commitment,
        quarter,
        form.title.data or "",
        form.words.data or "",
        IssueType.get_by_id(form.issue_type.data),
        Severity(form.severity.data),
        Department.get_or_none(Department.id == form.department.data),
        Person.get_or_none(Person.id == form.supervisor.data),
        current_person(),
        clock.now(),
        current_quarter(),
    )


def _prefilled_action(commitment: Commitment, quarter: Quarter) -> ActionForm:
    facts = {"quarter": format_quarter(quarter), "name": localised_text(commitment.name)}
    title = gettext("Commitment missed in %(quarter)s: %(name)s", **facts)
    return ActionForm(formdata=None, title=title, department=commitment.department_id)


def _prefilled_client_words(commitment: Commitment, quarter: Quarter) -> ClientWordsForm:
    kept = missed.find_client_words(quarter).get(commitment.code, {})
    return ClientWordsForm(formdata=None, data=dict(list_fields({f"client_{part}": of for part, of in kept.items()})))


def _render_answer(
    commitment: Commitment,
    quarter: Quarter,
    opening: ActionForm,
    reason: ReasonForm,
    told: ClientWordsForm | None = None,
) -> str:
    return render_template(
        "commitments/missed.html",
        commitment=commitment,
        quarter=quarter,
        figure=find_figure(commitment, quarter),
        verdict_labels=VERDICT_LABELS,
        opening_form=opening,
        reason=reason,
        told=told or _prefilled_client_words(commitment, quarter),
        answered=(commitment.code, int(quarter)) in missed.find_answers([int(quarter)]),
    )
