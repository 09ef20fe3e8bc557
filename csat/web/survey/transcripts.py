"""Taking down what a campaign's contact says, in an interview or on the telephone (P5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from csat import clock
from csat.models.asking import AttemptOutcome, Channel, Invitation
from csat.models.clients import Contact
from csat.procedure.campaigns import invitations, proposals
from csat.procedure.campaigns.invitation_states import attempts_of
from csat.procedure.clients import contacts
from csat.procedure.survey import transcripts
from csat.terms import get_term
from csat.web.access import current_person, open_to
from csat.web.campaigns.phone_attempts import CALL_OUTCOMES, build_call_form, build_scripts
from csat.web.formatting import operator_zone
from csat.web.forms import to_local_instant

blueprint = Blueprint("transcripts", __name__, url_prefix="/campaigns")


@blueprint.route("/invitations/<int:key>/record", methods=["GET", "POST"])
@open_to("campaigns")
def record_answers(key: int) -> ResponseReturnValue:
    """The questions of a campaign for one contact, with what to say; on the telephone with the number."""
    (invitation, contact), channel = (
        transcripts.invitation_to_record_for(current_person(), key, operator_zone(), clock.now()),
        _requested_channel(),
    )
    if request.method == "GET":
        transcripts.refuse_recording(invitation, clock.now())
    form = build_call_form(invitation.campaign.version, contact)
    if request.method == "POST" and _submit_record(form, invitation, channel):
        flash(_describe_outcome(form, contact))
        return redirect(url_for("campaigns.show_campaign", key=invitation.campaign_id))
    return _render_record(invitation, contact, channel, form), 422 if form.errors else 200


def _requested_channel() -> Channel:
    """How the contact is talked to, as the address says."""
    return Channel.TELEPHONE if request.args.get("how") == Channel.TELEPHONE else Channel.INTERVIEW


def _submit_record(form: Any, invitation: Invitation, channel: Channel) -> bool:
    if form.outcome is not None:
        return form.notes_are_sound() and bool(form.take(_record_attempt, invitation, form))
    return form.validate() and bool(form.take(_save_answers, invitation, channel, form))


def _record_attempt(invitation: Invitation, form: Any) -> None:
    again_at = to_local_instant(form.again_at.data, operator_zone())
    invitations.record_attempt(
        invitation, form.outcome, current_person(), clock.now(), again_at, form.note.data or ""
    )


def _save_answers(invitation: Invitation, channel: Channel, form: Any) -> None:
    facts = (current_person(), clock.now(), form.name.data, form.reach.data or "")
    transcripts.record_transcript(invitation, form.answers.data, channel, *facts)


def _describe_outcome(form: Any, contact: Contact) -> str:
    if form.outcome is not None:
        return f"{contact.name}: {gettext(get_term(form.outcome))}"
    return gettext("The answers of %(name)s are recorded. QA verifies them.", name=contact.name)


def _render_record(invitation: Invitation, contact: Contact, channel: Channel, form: Any) -> str:
    on_the_telephone = channel == Channel.TELEPHONE
    return render_template(
        "survey/record.html",
        invitation=invitation,
        campaign=invitation.campaign,
        channel=channel,
        channels=transcripts.TRANSCRIPT_CHANNELS,
        form=form,
        scripts=build_scripts(contact, None, invitation.campaign.version),
        outcomes=CALL_OUTCOMES if on_the_telephone else (AttemptOutcome.REFUSED,),
        attempts=attempts_of([invitation])[invitation.id],
        masked=proposals.mask_contact(contact),
        reach=contacts.unmask_contact(contact, current_person(), clock.now())
        if on_the_telephone
        else ("", ""),
    )
