"""A call to a client on one page: the number, what to say, the questions, and what became of it (P1, P2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import StringField

from csat import clock
from csat.config import LOCALES
from csat.documents.call_script import CallScript, write_call_script
from csat.models.asking import Attempt, AttemptOutcome, Channel
from csat.models.clients import Contact, Incident
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.campaigns import desk, incident_surveys, phone_attempts
from csat.procedure.campaigns.proposals import AskingGap
from csat.procedure.core import settings
from csat.procedure.people import separation_of_duties
from csat.procedure.survey import submission
from csat.terms import get_term
from csat.web.access import current_person, open_to
from csat.web.campaigns.desk import make_campaign_key
from csat.web.formatting import operator_zone
from csat.web.forms import StaffForm, build_datetime_field, limit_length, require_input, to_local_instant
from csat.web.questionnaires.answer_form import build_form_class

blueprint = Blueprint("calls", __name__, url_prefix="/desk")

CALL_OUTCOMES = (
    AttemptOutcome.NOBODY,
    AttemptOutcome.BUSY,
    AttemptOutcome.LATER,
    AttemptOutcome.WRONG_NUMBER,
    AttemptOutcome.REFUSED,
)
RECORD_BUTTON = "record"
GAPS_PREVENTING_CALL = (AskingGap.NO_CLIENT, AskingGap.NO_CONTACT, AskingGap.RETIRED, AskingGap.OPTED_OUT)


class CallForm(StaffForm):
    """What is typed during a call: one form, so that no button of the page loses what stands beside it."""

    name = StringField(_l("Who answered"), [*require_input(), limit_length(120)])
    reach = StringField(_l("How to reach them about it"), [limit_length(200)])
    again_at = build_datetime_field(_l("Call again at"))
    note = StringField(_l("Note"), [limit_length(500)])

    @property
    def outcome(self) -> AttemptOutcome | None:
        """What became of the call when nobody answered the questions; None when they were answered."""
        pressed = request.form.get("do", RECORD_BUTTON)
        return next((one for one in CALL_OUTCOMES if one.value == pressed), None)

    def notes_are_sound(self) -> bool:
        """Whether the fields of an attempt can be used; the questions may stay unanswered then."""
        fields = [self.note, self.again_at] if self.outcome is AttemptOutcome.LATER else [self.note]
        return all([field.validate(self) for field in fields])


def build_call_form(version: QuestionnaireVersion, contact: Contact | None) -> CallForm:
    """The form of a call: who was called, and a time in an hour for calling again."""
    soon = clock.now().astimezone(operator_zone()) + timedelta(hours=1, minutes=4)
    in_an_hour = soon.replace(minute=soon.minute // 5 * 5, second=0, microsecond=0, tzinfo=None)
    usual = {"name": contact.name if contact else "", "again_at": in_an_hour}
    return build_form_class(version, CallForm)(data=usual)


def build_scripts(
    contact: Contact, incident: Incident | None, version: QuestionnaireVersion
) -> list[CallScript]:
    """What to say, in the client's language first."""
    languages = sorted(LOCALES, key=lambda language: language != contact.language)
    facts = (
        current_person().name,
        settings.get_provider_names(),
        contact,
        incident,
        version,
        operator_zone(),
    )
    return [write_call_script(language, *facts) for language in languages]


@blueprint.route("/telephone/<int:key>", methods=["GET", "POST"])
@open_to("desk")
def call_contact(key: int) -> ResponseReturnValue:
    """Call a contact about an incident: fill in the questionnaire, or put down why not; then the next one.

    The number shows in full for this step only, on record (D2). Who handled the incident is refused at once.
    """
    chosen = desk.get_due_incident(key)
    separation_of_duties.ensure_may_record_survey(current_person(), chosen)
    if desk.find_incident_gap(chosen) in GAPS_PREVENTING_CALL:
        flash(gettext("Nobody can be called about this incident yet: name who is to be asked."), "bad")
        return redirect(url_for("desk.show_incident", key=key))
    if request.method == "GET" and chosen.surveyed_at is not None:
        return redirect(url_for("desk.show_incident", key=key))
    version = incident_surveys.get_questionnaire(chosen, clock.now(), operator_zone())
    form = build_call_form(version, chosen.contact)
    if request.method == "POST" and _submit_call(form, chosen):
        return _redirect_to_next_call()
    return _render_call(chosen, form, version), 422 if form.errors else 200


@blueprint.get("/next-call")
@open_to("desk")
def open_next_call() -> Response:
    """Go to the call that comes next."""
    return _redirect_to_next_call()


def _submit_call(form: Any, chosen: Incident) -> bool:
    if form.outcome is not None:
        return form.notes_are_sound() and bool(form.take(_record_attempt, chosen, form))
    return form.validate() and bool(form.take(_record_survey, chosen, form))


def _record_attempt(chosen: Incident, form: Any) -> None:
    again_at = to_local_instant(form.again_at.data, operator_zone())
    facts = (
        make_campaign_key,
        current_person(),
        clock.now(),
        operator_zone(),
        again_at,
        form.note.data or "",
    )
    made = incident_surveys.record_attempt(chosen, form.outcome, *facts)
    flash(_describe_attempt(chosen, made))


def _describe_attempt(chosen: Incident, made: Attempt) -> str:
    outcome = gettext(get_term(made.outcome))
    return gettext("Incident %(number)s: %(outcome)s.", number=chosen.number, outcome=outcome)


def _record_survey(chosen: Incident, form: Any) -> None:
    now = clock.now()
    asked = incident_surveys.ensure_invitation(
        chosen, make_campaign_key, current_person(), now, operator_zone()
    )
    answers = form.answers.data
    submission.record_response(
        asked, answers, Channel.TELEPHONE, current_person(), now, form.name.data, form.reach.data
    )
    flash(gettext("The survey of incident %(number)s is recorded. QA verifies it.", number=chosen.number))


def _redirect_to_next_call() -> Response:
    now = clock.now()
    following = phone_attempts.find_next_call(desk.list_due_incidents(now), current_person(), now)
    if following is None:
        flash(gettext("No other call is due now."))
        return redirect(url_for("desk.list_due_surveys"))
    return redirect(url_for(".call_contact", key=following.id))


def _render_call(chosen: Incident, form: Any, version: QuestionnaireVersion) -> str:
    """What was typed stays, even when a colleague was faster and nobody is to be called any more."""
    now, contact = clock.now(), chosen.contact
    if contact is None:  # taken away since the page was opened
        raise incident_surveys.NobodyToAsk
    over = chosen.surveyed_at is not None
    email, number = ("", "") if over else incident_surveys.unmask_contact(chosen, current_person(), now)
    return render_template(
        "campaigns/call.html",
        form=form,
        incident=chosen,
        row=desk.describe_incidents([chosen], now, operator_zone())[0],
        over=over,
        colleague=phone_attempts.find_other_caller(contact, now, current_person()),
        scripts=build_scripts(contact, chosen, version),
        outcomes=CALL_OUTCOMES,
        email=email,
        telephone=number,
    )
