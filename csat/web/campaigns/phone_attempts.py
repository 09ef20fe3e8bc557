"""A call to a client on one page: the number, what to say, the questions, and what became of it (P1, P2)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.wrappers import Response

from csat import clock
from csat.models.asking import AttemptOutcome, Channel
from csat.models.clients import Incident
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.campaigns import desk, incident_surveys, phone_attempts
from csat.procedure.campaigns.invitations import ContactOptedOut
from csat.procedure.campaigns.proposals import GAPS_PREVENTING_SURVEY, AskingGap
from csat.procedure.people import separation_of_duties
from csat.procedure.questionnaires.answers import Answers
from csat.procedure.survey import submission
from csat.web.access import current_person, open_to
from csat.web.campaigns.call_forms import CALL_OUTCOMES, CallForm, build_call_form, build_scripts, submit_call
from csat.web.campaigns.desk import select_to_be_mailed
from csat.web.campaigns.survey_links import make_campaign_key
from csat.web.formatting import operator_zone, translate_term

blueprint = Blueprint("calls", __name__, url_prefix="/desk")


@blueprint.route("/telephone/<int:key>", methods=["GET", "POST"])
@open_to("desk")
def call_contact(key: int) -> ResponseReturnValue:
    """Call a contact about an incident: the questionnaire, or why not; then the next call. Refuses its handler."""
    chosen = desk.get_due_incident(key)
    separation_of_duties.ensure_may_record_survey(current_person(), chosen)  # at once, not after ten minutes' talk
    if (gap := desk.find_incident_gap(chosen)) in GAPS_PREVENTING_SURVEY:
        unnamed = gettext("Nobody can be called about this incident yet: name who is to be asked.")
        flash(gettext(ContactOptedOut.sentence) if gap == AskingGap.OPTED_OUT else unnamed, "bad")
        return redirect(url_for("desk.show_incident", key=key))
    if request.method == "GET" and chosen.surveyed_at is not None:
        return redirect(url_for("desk.show_incident", key=key))
    version = incident_surveys.get_questionnaire(chosen, clock.now(), operator_zone())
    form = build_call_form(version, chosen.contact)
    verbs = partial(_record_attempt, chosen), partial(_record_survey, chosen)
    if request.method == "POST" and submit_call(form, *verbs):
        return open_next_call()
    return _render_call(chosen, form, version), 422 if form.errors else 200


@blueprint.get("/next-call")
@open_to("desk")
def open_next_call() -> Response:
    """Go to the call that comes next."""
    now = clock.now()
    due = desk.list_due_incidents(now, operator_zone())
    due = due.where(Incident.id.not_in(select_to_be_mailed().select(Incident.id)))
    following = phone_attempts.find_next_call(due, current_person(), now)
    if following is None:
        flash(gettext("No other call is due now."))
        return redirect(url_for("desk.list_due_surveys"))
    return redirect(url_for(".call_contact", key=following.id))


def _record_attempt(chosen: Incident, outcome: AttemptOutcome, again_at: datetime | None, note: str) -> None:
    incident_surveys.record_attempt(
        chosen, outcome, make_campaign_key, current_person(), clock.now(), operator_zone(), again_at, note
    )
    flash(gettext("Incident %(number)s: %(outcome)s.", number=chosen.number, outcome=translate_term(outcome)))


def _record_survey(chosen: Incident, answers: Answers, name: str, reach: str) -> None:
    now = clock.now()
    asked = incident_surveys.ensure_invitation(chosen, make_campaign_key, current_person(), now, operator_zone())
    submission.record_response(asked, answers, Channel.TELEPHONE, current_person(), now, name, reach)
    flash(gettext("The survey of incident %(number)s is recorded. QA verifies it.", number=chosen.number))


def _render_call(chosen: Incident, form: CallForm, version: QuestionnaireVersion) -> str:
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
