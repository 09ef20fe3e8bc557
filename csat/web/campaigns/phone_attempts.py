"""A call to a client on one page: the number, what to say, the questions, and what became of it (P1, P2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import StringField

from csat import clock
from csat.config import LOCALES
from csat.documents.call_script import Script, script
from csat.models.asking import AttemptOutcome, Channel
from csat.models.clients import Contact, Incident
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.campaigns import desk, phone_attempts
from csat.procedure.campaigns.proposals import Gap
from csat.procedure.core import settings
from csat.procedure.people import separation_of_duties
from csat.procedure.survey import submission
from csat.terms import term
from csat.web.access import me, open_to
from csat.web.campaigns.desk import make_key
from csat.web.formatting import zone
from csat.web.forms import StaffForm, at_most, local_instant, moment, needed
from csat.web.questionnaires.answer_form import form_class

blueprint = Blueprint("calls", __name__, url_prefix="/desk")

OUTCOMES = (
    AttemptOutcome.NOBODY,
    AttemptOutcome.BUSY,
    AttemptOutcome.LATER,
    AttemptOutcome.WRONG_NUMBER,
    AttemptOutcome.REFUSED,
)
RECORD = "record"
NO_CALL = (Gap.NO_CLIENT, Gap.NO_CONTACT, Gap.RETIRED, Gap.OPTED_OUT)


class CallForm(StaffForm):
    """What is typed during a call: one form, so that no button of the page loses what stands beside it."""

    name = StringField(_l("Who answered"), [*needed(), at_most(120)])
    reach = StringField(_l("How to reach them about it"), [at_most(200)])
    again_at = moment(_l("Call again at"))
    note = StringField(_l("Note"), [at_most(500)])

    @property
    def outcome(self) -> AttemptOutcome | None:
        """What became of the call when nobody answered the questions; None when they were answered."""
        pressed = request.form.get("do", RECORD)
        return next((one for one in OUTCOMES if one.value == pressed), None)

    def notes_are_sound(self) -> bool:
        """Whether the fields of an attempt can be used; the questions may stay unanswered then."""
        fields = [self.note, self.again_at] if self.outcome is AttemptOutcome.LATER else [self.note]
        return all([field.validate(self) for field in fields])


def call_form(version: QuestionnaireVersion, contact: Contact | None) -> Any:
    """The form of a call: who was called, and a time in an hour for calling again."""
    soon = clock.now().astimezone(zone()) + timedelta(hours=1, minutes=4)
    in_an_hour = soon.replace(minute=soon.minute // 5 * 5, second=0, microsecond=0, tzinfo=None)
    usual = {"name": contact.name if contact else "", "again_at": in_an_hour}
    return form_class(version, CallForm)(data=usual)


def scripts(contact: Contact, incident: Incident | None, version: QuestionnaireVersion) -> list[Script]:
    """What to say, in the client's language first."""
    languages = sorted(LOCALES, key=lambda language: language != contact.language)
    facts = (me().name, settings.provider(), contact, incident, version, zone())
    return [script(language, *facts) for language in languages]


@blueprint.route("/telephone/<int:key>", methods=["GET", "POST"])
@open_to("desk")
def telephone(key: int) -> Any:
    """Call a contact about an incident: fill in the questionnaire, or put down why not; then the next one.

    The number shows in full for this step only, on record (D2). Who handled the incident is refused at once.
    """
    chosen = desk.due_incident(key)
    separation_of_duties.record_survey(me(), chosen)
    if desk.gap(chosen) in NO_CALL:
        flash(gettext("Nobody can be called about this incident yet: name who is to be asked."), "bad")
        return redirect(url_for("service_desk.incident", key=key))
    if request.method == "GET" and chosen.surveyed_at is not None:
        return redirect(url_for("service_desk.incident", key=key))
    version = desk.questions_for(chosen, clock.now(), zone())
    form = call_form(version, chosen.contact)
    if request.method == "POST" and _taken(form, chosen):
        return _next_call()
    return _page(chosen, form, version), 422 if form.errors else 200


@blueprint.get("/next-call")
@open_to("desk")
def next_call() -> Response:
    """Go to the call that comes next."""
    return _next_call()


def _taken(form: Any, chosen: Incident) -> bool:
    if form.outcome is not None:
        return form.notes_are_sound() and bool(form.take(_tried, chosen, form))
    return form.validate() and bool(form.take(_record, chosen, form))


def _tried(chosen: Incident, form: Any) -> None:
    again_at = local_instant(form.again_at.data, zone())
    facts = (make_key, me(), clock.now(), zone(), again_at, form.note.data or "")
    made = desk.attempt(chosen, form.outcome, *facts)
    flash(_said(chosen, made))


def _said(chosen: Incident, made: Any) -> str:
    outcome = gettext(term(made.outcome))
    return gettext("Incident %(number)s: %(outcome)s.", number=chosen.number, outcome=outcome)


def _record(chosen: Incident, form: Any) -> None:
    now = clock.now()
    asked = desk.ask(chosen, make_key, me(), now, zone())
    answers = form.answers.data
    submission.record(asked, answers, Channel.TELEPHONE, me(), now, form.name.data, form.reach.data)
    flash(gettext("The survey of incident %(number)s is recorded. QA verifies it.", number=chosen.number))


def _next_call() -> Response:
    now = clock.now()
    following = phone_attempts.next_call(desk.due(now), me(), now)
    if following is None:
        flash(gettext("No other call is due now."))
        return redirect(url_for("service_desk.index"))
    return redirect(url_for(".telephone", key=following.id))


def _page(chosen: Incident, form: Any, version: QuestionnaireVersion) -> str:
    """What was typed stays, even when a colleague was faster and nobody is to be called any more."""
    now, contact = clock.now(), chosen.contact
    if contact is None:  # taken away since the page was opened
        raise desk.NobodyToAsk
    over = chosen.surveyed_at is not None
    email, number = ("", "") if over else desk.reach(chosen, me(), now)
    return render_template(
        "campaigns/call.html",
        form=form,
        incident=chosen,
        row=desk.rows([chosen], now, zone())[0],
        over=over,
        colleague=phone_attempts.called_by_another(contact, now, me()),
        scripts=scripts(contact, chosen, version),
        outcomes=OUTCOMES,
        email=email,
        telephone=number,
    )
