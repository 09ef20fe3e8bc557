"""Taking down what a campaign's contact says, in an interview or on the telephone (P5)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from csat import clock
from csat.models.asking import AttemptOutcome, Channel, Invitation
from csat.models.clients import Contact
from csat.procedure.campaigns import invitations, proposals
from csat.procedure.campaigns.invitation_states import list_attempts
from csat.procedure.clients import contacts
from csat.procedure.questionnaires.answers import Answers
from csat.procedure.survey import transcripts
from csat.web.access import current_person, open_to
from csat.web.campaigns.call_forms import CALL_OUTCOMES, CallForm, build_call_form, build_scripts, submit_call
from csat.web.formatting import operator_zone, translate_term

blueprint = Blueprint("transcripts", __name__, url_prefix="/campaigns")


@blueprint.route("/invitations/<int:key>/record", methods=["GET", "POST"])
@open_to("campaigns")
def record_answers(key: int) -> ResponseReturnValue:
    """The questions of a campaign for one contact, with what to say; on the telephone with the number."""
    person, now = current_person(), clock.now()
    invitation, contact = transcripts.invitation_to_record_for(person, key, operator_zone(), now)
    channel = Channel.TELEPHONE if request.args.get("how") == Channel.TELEPHONE else Channel.INTERVIEW
    if request.method == "GET":
        transcripts.refuse_recording(invitation, now)  # before anybody talks; what was sent is refused with its words
        transcripts.refuse_calling(contact)
    form = build_call_form(invitation.campaign.version, contact)
    verbs = (partial(_record_attempt, invitation, contact), partial(_save_answers, invitation, contact, channel))
    if request.method == "POST" and submit_call(form, *verbs):
        return redirect(url_for("campaigns.show_campaign", key=invitation.campaign_id))
    return _render_record(invitation, contact, channel, form), 422 if form.errors else 200


def _record_attempt(
    invitation: Invitation, contact: Contact, outcome: AttemptOutcome, again_at: datetime | None, note: str
) -> None:
    invitations.record_attempt(invitation, outcome, current_person(), clock.now(), again_at, note)
    flash(f"{contact.name}{gettext(': ')}{translate_term(outcome)}")


def _save_answers(
    invitation: Invitation, contact: Contact, channel: Channel, answers: Answers, name: str, reach: str
) -> None:
    transcripts.record_transcript(invitation, answers, channel, current_person(), clock.now(), name, reach)
    flash(gettext("The answers of %(name)s are recorded. QA verifies them.", name=contact.name))


def _render_record(invitation: Invitation, contact: Contact, channel: Channel, form: CallForm) -> str:
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
        attempts=list_attempts(invitation),
        masked=proposals.mask_contact(contact),
        reach=contacts.unmask_contact(contact, current_person(), clock.now()) if on_the_telephone else ("", ""),
    )
