"""Commitments: how far each is kept, what stands behind it, and QA's names and targets (C1, C2)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, DateField, FloatField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from csat import clock
from csat.figures.commitments import CommitmentFigure, commitments_of
from csat.models.commitments import Commitment, Origin
from csat.models.feedback import ActionFeedback, Feedback
from csat.models.people import Department
from csat.procedure.commitments import commitments, counts, measurements, missed
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, NotYours
from csat.procedure.feedback import board
from csat.procedure.people import attachments
from csat.web.access import me, open_to
from csat.web.commitments import formatting as say
from csat.web.feedback.forms import departments, key
from csat.web.formatting import text, today, zone
from csat.web.forms import PlainForm, StaffForm, at_most, needed
from csat.web.pagination import slice_of

blueprint = Blueprint("commitments", __name__, url_prefix="/commitments")

BACK = 12  # quarters that can be chosen


@blueprint.app_template_filter("amount")
def amount(value: float | None, one: CommitmentFigure | Commitment, plain: bool = False) -> str:
    """A value in its unit; rounded so that it does not seem to be on the other side of its target."""
    if plain and value is not None:
        value = round(value, 1)
    target = None if plain or isinstance(one, Commitment) else one.target
    return say.amount(value, one.unit, target, one.direction)


@blueprint.app_template_filter("goal")
def goal(target: float, one: CommitmentFigure | Commitment) -> str:
    """A target with its sign and unit."""
    return say.goal(target, one.unit, one.direction)


@blueprint.app_template_filter("as_quarter")
def as_quarter(number: int) -> Quarter:
    """20263 as addresses have it: 2026Q3."""
    return Quarter.from_int(number)


# --- seeing ------------------------------------------------------------------------------------------


@blueprint.get("/")
@open_to("commitments.see")
def index() -> str:
    """All commitments in a quarter (the running one, or the one in the address), and what waits."""
    quarter = asked_quarter()
    figures = commitments_of(quarter, clock.now(), zone())
    return render_template(
        "commitments/index.html",
        quarter=quarter,
        quarters=_quarters(),
        last=running().plus(-1),
        figures=figures,
        drawn={one.code: say.drawn(one, 128, 30) for one in figures},
        say=say,
        retired=commitments.listed(retired=True) if current_user.may("commitments.edit") else [],
        **_waiting(),
    )


def _waiting() -> dict[str, Any]:
    """What waits for whom is looking."""
    edits, measures = (current_user.may(f"commitments.{one}") for one in ("edit", "measure"))
    return {
        "to_enter": measurements.to_enter(me(), clock.now(), zone()) if measures else [],
        "to_accept": measurements.to_accept() if edits else [],
        "unanswered": missed.unanswered() if edits else [],
        "nobodys": _without_department() if edits else [],
    }


def _without_department() -> list[Commitment]:
    """What is to be entered, and by nobody."""
    listed = commitments.listed()
    return [one for one in listed if one.source == Origin.ENTERED and one.department is None]


@blueprint.get("/<code>")
@open_to("commitments.see")
def show(code: str) -> str:
    """One commitment: what it came to, its trend, targets and measurements."""
    return page_of(commitments.commitment_at(code))


def page_of(commitment: Commitment, **more: Any) -> str:
    """The page of a commitment; `more` are the forms of a step that was refused."""
    quarter = asked_quarter()
    figure = _figure(commitment, quarter)
    entered = measurements.entered(commitment)
    return render_template(
        "commitments/show.html",
        commitment=commitment,
        figure=figure,
        quarter=quarter,
        quarters=_quarters(),
        drawn=None if figure is None else say.drawn(figure, 380, 110),
        say=say,
        how=say.HOW.get(commitment.code, say.ENTERED),
        targets=commitments.targets_of(commitment),
        entered=entered,
        evidence=attachments.of_all(entered),
        reads_files=measurements.reads_all(me()) or measurements.may_enter(me(), commitment, today()),
        answers=missed.answers(int(one) for one in quarter.back(8)),
        may_enter=measurements.can_enter(me(), commitment, today()),
        may_judge=current_user.may("commitments.edit"),
        countable=_lists(commitment),
        last=running().plus(-1),
        **{"sent_back": None, "form": PlainForm(), **more},
    )


def _figure(commitment: Commitment, quarter: Quarter) -> CommitmentFigure | None:
    found = commitments_of(quarter, clock.now(), zone())
    return next((one for one in found if one.code == commitment.code), None)


def running() -> Quarter:
    """The quarter it is."""
    return Quarter.of(clock.now(), zone())


def asked_quarter() -> Quarter:
    """The quarter in the address, or the one it is; raise NotFound for anything else."""
    wanted = request.args.get("quarter")
    if not wanted:
        return running()
    try:
        return Quarter.parse(wanted)
    except ValueError as wrong:
        raise NotFound from wrong


def _quarters() -> list[Quarter]:
    return sorted({*running().back(BACK), asked_quarter()}, reverse=True)


# --- what a figure counts ----------------------------------------------------------------------------


def _lists(commitment: Commitment) -> tuple[str, ...]:
    """The lists behind a figure that whoever is looking may open."""
    if commitment.source == Origin.INCIDENTS:
        return (counts.MET, counts.MISSED, counts.MISSING) if current_user.may("incidents.see") else ()
    if commitment.source in (Origin.FEEDBACK, Origin.ACTIONS):
        return (counts.MET, counts.MISSED, counts.OPEN) if current_user.may("feedback.see") else ()
    return ()


@blueprint.get("/<code>/counted")
@open_to("commitments.see")
def counted(code: str) -> str:
    """The incidents, feedback or actions that a figure counts."""
    commitment, quarter, which = (
        commitments.commitment_at(code),
        asked_quarter(),
        request.args.get("which", counts.MISSED),
    )
    if not _lists(commitment):
        raise NotYours
    if which not in _lists(commitment):
        raise NotFound
    target = commitments.Targets().of_quarter(code, quarter)
    return render_template(
        "commitments/counted.html",
        commitment=commitment,
        quarter=quarter,
        which=which,
        lists=[(one, say.COUNTED[one]) for one in _lists(commitment)],
        target=target,
        **_rows(commitment, quarter, which, target),
    )


def _rows(commitment: Commitment, quarter: Quarter, which: str, target: float) -> dict[str, Any]:
    if commitment.source == Origin.INCIDENTS:
        query = counts.incidents(commitment.code, int(quarter), which, target, commitment.unit)
        return {"list": slice_of(query), "ends": counts.ENDS.get(commitment.code)}
    seen = board.visible(me(), today())
    if commitment.source == Origin.FEEDBACK:
        due = counts.feedback_due(quarter, quarter, zone())
        return {"list": slice_of(seen.where(due, counts.feedback_that(which, clock.now())))}
    links = ActionFeedback.select().where(ActionFeedback.feedback.in_(seen.select(Feedback.id)))
    found = counts.actions_seen(quarter, which, today(), links)
    return {"list": slice_of(found), "feedback_of": {link.action_id: link.feedback for link in links}}


# --- QA's editing ------------------------------------------------------------------------------------


class EditForm(StaffForm):
    name_zh = StringField(_l("Name in Chinese"), [*needed(), at_most(60)])
    name_en = StringField(_l("Name in English"), [*needed(), at_most(60)])
    description_zh = TextAreaField(_l("Description in Chinese"), [*needed(), at_most(600)])
    description_en = TextAreaField(_l("Description in English"), [*needed(), at_most(600)])
    department = SelectField(_l("Responsible department"), coerce=key, choices=departments)


class TargetForm(StaffForm):
    target = FloatField(_l("Target"), [InputRequired(_l("Please enter a number."))])
    since = DateField(_l("From this day on"), [InputRequired(_l("Please fill this in."))])
    aware = BooleanField(_l("Yes, quarters that are over are to be judged anew"))


@blueprint.route("/<code>/edit", methods=["GET", "POST"])
@open_to("commitments.edit")
def edit(code: str) -> Any:
    """Names, description and responsible department."""
    commitment = commitments.commitment_at(code)
    form = EditForm(data=_texts(commitment))
    if form.validate_on_submit() and form.take(_edit, commitment, form):
        flash(gettext("Saved."))
        return redirect(url_for(".show", code=code))
    page = _editing(commitment, form, TargetForm(formdata=None, since=today()))
    return (page, 422) if form.errors else page


@blueprint.post("/<code>/target")
@open_to("commitments.edit")
def target(code: str) -> Any:
    """A target from a day on; a quarter that is over wants a tick."""
    commitment, form = commitments.commitment_at(code), TargetForm()
    if form.validate_on_submit() and form.take(_set_target, commitment, form):
        flash(gettext("Saved. Issued reports keep the target that they were issued with."))
        return redirect(url_for(".show", code=code))
    return _editing(commitment, EditForm(formdata=None, data=_texts(commitment)), form), 422


@blueprint.post("/<code>/retire")
@open_to("commitments.edit")
def retire(code: str) -> Any:
    """Take a commitment out of use, or bring it back."""
    commitment = commitments.commitment_at(code)
    if commitment.retired_at is None:
        commitments.retire(commitment, me(), clock.now())
        flash(gettext("The commitment is out of use. What was measured stays."))
    else:
        commitments.restore(commitment, me(), clock.now())
        flash(gettext("The commitment is in use again."))
    return redirect(url_for(".index"))


def _texts(commitment: Commitment) -> dict[str, Any]:
    texts = {
        f"{field}_{locale}": getattr(commitment, field).get(locale, "")
        for field in ("name", "description")
        for locale in commitments.LOCALES
    }
    return {**texts, "department": commitment.department_id}


def _edit(commitment: Commitment, form: EditForm) -> None:
    name, description = (
        {locale: form[f"{field}_{locale}"].data or "" for locale in commitments.LOCALES}
        for field in ("name", "description")
    )
    department = Department.get_or_none(Department.id == form.department.data)
    commitments.edit(commitment, name, description, department, me(), clock.now())


def _set_target(commitment: Commitment, form: TargetForm) -> Any:
    since: date = form.since.data or today()
    given, aware = form.target.data or 0.0, form.aware.data
    return commitments.set_target(commitment, since, given, me(), clock.now(), today(), aware=aware)


def _editing(commitment: Commitment, form: EditForm, dated: TargetForm) -> str:
    return render_template(
        "commitments/edit.html",
        commitment=commitment,
        form=form,
        dated=dated,
        plain=PlainForm(formdata=None),
        title=text(commitment.name),
        targets=commitments.targets_of(commitment),
    )
