"""What one recorded oneself: taken back at once, or later put right by a correction that QA decides (P2, P11)."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from csat import clock
from csat.models.answers import Response
from csat.models.asking import Attempt
from csat.models.people import Person
from csat.procedure.review import corrections, verdicts
from csat.procedure.survey import taking_back
from csat.web.access import current_person, open_to
from csat.web.formatting import format_time_left
from csat.web.forms import ButtonForm, StaffForm, limit_length, render_form, submit
from csat.web.questionnaires.answer_form import SpokenAnswersField, build_form_class
from csat.web.review.corrections import CorrectionForm

blueprint = Blueprint("own_records", __name__, url_prefix="/desk/records")


class TakeBackForm(StaffForm):
    why = StringField(_l("Reason (optional)"), [limit_length(500)])


@blueprint.route("/<int:key>/take-back", methods=["GET", "POST"])
@open_to("campaigns")
def take_back(key: int) -> ResponseReturnValue:
    """Take back what one has just recorded; of answers it is said first that they go."""
    attempt, form = taking_back.own_attempt_for(current_person(), key), TakeBackForm()
    done = submit(
        form,
        lambda: taking_back.take_back(attempt, current_person(), clock.now(), form.why.data or ""),
        said=lambda _: _say_taken_back(attempt),
        to=_place_of(attempt),
    )
    recent = taking_back.describe_record(attempt)
    return done or render_form("survey/take_back.html", form, recent=recent, back=_place_of(attempt))


@blueprint.route("/<int:key>/correct", methods=["GET", "POST"])
@open_to("campaigns")
def propose_correction(key: int) -> ResponseReturnValue:
    """One's own record as it stands, to be changed where it is wrong; or the proposal that waits."""
    person = current_person()
    response = corrections.own_record_for(person, key)
    waiting = corrections.find_open_correction(response)
    if request.method == "GET":
        verdicts.record_opening(response, person, clock.now())
    if waiting is not None and request.method == "GET":
        mine = waiting.proposed_by_id == person.id
        return render_form("survey/own_correction.html", ButtonForm(formdata=None), response=response, mine=mine)
    form_class = build_form_class(response.version, CorrectionForm, SpokenAnswersField)
    form = form_class(data={"answers": corrections.answers_by_code(response)})
    done = submit(
        form,
        lambda: _propose(response, form, person, clock.now()),
        said=gettext("Proposed. A person of QA, or the director, decides."),
        to=url_for(".propose_correction", key=key),
    )
    address = url_for(".propose_correction", key=key)
    return done or render_form("review/correct.html", form, response=response, call=None, address=address, own=True)


@blueprint.post("/<int:key>/correct/withdraw")
@open_to("campaigns")
def withdraw_correction(key: int) -> ResponseReturnValue:
    """Take one's own proposal back: the record stays as it is."""
    response, form = corrections.own_record_for(current_person(), key), ButtonForm()
    done = submit(
        form,
        lambda: corrections.withdraw_waiting(response, current_person(), clock.now()),
        said=gettext("The correction is withdrawn."),
        to=_desk_or_campaign(response.incident_id, response.campaign_id),
    )
    return done or render_form("survey/own_correction.html", form, response=response, mine=True)


def _propose(response: Response, form: CorrectionForm, by: Person, now: datetime) -> object:
    return corrections.propose_correction(response, form.answers.data, form.reason.data or "", by, now)


def _place_of(attempt: Attempt) -> str:
    """The page of what an attempt was about."""
    return _desk_or_campaign(attempt.invitation.incident_id, attempt.invitation.campaign_id)


def _desk_or_campaign(incident: int | None, campaign: int | None) -> str:
    if incident is not None:
        return url_for("desk.show_incident", key=incident)
    return url_for("campaigns.show_campaign", key=campaign)


def _say_taken_back(attempt: Attempt) -> str:
    incident = attempt.invitation.incident
    if incident is None or incident.survey_due_at is None:
        return gettext("Taken back. It stays in the history and counts nowhere.")
    left = format_time_left(incident.survey_due_at)
    return gettext(
        "Taken back. Incident %(number)s is to be surveyed again: %(left)s.", number=incident.number, left=left
    )
