"""The desk's first page: closed incidents to be surveyed; asking by link or on the telephone (P1, P2)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from peewee import ModelSelect
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField, StringField

from csat import clock
from csat.models.asking import AttemptOutcome, Invitation
from csat.models.base import expect_value
from csat.models.clients import Client, Incident
from csat.models.outbox import OutboxMessage
from csat.procedure.campaigns import desk, incident_surveys, invitations
from csat.procedure.campaigns.invitation_states import is_open
from csat.procedure.core import settings
from csat.procedure.core.guards import found_or_refuse
from csat.procedure.incidents import survey_cooldown
from csat.procedure.mail import outbox, survey_mails
from csat.procedure.survey import taking_back
from csat.web.access import current_person, open_to
from csat.web.app import current_config
from csat.web.campaigns.call_forms import CALL_OUTCOMES
from csat.web.campaigns.survey_links import make_campaign_key, render_new_link
from csat.web.choices import incident_client_choices
from csat.web.formatting import operator_zone
from csat.web.forms import (
    ButtonForm,
    StaffForm,
    build_datetime_field,
    code_choices,
    limit_length,
    parse_key,
    require_input,
    submit,
    to_local_instant,
)
from csat.web.pagination import paginate
from csat.web.params import parse_choice

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
MAX_LATER = 50


@blueprint.get("/")
@open_to("desk")
def list_due_surveys() -> str:
    """What is to be surveyed, the least time left first."""
    now = clock.now()
    words, only = request.args.get("q", "").strip(), parse_choice("only", desk.DUE_FILTERS)
    list_ = paginate(desk.list_due_incidents(now, operator_zone(), words, only))
    later = [] if only or words else list(desk.list_later_calls(now).limit(MAX_LATER))
    return render_template(
        "campaigns/due.html",
        list=list_,
        rows=desk.describe_incidents(list_.rows, now, operator_zone()),
        later=desk.describe_incidents(later, now, operator_zone()),
        many=desk.count_due_incidents(now, operator_zone()),
        mails=survey_mails.summarise_today(now, operator_zone(), current_config().mails),
        mailed=_last_mails([*list_.rows, *later]),
        to_come=_find_to_come(list_.rows),
        reasons=survey_cooldown.SKIP_REASONS,
        words=words,
        only=only,
        recent=taking_back.list_recent_records(current_person(), now),
        undo_minutes=settings.get_whole_number("undo_minutes"),
    )


def _last_mails(rows: list[Incident]) -> dict[int, OutboxMessage]:
    """The last mail about each of these incidents, by the incident's key."""
    asked = {one.id: expect_value(one.incident_id) for one in Invitation.select().where(Invitation.incident.in_(rows))}
    invitations_ = Invitation.select().where(Invitation.id.in_(list(asked)))
    return {asked[key]: mail for key, mail in outbox.find_last_mails(invitations_).items()}


def _find_to_come(rows: list[Incident]) -> set[int]:
    """Those of these incidents about which a mail goes by itself: nobody need call yet."""
    return {one.id for one in select_to_be_mailed().where(Incident.id.in_(rows))}


def select_to_be_mailed() -> ModelSelect[Incident]:
    """A query of the incidents about which a mail goes by itself; of none while no mail server is set up."""
    to_come = survey_mails.select_to_come(clock.now(), operator_zone())
    return to_come if current_config().mails else to_come.where(Incident.id.is_null())


# --- one incident ------------------------------------------------------------------------------------


class AttemptForm(StaffForm):
    outcome = RadioField(_l("What happened"), require_input(), choices=lambda: code_choices(*CALL_OUTCOMES))
    again_at = build_datetime_field(_l("Call again at"))
    note = StringField(_l("Note"), [limit_length(500)])


class NameContactForm(StaffForm):
    client = SelectField(_l("Client"), choices=lambda: incident_client_choices(gettext("Please choose")))
    name = StringField(_l("Contact"), [*require_input(), limit_length(120)])
    telephone = StringField(_l("Telephone"), [limit_length(40)])
    email = StringField(_l("E-mail"), [limit_length(200)])


class CorrectNumberForm(StaffForm):
    telephone = StringField(_l("The right number"), [limit_length(40)], id="right-number")


@blueprint.get("/<int:key>")
@open_to("desk")
def show_incident(key: int) -> str:
    """One incident to be surveyed: what is missing, what was tried, and what can be done."""
    return _render_incident(desk.get_due_incident(key))


@blueprint.post("/<int:key>/link")
@open_to("desk")
def create_link(key: int) -> str:
    """Make a link and show it, this once; loading the page again makes another one."""
    chosen, by = desk.get_due_incident(key), current_person()
    asked = incident_surveys.ensure_invitation(chosen, make_campaign_key, by, clock.now(), operator_zone())
    return render_new_link(asked, done=url_for(".mark_handed_over", key=key), back=url_for(".show_incident", key=key))


@blueprint.post("/<int:key>/handed-over")
@open_to("desk")
def mark_handed_over(key: int) -> Response:
    """The link is with the client: the incident counts as surveyed."""
    invitations.mark_handed_over(_find_invitation(key), current_person(), clock.now())
    flash(gettext("The link is marked as handed over. The incident counts as surveyed."))
    return redirect(url_for(".list_due_surveys"))


@blueprint.post("/<int:key>/attempt")
@open_to("desk")
def record_attempt(key: int) -> ResponseReturnValue:
    """Put down what became of an attempt."""
    chosen, form = desk.get_due_incident(key), AttemptForm()
    by, now, zone = current_person(), clock.now(), operator_zone()
    again_at = to_local_instant(form.again_at.data, zone)
    done = submit(
        form,
        lambda: incident_surveys.record_attempt(
            chosen, AttemptOutcome(form.outcome.data), make_campaign_key, by, now, zone, again_at, form.note.data
        ),
        said=gettext("The attempt on incident %(number)s is recorded.", number=chosen.number),
        to=url_for(".list_due_surveys"),
    )
    return done or _render_incident(chosen, attempt_form=form)


@blueprint.post("/<int:key>/opted-out")
@open_to("desk")
def close_as_refused(key: int) -> Response:
    """Close the survey of a contact who opted out."""
    chosen, by = desk.get_due_incident(key), current_person()
    note = gettext("Opted out of surveys; not asked.")
    incident_surveys.close_as_refused(chosen, make_campaign_key, by, clock.now(), operator_zone(), note)
    flash(gettext("Incident %(number)s is closed as refused: its contact opted out.", number=chosen.number))
    return redirect(url_for(".list_due_surveys"))


@blueprint.post("/<int:key>/contact")
@open_to("desk")
def name_contact(key: int) -> ResponseReturnValue:
    """Say who is to be asked, and how to reach them."""
    chosen, form = desk.get_due_incident(key), NameContactForm()
    typed = (form.name.data, form.email.data, form.telephone.data)
    done = submit(
        form,
        lambda: incident_surveys.name_contact(
            chosen, Client.get_or_none(id=parse_key(form.client.data)), *typed, current_person(), clock.now()
        ),
        said=gettext("The contact of incident %(number)s is named.", number=chosen.number),
        to=url_for(".show_incident", key=key),
    )
    return done or _render_incident(chosen, contact_form=form)


@blueprint.post("/<int:key>/number")
@open_to("desk")
def correct_number(key: int) -> ResponseReturnValue:
    """Put down the right number after a call to a wrong one."""
    chosen, form = desk.get_due_incident(key), CorrectNumberForm()
    done = submit(
        form,
        lambda: incident_surveys.correct_telephone(chosen, form.telephone.data or "", current_person(), clock.now()),
        said=gettext("The number is corrected. Incident %(number)s can be called now.", number=chosen.number),
        to=url_for(".show_incident", key=key),
    )
    return done or _render_incident(chosen, number_form=form)


@blueprint.post("/<int:key>/withdraw")
@open_to("desk")
def withdraw_invitation(key: int) -> Response:
    """Withdraw the invitation: its links die, another contact can be asked."""
    invitations.withdraw_invitation(_find_invitation(key), current_person(), clock.now())
    flash(gettext("The invitation is withdrawn. Its links no longer work."))
    return redirect(url_for(".show_incident", key=key))


def _find_invitation(key: int) -> Invitation:
    return found_or_refuse(incident_surveys.find_invitation(desk.get_due_incident(key), clock.now()))


def _render_incident(chosen: Incident, **sent: StaffForm) -> str:
    """An incident with the form that was sent, and the others as they begin."""
    now = clock.now()
    asked = incident_surveys.find_invitation(chosen, now)
    filled = {"client": str(chosen.client_id or ""), "name": chosen.contact.name if chosen.contact else ""}
    fresh = {
        "attempt_form": AttemptForm(formdata=None),
        "contact_form": NameContactForm(formdata=None, data=filled),
        "number_form": CorrectNumberForm(formdata=None),
    }
    return render_template(
        "campaigns/incident.html",
        incident=chosen,
        row=desk.describe_incidents([chosen], now, operator_zone())[0],
        invitation=asked,
        attempts=desk.list_attempts(chosen),
        in_hand=asked is not None and asked.id in invitations.find_links_in_hand([asked], current_person()),
        recent=taking_back.list_records_of(chosen, current_person(), now),
        undo_minutes=settings.get_whole_number("undo_minutes"),
        withdrawable=asked is not None and is_open(asked),
        handler=current_person().id in (chosen.assigned_to_id, chosen.resolved_by_id),
        mail=outbox.find_last_mails([asked]).get(asked.id) if asked else None,
        plain=ButtonForm(formdata=None),
        **(fresh | sent),
    )
