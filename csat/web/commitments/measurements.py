"""Measurements of commitments: a department enters them with evidence, QA accepts or sends back (§9)."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import FloatField, StringField, TextAreaField
from wtforms.validators import Optional

from csat import clock
from csat.figures.commitments import list_commitment_verdicts
from csat.models.commitments import Commitment, Measurement, Period
from csat.procedure.commitments import commitments, measurements, missed
from csat.procedure.commitments.measurements import EnteredFigure
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.people.attachments import FileToAttach
from csat.web.access import current_person, open_to, takes_files
from csat.web.commitments.commitments import render_commitment
from csat.web.formatting import local_today, operator_zone
from csat.web.forms import ButtonForm, StaffForm, limit_length, render_form, require_input, submit
from csat.web.params import current_quarter, requested_quarter
from csat.web.people.attachments import build_files_field, take_files

blueprint = Blueprint("measurements", __name__, url_prefix="/commitments")


class MeasurementForm(StaffForm):
    # A value, or a part and its base: the page shows what the commitment asks for, the procedure wants it.
    value = FloatField(_l("What was reached"), [Optional()])
    numerator = FloatField(_l("Number of these"), [Optional()])
    numerator_name = StringField(_l("What is counted"), [limit_length(200)])
    base = FloatField(_l("Out of how many"), [Optional()])
    base_name = StringField(_l("What it is set against"), [limit_length(200)])
    words = TextAreaField(_l("How it was measured"), [*require_input(), limit_length(2000)], render_kw={"rows": 4})
    files = build_files_field(_l("Evidence"))


class SendBackForm(StaffForm):
    why = TextAreaField(_l("What is missing or wrong"), [*require_input(), limit_length(1000)], render_kw={"rows": 2})


@blueprint.route("/<code>/measure", methods=["GET", "POST"])
@open_to("commitments.measure")
@takes_files
def enter_measurement(code: str) -> ResponseReturnValue:
    """Enter what the own department measured for a quarter that is over."""
    commitment, quarter, form = commitments.get_commitment(code), _quarter_to_measure(), MeasurementForm()
    if not measurements.may_enter_measurements(current_person(), commitment, local_today()):
        raise NotPermitted
    done = submit(
        form,
        lambda: take_files(form, lambda kept: _save_measurement(commitment, quarter, form, kept)),
        said=gettext("Entered. Quality control accepts it, or sends it back with what is missing."),
        to=url_for("commitments.show_commitment", code=code, quarter=quarter),
    )
    return done or _render_form(commitment, quarter, form)


def _quarter_to_measure() -> Quarter:
    """The quarter in the address, or the one that is over last."""
    quarter = requested_quarter()
    return quarter if quarter.end(operator_zone()) <= clock.now() else current_quarter().plus(-1)


def _save_measurement(
    commitment: Commitment, quarter: Quarter, form: MeasurementForm, kept: list[FileToAttach]
) -> Measurement:
    named = {"numerator_name": form.numerator_name.data or "", "base_name": form.base_name.data or ""}
    figure = EnteredFigure(form.value.data, form.numerator.data, form.base.data, **named)
    by, now, words = current_person(), clock.now(), form.words.data or ""
    return measurements.enter_measurement(commitment, quarter, figure, words, by, now, operator_zone(), kept)


def _render_form(commitment: Commitment, quarter: Quarter, form: MeasurementForm) -> ResponseReturnValue:
    begins = Quarter(quarter.year, 1) if commitment.period == Period.YEAR_TO_DATE else quarter
    return render_form(
        "commitments/measure.html",
        form,
        commitment=commitment,
        quarter=quarter,
        counted=commitment.code in measurements.COUNT_CODES,
        target=commitments.TargetTable().of_quarter(commitment.code, quarter),
        begins=begins.start(operator_zone()),
        ends=quarter.last_day,
        before=measurements.list_measurements(commitment, quarter),
    )


@blueprint.post("/measurements/<int:key>/accept")
@open_to("commitments.edit")
def accept_measurement(key: int) -> ResponseReturnValue:
    """Accept a measurement; what it says of the quarter is put down at once."""
    found, form = measurements.get_measurement(key), ButtonForm()
    said = gettext("Accepted: the figure counts from now on.")
    done = submit(form, lambda: _accept_measurement(found), said, _commitment_url(found))
    return done or (render_commitment(found.commitment, form=form), 422)


def _accept_measurement(found: Measurement) -> None:
    measurements.accept_measurement(found, current_person(), clock.now(), operator_zone())
    record_verdicts(Quarter.from_int(found.quarter))


@blueprint.post("/measurements/<int:key>/send-back")
@open_to("commitments.edit")
def send_back_measurement(key: int) -> ResponseReturnValue:
    """Send a measurement back with what is missing."""
    found, form = measurements.get_measurement(key), SendBackForm()

    def send_back() -> None:
        why, by, now = form.why.data or "", current_person(), clock.now()
        measurements.return_measurement(found, why, by, now, operator_zone())

    done = submit(form, send_back, gettext("Sent back. The department enters it anew."), _commitment_url(found))
    return done or (render_commitment(found.commitment, sent_back=(found.id, form)), 422)


def record_verdicts(quarter: Quarter) -> None:
    """Put down what a quarter missed, of those that are over."""
    now = clock.now()
    if quarter.end(operator_zone()) <= now:
        missed.record_verdicts(quarter, list_commitment_verdicts(quarter, now, operator_zone()), now)


def _commitment_url(found: Measurement) -> str:
    return url_for("commitments.show_commitment", code=found.commitment.code, quarter=Quarter.from_int(found.quarter))
