"""QA's answer to a missed commitment: an action, by a feedback to the department, or why not (C2)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField

from csat import clock
from csat.figures.commitments import commitments_of
from csat.models.commitments import Commitment
from csat.models.feedback import Feedback, IssueType, Severity
from csat.models.people import Department, Person
from csat.procedure.commitments import commitments, missed
from csat.procedure.core.quarter import Quarter
from csat.web.access import me, open_to
from csat.web.commitments import formatting as say
from csat.web.commitments.commitments import asked_quarter, running
from csat.web.commitments.measurements import judge_again
from csat.web.feedback.forms import (
    OneOfSeveral,
    departments,
    issue_types,
    key,
    prose,
    severities,
    supervisors,
)
from csat.web.formatting import quarter as quarter_words
from csat.web.formatting import text, zone
from csat.web.forms import at_most, needed

blueprint = Blueprint("commitment_answers", __name__, url_prefix="/commitments")


class OpenForm(OneOfSeveral):
    """A feedback of staff observation; the department plans and carries out actions (§6)."""

    title = StringField(_l("Title"), [*needed(), at_most(200)])
    words = prose(_l("What happened, and what is to change"))
    issue_type = SelectField(_l("Type"), needed(), coerce=key, choices=issue_types)
    severity = RadioField(_l("Severity"), needed(), coerce=Severity, choices=severities)
    department = SelectField(_l("Department"), needed(), coerce=key, choices=departments)
    supervisor = SelectField(_l("QA supervisor"), needed(), coerce=key, choices=supervisors)


class ReasonForm(OneOfSeveral):
    reason = prose(_l("Why no action is opened"))


@blueprint.get("/<code>/answer")
@open_to("commitments.edit")
def answer(code: str) -> str:
    """A missed quarter, and the two ways to answer it."""
    commitment, quarter = commitments.commitment_at(code), asked_quarter()
    return _page(commitment, quarter, _opening(commitment, quarter), ReasonForm(formdata=None))


@blueprint.post("/<code>/answer")
@open_to("commitments.edit")
def give(code: str) -> Any:
    """Open an action, or give the reason."""
    commitment, quarter = commitments.commitment_at(code), asked_quarter()
    judge_again(quarter)
    if request.form.get("do") == "reason":
        opening, reason = _opening(commitment, quarter), ReasonForm()
        done = reason.validate_on_submit() and reason.take(
            missed.give_reason, commitment, quarter, reason.reason.data or "", me(), clock.now()
        )
    else:
        opening, reason = OpenForm(), ReasonForm(formdata=None)
        done = opening.validate_on_submit() and opening.take(_open, commitment, quarter, opening)
    if not done:
        return _page(commitment, quarter, opening, reason), 422
    if isinstance(done, Feedback):
        flash(gettext("%(number)s is opened and given to the department.", number=done.number))
    else:
        flash(gettext("Saved. The reason stands in the report beside the figure."))
    return redirect(url_for("commitments.show", code=code, quarter=quarter))


def _open(commitment: Commitment, quarter: Quarter, form: OpenForm) -> Feedback:
    return missed.open_action(
        commitment,
        quarter,
        form.title.data or "",
        form.words.data or "",
        IssueType.get_by_id(form.issue_type.data),
        Severity(form.severity.data),
        Department.get_or_none(Department.id == form.department.data),
        Person.get_or_none(Person.id == form.supervisor.data),
        me(),
        clock.now(),
        running(),
    )


def _opening(commitment: Commitment, quarter: Quarter) -> OpenForm:
    title = gettext(
        "Commitment missed in %(quarter)s: %(name)s",
        quarter=quarter_words(quarter),
        name=text(commitment.name),
    )
    return OpenForm(formdata=None, title=title, department=commitment.department_id)


def _page(commitment: Commitment, quarter: Quarter, opening: OpenForm, reason: ReasonForm) -> str:
    figures = commitments_of(quarter, clock.now(), zone())
    return render_template(
        "commitments/missed.html",
        commitment=commitment,
        quarter=quarter,
        figure=next((one for one in figures if one.code == commitment.code), None),
        say=say,
        opening_form=opening,
        reason=reason,
    )
