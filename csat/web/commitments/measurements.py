"""Measurements of commitments: a department enters them with evidence, QA accepts or sends back (§9)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import FloatField, StringField, TextAreaField
from wtforms.validators import Optional

from csat import clock
from csat.figures.commitments import verdicts
from csat.models.commitments import Commitment, Measurement, Period
from csat.procedure.commitments import commitments, measurements, missed
from csat.procedure.commitments.measurements import Figure
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotYours
from csat.web.access import me, open_to
from csat.web.commitments.commitments import asked_quarter, page_of
from csat.web.formatting import today, zone
from csat.web.forms import PlainForm, StaffForm, at_most, needed
from csat.web.people.attachments import files_field, take_with_files, takes_files

blueprint = Blueprint("measurements", __name__, url_prefix="/commitments")


class MeasureForm(StaffForm):
    """A value, or a part and the base it is a share of; the page shows what the commitment asks for."""

    value = FloatField(_l("What was reached"), [Optional()])
    numerator = FloatField(_l("Number of these"), [Optional()])
    numerator_name = StringField(_l("What is counted"), [at_most(200)])
    base = FloatField(_l("Out of how many"), [Optional()])
    base_name = StringField(_l("What it is set against"), [at_most(200)])
    words = TextAreaField(_l("How it was measured"), [*needed(), at_most(2000)], render_kw={"rows": 4})
    files = files_field(_l("Evidence"))


class SendBackForm(StaffForm):
    why = TextAreaField(_l("What is missing or wrong"), [*needed(), at_most(1000)], render_kw={"rows": 2})


@blueprint.route("/<code>/measure", methods=["GET", "POST"])
@open_to("commitments.measure")
@takes_files
def measure(code: str) -> Any:
    """Enter what the own department measured for a quarter that is over."""
    commitment, quarter, form = commitments.commitment_at(code), _quarter(), MeasureForm()
    if not measurements.can_enter(me(), commitment, today()):
        raise NotYours
    if form.validate_on_submit():
        done = take_with_files(form, lambda kept: _enter(commitment, quarter, form, kept))
        if done:
            flash(gettext("Entered. Quality control accepts it, or sends it back with what is missing."))
            return redirect(url_for("commitments.show", code=code, quarter=quarter))
    page = _form_page(commitment, quarter, form)
    return (page, 422) if form.errors else page


def _quarter() -> Quarter:
    """The quarter in the address, or the one that is over last."""
    quarter = asked_quarter()
    return quarter if quarter.end(zone()) <= clock.now() else Quarter.of(clock.now(), zone()).plus(-1)


def _enter(commitment: Commitment, quarter: Quarter, form: MeasureForm, kept: Any) -> Measurement:
    figure = Figure(
        value=form.value.data,
        numerator=form.numerator.data,
        base=form.base.data,
        numerator_name=form.numerator_name.data or "",
        base_name=form.base_name.data or "",
    )
    words = form.words.data or ""
    return measurements.enter(commitment, quarter, figure, words, me(), clock.now(), zone(), kept)


def _form_page(commitment: Commitment, quarter: Quarter, form: MeasureForm) -> str:
    begins = Quarter(quarter.year, 1) if commitment.period == Period.YEAR_TO_DATE else quarter
    return render_template(
        "commitments/measure.html",
        commitment=commitment,
        quarter=quarter,
        form=form,
        counted=commitment.code in measurements.COUNTED,
        target=commitments.Targets().of_quarter(commitment.code, quarter),
        begins=begins.start(zone()),
        ends=commitments.last_day(quarter),
        before=measurements.entered(commitment, quarter),
    )


# --- quality control ---------------------------------------------------------------------------------


@blueprint.post("/measurements/<int:key>/accept")
@open_to("commitments.edit")
def accept(key: int) -> Any:
    """Accept a measurement; what it says of the quarter is put down at once."""
    found, form = measurements.measurement_at(key), PlainForm()
    if form.validate_on_submit() and form.take(measurements.accept, found, me(), clock.now()):
        judge_again(Quarter.from_int(found.quarter))
        flash(gettext("Accepted: the figure counts from now on."))
        return redirect(_back(found))
    return page_of(found.commitment, form=form), 422


@blueprint.post("/measurements/<int:key>/send-back")
@open_to("commitments.edit")
def send_back(key: int) -> Any:
    """Send a measurement back with what is missing."""
    found, form = measurements.measurement_at(key), SendBackForm()
    why = form.why.data or ""
    if form.validate_on_submit() and form.take(measurements.send_back, found, why, me(), clock.now()):
        flash(gettext("Sent back. The department enters it anew."))
        return redirect(_back(found))
    return page_of(found.commitment, sent_back=(found.id, form)), 422


def judge_again(quarter: Quarter) -> None:
    """Put down what a quarter missed, of those that are over."""
    if quarter.end(zone()) <= clock.now():
        now = clock.now()
        missed.notice_all(quarter, verdicts(quarter, now, zone()), now)


def _back(found: Measurement) -> str:
    quarter = Quarter.from_int(found.quarter)
    return url_for("commitments.show", code=found.commitment.code, quarter=quarter)
