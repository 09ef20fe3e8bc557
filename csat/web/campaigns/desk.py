"""The desk's first page: closed incidents to be surveyed; asking by link or on the telephone (P1, P2)."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectField, StringField

from csat import clock
from csat.adapters import sealing
from csat.models.asking import AttemptOutcome, Invitation
from csat.models.clients import Client, Incident
from csat.procedure.campaigns import campaigns, desk
from csat.procedure.campaigns.invitations import is_open
from csat.procedure.core.refusals import NotFound
from csat.procedure.incidents import survey_cooldown
from csat.procedure.mail import outbox
from csat.terms import term
from csat.web.access import me, open_to
from csat.web.formatting import named, zone
from csat.web.forms import PlainForm, StaffForm, at_most, choose, local_instant, moment, needed
from csat.web.pagination import slice_of

blueprint = Blueprint("service_desk", __name__, url_prefix="/desk")
MOST_LATER = 50
ATTEMPTS = (
    AttemptOutcome.NOBODY,
    AttemptOutcome.BUSY,
    AttemptOutcome.LATER,
    AttemptOutcome.REFUSED,
    AttemptOutcome.WRONG_NUMBER,
)


def make_key() -> bytes:
    """The public key of a new campaign; the private half is filed among the keys."""
    return sealing.make_key(current_app.config["CSAT"].keys)


@blueprint.get("/")
@open_to("desk")
def index() -> str:
    """What is to be surveyed, the least time left first."""
    now = clock.now()
    words, wanted = request.args.get("q", "").strip(), request.args.get("only", "")
    only = wanted if wanted in desk.ONLY else ""
    list_ = slice_of(desk.due(now, words, only, zone()))
    later = [] if only or words else list(desk.later(now).limit(MOST_LATER))
    return render_template(
        "campaigns/due.html",
        list=list_,
        rows=desk.rows(list_.rows, now, zone()),
        later=desk.rows(later, now, zone()),
        many=desk.how_many(now, zone()),
        reasons=survey_cooldown.REASONS,
        words=words,
        only=only,
    )


# --- one incident ------------------------------------------------------------------------------------


class AttemptForm(StaffForm):
    outcome = RadioField(_l("What happened"), needed(), choices=lambda: _outcomes())
    again_at = moment(_l("Call again at"))
    note = StringField(_l("Note"), [at_most(500)])


class ContactForm(StaffForm):
    client = SelectField(_l("Client"))
    name = StringField(_l("Contact"), [*needed(), at_most(120)])
    telephone = StringField(_l("Telephone"), [at_most(40)])
    email = StringField(_l("E-mail"), [at_most(200)])

    def offer(self) -> ContactForm:
        """Give the select its choices."""
        clients = Client.select().where(Client.retired_at.is_null()).order_by(Client.name)
        choose(self.client, [(str(row.id), named(row)) for row in clients], blank=gettext("Please choose"))
        return self


class NumberForm(StaffForm):
    telephone = StringField(_l("The right number"), [at_most(40)], id="right-number")


def _outcomes() -> list[tuple[str, str]]:
    return [(outcome.value, gettext(term(outcome))) for outcome in ATTEMPTS]


@blueprint.get("/<int:key>")
@open_to("desk")
def incident(key: int) -> str:
    """One incident to be surveyed: what is missing, what was tried, and what can be done."""
    return _page(desk.due_incident(key))


@blueprint.post("/<int:key>/link")
@open_to("desk")
def link(key: int) -> str:
    """Make a link and show it, this once; loading the page again makes another one."""
    now = clock.now()
    asked = desk.ask(desk.due_incident(key), make_key, me(), now, zone())
    token = campaigns.new_link(asked, me(), now)
    return render_template(
        "campaigns/link.html",
        address=address_of(token),
        invitation=asked,
        done=url_for(".handed_over", key=key),
        back=url_for(".incident", key=key),
    )


def address_of(token: str) -> str:
    """The whole address of a survey link, never taken from the request (contract)."""
    return f"{current_app.config['CSAT'].base_url}/s/{token}"


@blueprint.post("/<int:key>/handed-over")
@open_to("desk")
def handed_over(key: int) -> Response:
    """The link is with the client: the incident counts as surveyed."""
    campaigns.hand_over(_invitation(key), me(), clock.now())
    flash(gettext("The link is marked as handed over. The incident counts as surveyed."))
    return redirect(url_for(".index"))


@blueprint.post("/<int:key>/attempt")
@open_to("desk")
def attempt(key: int) -> str | Response:
    """Put down what became of an attempt."""
    chosen, form = desk.due_incident(key), AttemptForm()
    if form.validate_on_submit() and form.take(
        desk.attempt,
        chosen,
        AttemptOutcome(form.outcome.data),
        make_key,
        me(),
        clock.now(),
        zone(),
        local_instant(form.again_at.data, zone()),
        form.note.data,
    ):
        flash(gettext("The attempt on incident %(number)s is recorded.", number=chosen.number))
        return redirect(url_for(".index"))
    return _page(chosen, attempt_form=form)


@blueprint.post("/<int:key>/contact")
@open_to("desk")
def contact(key: int) -> str | Response:
    """Say who is to be asked, and how to reach them."""
    chosen, form = desk.due_incident(key), ContactForm().offer()
    if form.validate_on_submit():
        client = Client.get_or_none(Client.id == int(form.client.data)) if form.client.data else None
        reach = (form.email.data, form.telephone.data)
        if form.take(desk.name_contact, chosen, client, form.name.data, *reach, me(), clock.now()):
            flash(gettext("The contact of incident %(number)s is named.", number=chosen.number))
            return redirect(url_for(".incident", key=key))
    return _page(chosen, contact_form=form)


@blueprint.post("/<int:key>/number")
@open_to("desk")
def number(key: int) -> str | Response:
    """Put down the right number after a call to a wrong one."""
    chosen, form = desk.due_incident(key), NumberForm()
    if form.validate_on_submit() and form.take(
        desk.correct_number, chosen, form.telephone.data or "", me(), clock.now()
    ):
        flash(
            gettext("The number is corrected. Incident %(number)s can be called now.", number=chosen.number)
        )
        return redirect(url_for(".incident", key=key))
    return _page(chosen, number_form=form)


@blueprint.post("/<int:key>/withdraw")
@open_to("desk")
def withdraw(key: int) -> Response:
    """Withdraw the invitation: its links die, another contact can be asked."""
    campaigns.withdraw(_invitation(key), me(), clock.now())
    flash(gettext("The invitation is withdrawn. Its links no longer work."))
    return redirect(url_for(".incident", key=key))


def _invitation(key: int) -> Invitation:
    found = desk.invitation_of(desk.due_incident(key), clock.now())
    if found is None:
        raise NotFound
    return found


def _page(
    chosen: Incident,
    attempt_form: AttemptForm | None = None,
    contact_form: ContactForm | None = None,
    number_form: NumberForm | None = None,
) -> str:
    now = clock.now()
    asked = desk.invitation_of(chosen, now)
    filled = {"client": str(chosen.client_id or ""), "name": chosen.contact.name if chosen.contact else ""}
    return render_template(
        "campaigns/incident.html",
        incident=chosen,
        row=desk.rows([chosen], now, zone())[0],
        invitation=asked,
        attempts=desk.attempts_on(chosen),
        withdrawable=asked is not None and is_open(asked),
        handler=me().id in (chosen.assigned_to_id, chosen.resolved_by_id),
        mail=outbox.of_invitations([asked]).get(asked.id) if asked else None,
        attempt_form=attempt_form or AttemptForm(formdata=None),
        contact_form=contact_form or ContactForm(formdata=None, data=filled).offer(),
        number_form=number_form or NumberForm(formdata=None),
        plain=PlainForm(formdata=None),
    )
