"""A wrong refusal put right after the minutes to take it back: its recorder or QA proposes, a second person decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from csat import clock
from csat.models.asking import Attempt
from csat.models.corrections import CorrectionState, RefusalCorrection
from csat.models.people import Person
from csat.procedure.survey import refusal_corrections
from csat.web.access import current_person, open_to
from csat.web.formatting import format_time_left
from csat.web.forms import StaffForm, limit_length, press_button, render_form, submit
from csat.web.review.corrections import DecisionForm

blueprint = Blueprint("refusal_corrections", __name__)

DECISIONS: dict[str, Callable[[RefusalCorrection, Person, datetime, str], None]] = {
    "confirm": refusal_corrections.confirm_correction,
    "disagree": refusal_corrections.reject_correction,
    "withdraw": refusal_corrections.withdraw_correction,
}


class ProposalForm(StaffForm):
    reason = TextAreaField(_l("Reason and evidence"), [limit_length(2000)], render_kw={"rows": 3})


@blueprint.route("/desk/refusals/<int:key>/correct", methods=["GET", "POST"])
@open_to("campaigns")
def propose_correction(key: int) -> ResponseReturnValue:
    """Say why a refusal was none; or see the proposal that waits, and what was decided before."""
    attempt, form = refusal_corrections.refusal_for(current_person(), key), ProposalForm()
    done = submit(
        form,
        lambda: refusal_corrections.propose_correction(attempt, form.reason.data or "", current_person(), clock.now()),
        said=gettext("Proposed. A person of QA, or the director, decides."),
        to=url_for(".propose_correction", key=key),
    )
    return done or _render_proposal(attempt, form)


@blueprint.post("/desk/refusals/<int:key>/correct/withdraw")
@open_to("campaigns")
def withdraw_correction(key: int) -> ResponseReturnValue:
    """Take one's own proposal back: the refusal stays."""
    attempt, to = refusal_corrections.refusal_for(current_person(), key), url_for(".propose_correction", key=key)
    return press_button(refusal_corrections.withdraw_waiting, attempt, current_person(), clock.now(), to=to)


@blueprint.route("/qa/corrections/refusals/<int:key>", methods=["GET", "POST"])
@open_to("refusals.second")
def show_correction(key: int) -> ResponseReturnValue:
    """What is proposed and why; confirm, disagree, or take one's own proposal back."""
    person, form = current_person(), DecisionForm()
    found, note = refusal_corrections.correction_for(person, key), form.note.data or ""
    verb, done = DECISIONS.get(request.form.get("do", "")), None
    if verb is not None:
        decide = partial(verb, found, person, clock.now(), note)
        done = submit(form, decide, lambda _: _say_decided(key), url_for(".show_correction", key=key))
    found = refusal_corrections.correction_for(person, key)  # again: a colleague may have decided meanwhile
    waits, mine = found.state == CorrectionState.PROPOSED, found.proposed_by_id == person.id
    return done or render_form("review/refusal_correction.html", form, correction=found, waits=waits, mine=mine)


def _render_proposal(attempt: Attempt, form: ProposalForm) -> ResponseReturnValue:
    return render_form(
        "survey/correct_refusal.html",
        form,
        attempt=attempt,
        waiting=refusal_corrections.find_open_correction(attempt),
        decided=refusal_corrections.list_decided(attempt),
        over=attempt.invitation.campaign.is_over(clock.now()),
    )


def _say_decided(key: int) -> str:
    found = refusal_corrections.correction_for(current_person(), key)
    if found.state == CorrectionState.WITHDRAWN:
        return gettext("The correction is withdrawn.")
    if found.state == CorrectionState.REJECTED:
        return gettext("The refusal stays.")
    incident = found.attempt.invitation.incident
    if incident is None or incident.survey_due_at is None or incident.surveyed_at is not None:
        return gettext("Corrected: the refusal counts nowhere any more.")
    left = format_time_left(incident.survey_due_at)
    return gettext("Corrected. Incident %(number)s is to be surveyed: %(left)s.", number=incident.number, left=left)
