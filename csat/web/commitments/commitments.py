"""Commitments: how far each is kept, what stands behind it, and QA's names and targets (C1, C2)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, DateField, FloatField, SelectField, StringField
from wtforms.validators import InputRequired

from csat import clock
from csat.config import LOCALES
from csat.figures.audience import find_audience
from csat.figures.commitments import CommitmentFigure, measure_commitments
from csat.figures.issued import NAMED
from csat.models.commitments import Commitment, CommitmentAnswer, CommitmentTarget, Origin
from csat.models.feedback import ActionFeedback, Feedback
from csat.models.people import Department
from csat.procedure.commitments import commitments, counts, measurements, missed
from csat.procedure.core.bilingual import name_field
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, NotPermitted
from csat.procedure.core.retirement import toggle_retirement
from csat.procedure.feedback import access
from csat.procedure.people import attachments, permissions
from csat.web.access import current_person, open_to
from csat.web.choices import department_choices
from csat.web.commitments.formatting import (
    COUNTED_LABELS,
    DIFFERENCE_NOTES,
    DUE_NOTES,
    ENTERED_NOTE,
    MEASUREMENT_NOTES,
    VERDICT_LABELS,
    build_chart,
    format_figure,
    format_target,
)
from csat.web.figures.overview_charts import PALETTE
from csat.web.formatting import local_today, localised_text, operator_zone
from csat.web.forms import ButtonForm, StaffForm, bilingual, parse_key, submit
from csat.web.pagination import paginate
from csat.web.params import current_quarter, requested_quarter

blueprint = Blueprint("commitments", __name__, url_prefix="/commitments")

QUARTERS_OFFERED = 12

blueprint.add_app_template_filter(format_figure, "amount")
blueprint.add_app_template_filter(format_target, "goal")
blueprint.add_app_template_filter(Quarter.from_int, "as_quarter")


@blueprint.get("/")
@open_to("commitments.see")
def list_commitments() -> str:
    """All commitments in a quarter (the running one, or the one in the address), and what waits."""
    quarter = requested_quarter()
    figures = measure_commitments(quarter, clock.now(), operator_zone(), find_audience(current_person()))
    return render_template(
        "commitments/index.html",
        quarter=quarter,
        quarters=_quarter_choices(),
        last=current_quarter().plus(-1),
        figures=figures,
        drawn={one.code: build_chart(one, 128, 30) for one in figures},
        verdict_labels=VERDICT_LABELS,
        due_notes=DUE_NOTES,
        palette=PALETTE,
        retired=commitments.list_commitments(retired=True) if current_user.may("commitments.edit") else [],
        **_pending_tasks(),
    )


def _pending_tasks() -> dict[str, object]:
    """What waits for whom is looking."""
    edits, measures = (current_user.may(f"commitments.{one}") for one in ("edit", "measure"))
    listed = commitments.list_commitments() if edits else []
    return {
        "to_enter": measurements.list_to_enter(current_person(), clock.now(), operator_zone()) if measures else [],
        "to_accept": measurements.list_to_accept() if edits else [],
        "unanswered": missed.list_unanswered() if edits else [],
        "nobodys": [one for one in listed if one.source == Origin.ENTERED and one.department is None],
    }


@blueprint.get("/<code>")
@open_to("commitments.see")
def show_commitment(code: str) -> str:
    """One commitment: what it came to, its trend, targets and measurements."""
    return render_commitment(commitments.get_commitment(code))


def render_commitment(commitment: Commitment, **more: object) -> str:
    """The page of a commitment; `more` are the forms of a step that was refused."""
    quarter, reader = requested_quarter(), current_person()
    figure = find_figure(commitment, quarter)
    entered = measurements.list_measurements(commitment)
    return render_template(
        "commitments/show.html",
        commitment=commitment,
        figure=figure,
        quarter=quarter,
        quarters=_quarter_choices(),
        drawn=None if figure is None else build_chart(figure, 380, 110),
        verdict_labels=VERDICT_LABELS,
        difference_notes=DIFFERENCE_NOTES,
        counted_labels=COUNTED_LABELS,
        palette=PALETTE,
        how=MEASUREMENT_NOTES.get(commitment.code, ENTERED_NOTE),
        targets=commitments.list_targets(commitment),
        entered=entered,
        evidence=attachments.list_attachments_by_record(entered),
        reads_files=permissions.sees_all(reader) or measurements.is_responsible_for(reader, commitment, local_today()),
        answers=_find_told_answers(quarter, figure),
        may_enter=measurements.may_enter_measurements(reader, commitment, local_today()),
        may_judge=current_user.may("commitments.edit"),
        countable=_countable_lists(commitment),
        last=current_quarter().plus(-1),
        **{"sent_back": None, "form": ButtonForm(), **more},
    )


def _find_told_answers(quarter: Quarter, figure: CommitmentFigure | None) -> dict[tuple[str, int], CommitmentAnswer]:
    """What QA answered to misses; not where the reader is told of named answers alone (F4)."""
    # that a quarter is missed, or is no longer, would tell of the anonymous ones
    untold = {point["quarter"] for point in figure.trend if point["answers"] == NAMED} if figure else set()
    return missed.find_answers(int(one) for one in quarter.back(8) if int(one) not in untold)


def find_figure(commitment: Commitment, quarter: Quarter) -> CommitmentFigure | None:
    """What a commitment came to in a quarter; None of one that is retired."""
    found = measure_commitments(quarter, clock.now(), operator_zone(), find_audience(current_person()))
    return next((one for one in found if one.code == commitment.code), None)


def _quarter_choices() -> list[Quarter]:
    return sorted({*current_quarter().back(QUARTERS_OFFERED), requested_quarter()}, reverse=True)


def _countable_lists(commitment: Commitment) -> tuple[str, ...]:
    """The lists behind a figure that whoever is looking may open."""
    if commitment.source == Origin.INCIDENTS:
        return (counts.MET, counts.MISSED, counts.MISSING) if current_user.may("incidents.see") else ()
    if commitment.source in (Origin.FEEDBACK, Origin.ACTIONS):
        return (counts.MET, counts.MISSED, counts.STILL_OPEN) if current_user.may("feedback.see") else ()
    return ()


@blueprint.get("/<code>/counted")
@open_to("commitments.see")
def list_counted(code: str) -> str:
    """The incidents, feedback or actions that a figure counts."""
    commitment, quarter = commitments.get_commitment(code), requested_quarter()
    lists, which = _countable_lists(commitment), request.args.get("which", counts.MISSED)
    if not lists:
        raise NotPermitted
    if which not in lists:
        raise NotFound
    target = commitments.TargetTable().of_quarter(code, quarter)
    return render_template(
        "commitments/counted.html",
        commitment=commitment,
        quarter=quarter,
        which=which,
        lists=[(one, COUNTED_LABELS[one]) for one in lists],
        target=target,
        **_counted_rows(commitment, quarter, which, target),
    )


def _counted_rows(commitment: Commitment, quarter: Quarter, which: str, target: float) -> dict[str, object]:
    if commitment.source == Origin.INCIDENTS:
        query = counts.select_incidents(commitment.code, int(quarter), which, target, commitment.unit)
        return {"list": paginate(query), "ends": counts.END_COLUMNS.get(commitment.code)}
    seen = access.select_visible(current_person(), local_today())  # the figure counts all; a department opens its own
    if commitment.source == Origin.FEEDBACK:
        due = counts.feedback_due_condition(quarter, quarter, operator_zone())
        return {"list": paginate(seen.where(due, counts.feedback_outcome_condition(which, clock.now())))}
    links = ActionFeedback.select().where(ActionFeedback.feedback.in_(seen.select(Feedback.id)))
    found = counts.select_visible_actions(quarter, which, local_today(), links)
    return {"list": paginate(found), "feedback_of": {link.action_id: link.feedback for link in links}}


@bilingual("description", _l("Description in Chinese"), _l("Description in English"), 600, required=True)
@bilingual("name", _l("Name in Chinese"), _l("Name in English"), 60, StringField, required=True)
class CommitmentForm(StaffForm):
    department = SelectField(_l("Responsible department"), coerce=parse_key, choices=department_choices)


class TargetForm(StaffForm):
    target = FloatField(_l("Target"), [InputRequired(_l("Please enter a number."))])
    since = DateField(_l("From this day on"), [InputRequired(_l("Please fill this in."))])
    aware = BooleanField(_l("Yes, quarters that are over are to be judged anew"))


@blueprint.route("/<code>/edit", methods=["GET", "POST"])
@open_to("commitments.edit")
def edit_commitment(code: str) -> ResponseReturnValue:
    """Names, description and responsible department."""
    commitment = commitments.get_commitment(code)
    form, to = CommitmentForm(data=_form_data(commitment)), url_for(".show_commitment", code=code)
    done = submit(form, lambda: _save_commitment(commitment, form), said=gettext("Saved."), to=to)
    return done or _render_edit(commitment, form, TargetForm(formdata=None, since=local_today()))


@blueprint.post("/<code>/target")
@open_to("commitments.edit")
def set_target(code: str) -> ResponseReturnValue:
    """A target from a day on; a quarter that is over wants a tick."""
    commitment, form = commitments.get_commitment(code), TargetForm()
    said, to = gettext("Saved. Issued reports keep the target that they were issued with."), ".show_commitment"
    done = submit(form, lambda: _save_target(commitment, form), said, url_for(to, code=code))
    return done or _render_edit(commitment, CommitmentForm(formdata=None, data=_form_data(commitment)), form)


@blueprint.post("/<code>/retire")
@open_to("commitments.edit")
def retire_commitment(code: str) -> ResponseReturnValue:
    """Take a commitment out of use, or bring it back."""
    commitment = commitments.get_commitment(code)
    toggle_retirement(commitment, current_person(), clock.now())
    back = gettext("The commitment is in use again.")
    flash(back if commitment.retired_at else gettext("The commitment is out of use. What was measured stays."))
    return redirect(url_for(".list_commitments"))


def _form_data(commitment: Commitment) -> dict[str, object]:
    texts = {"name": commitment.name, "description": commitment.description}
    typed = {name_field(name, locale): text.get(locale, "") for name, text in texts.items() for locale in LOCALES}
    return {**typed, "department": commitment.department_id}


def _save_commitment(commitment: Commitment, form: CommitmentForm) -> None:
    name, description = form.by_language("name"), form.by_language("description")
    department = Department.get_or_none(Department.id == form.department.data)
    commitments.edit_commitment(commitment, name, description, department, current_person(), clock.now())


def _save_target(commitment: Commitment, form: TargetForm) -> CommitmentTarget:
    since, target, now = form.since.data or local_today(), form.target.data or 0.0, clock.now()
    return commitments.set_target(commitment, since, target, current_person(), now, local_today(), form.aware.data)


def _render_edit(commitment: Commitment, form: CommitmentForm, dated: TargetForm) -> ResponseReturnValue:
    page = render_template(
        "commitments/edit.html",
        commitment=commitment,
        form=form,
        dated=dated,
        plain=ButtonForm(formdata=None),
        title=localised_text(commitment.name),
        targets=commitments.list_targets(commitment),
    )
    return page, 422 if form.errors or dated.errors else 200
