"""Taking down what a campaign's contact says, in an interview or on the telephone (P5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from csat import clock
from csat.models.asking import AttemptOutcome, Channel, Invitation
from csat.models.clients import Contact
from csat.procedure.campaigns import campaigns, proposals
from csat.procedure.campaigns.invitations import attempts_of
from csat.procedure.clients import clients
from csat.procedure.survey import transcripts
from csat.terms import term
from csat.web.access import me, open_to
from csat.web.campaigns.phone_attempts import OUTCOMES, call_form, scripts
from csat.web.formatting import zone
from csat.web.forms import local_instant

blueprint = Blueprint("records", __name__, url_prefix="/campaigns")


@blueprint.route("/invitations/<int:key>/record", methods=["GET", "POST"])
@open_to("campaigns")
def take_down(key: int) -> Any:
    """The questions of a campaign for one contact, with what to say; on the telephone with the number."""
    (invitation, contact), channel = transcripts.to_record(me(), key, zone(), clock.now()), _channel()
    if request.method == "GET":
        transcripts.refuse_record(invitation, clock.now())
    form = call_form(invitation.campaign.version, contact)
    if request.method == "POST" and _taken(form, invitation, channel):
        flash(_said(form, contact))
        return redirect(url_for("campaigns.show", key=invitation.campaign_id))
    return _page(invitation, contact, channel, form), 422 if form.errors else 200


def _channel() -> Channel:
    """How the contact is talked to, as the address says."""
    return Channel.TELEPHONE if request.args.get("how") == Channel.TELEPHONE else Channel.INTERVIEW


def _taken(form: Any, invitation: Invitation, channel: Channel) -> bool:
    if form.outcome is not None:
        return form.notes_are_sound() and bool(form.take(_tried, invitation, form))
    return form.validate() and bool(form.take(_record, invitation, channel, form))


def _tried(invitation: Invitation, form: Any) -> None:
    again_at = local_instant(form.again_at.data, zone())
    campaigns.attempt(invitation, form.outcome, me(), clock.now(), again_at, form.note.data or "")


def _record(invitation: Invitation, channel: Channel, form: Any) -> None:
    facts = (me(), clock.now(), form.name.data, form.reach.data or "")
    transcripts.take_down(invitation, form.answers.data, channel, *facts)


def _said(form: Any, contact: Contact) -> str:
    if form.outcome is not None:
        return f"{contact.name}: {gettext(term(form.outcome))}"
    return gettext("The answers of %(name)s are recorded. QA verifies them.", name=contact.name)


def _page(invitation: Invitation, contact: Contact, channel: Channel, form: Any) -> str:
    on_the_telephone = channel == Channel.TELEPHONE
    return render_template(
        "survey/record.html",
        invitation=invitation,
        campaign=invitation.campaign,
        channel=channel,
        channels=transcripts.HOW,
        form=form,
        scripts=scripts(contact, None, invitation.campaign.version),
        outcomes=OUTCOMES if on_the_telephone else (AttemptOutcome.REFUSED,),
        attempts=attempts_of([invitation])[invitation.id],
        masked=proposals.masked(contact),
        reach=clients.unmask(contact, me(), clock.now()) if on_the_telephone else ("", ""),
    )
