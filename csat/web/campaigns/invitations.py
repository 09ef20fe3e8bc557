"""Whom to ask: choosing contacts, the consequences said before; and what is done with one invitation (P3)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from csat import clock
from csat.models.asking import Campaign, Invitation, InvitationState, Occasion
from csat.models.clients import Contact
from csat.procedure.campaigns import campaigns, invitations, proposals
from csat.procedure.campaigns.invitation_states import attempts_of, shown_state
from csat.procedure.campaigns.proposals import ClientProposal
from csat.procedure.clients import clients
from csat.web.access import current_person, open_to
from csat.web.campaigns.survey_links import own_invitation, render_new_link
from csat.web.choices import visible_clients
from csat.web.errors import describe_refusal
from csat.web.formatting import local_today, operator_zone
from csat.web.forms import ButtonForm, submit
from csat.web.params import ticked_keys

blueprint = Blueprint("invitations", __name__, url_prefix="/campaigns")


def proposed_contacts() -> list[ClientProposal]:
    """The quarterly proposal: a manager's own clients, everybody's for desk and QA (P3)."""
    sees_all = visible_clients() is None
    return proposals.list_proposals(None if sees_all else current_person(), operator_zone(), clock.now())


@blueprint.route("/<int:key>/invite", methods=["GET", "POST"])
@open_to("campaigns")
def invite_contacts(key: int) -> str | Response:
    """Choose contacts, see what it means, invite them."""
    campaign, form = campaigns.campaign_for(current_person(), key), ButtonForm()
    words = request.values.get("q", "").strip()
    proposed, invited = _find_candidates(campaign, words), _invited_contacts(campaign)
    chosen = _ticked_contacts()
    if form.validate_on_submit():
        if chosen and request.form.get("do") == "invite":  # any other button only shows what it would mean
            return _invite_ticked(campaign, chosen)
        if not chosen:
            form.form_errors.append(gettext("Please tick at least one contact."))
    elif campaign.occasion == Occasion.QUARTERLY:
        before = {row.contact_id for row in campaign.invitations}  # who was withdrawn is chosen by hand only
        chosen = [contact for one in proposed for contact in one.marked if contact.id not in before]
    return render_template(
        "campaigns/invite.html",
        campaign=campaign,
        form=form,
        proposed=proposed,
        invited=invited,
        ticked={contact.id for contact in chosen},
        consequences=proposals.preview_consequences(campaign, chosen),
        words=words,
        masked=proposals.mask_contact,
        quarterly=campaign.occasion == Occasion.QUARTERLY,
        mendable={client.id for client in clients.clients_of(current_person(), local_today())},
    )


def _find_candidates(campaign: Campaign, words: str) -> list[ClientProposal]:
    if campaign.occasion == Occasion.QUARTERLY:
        return proposed_contacts()
    return proposals.build_proposals(proposals.search_clients(words, visible_clients()), local_today())


def _invited_contacts(campaign: Campaign) -> set[int]:
    """The contacts who have an invitation that was not withdrawn."""
    rows = list(campaign.invitations)
    attempts = attempts_of(rows)
    asked = [row for row in rows if shown_state(row, attempts[row.id]) != InvitationState.VOID]
    return {row.contact_id for row in asked if row.contact_id is not None}


def _ticked_contacts() -> list[Contact]:
    keys = ticked_keys("contact")
    return proposals.get_contacts_to_ask(current_person(), keys, operator_zone(), clock.now()) if keys else []


def _invite_ticked(campaign: Campaign, chosen: list[Contact]) -> Response:
    made, refused = invitations.invite_contacts(campaign, chosen, current_person(), clock.now(), operator_zone())
    flash(ngettext("%(num)s contact is invited.", "%(num)s contacts are invited.", len(made)))
    for contact, refusal in refused:
        flash(f"{contact.name}{gettext(': ')}{describe_refusal(refusal)}", "bad")
    return redirect(url_for("campaigns.show_campaign", key=campaign.id))


@blueprint.post("/invitations/<int:key>/link")
@open_to("campaigns")
def create_link(key: int) -> str:
    """Make a link and show it, this once."""
    invitation = own_invitation(key)
    back = url_for("campaigns.show_campaign", key=invitation.campaign_id)
    return render_new_link(invitation, done=url_for(".mark_handed_over", key=key), back=back)


@blueprint.post("/invitations/<int:key>/handed-over")
@open_to("campaigns")
def mark_handed_over(key: int) -> Response:
    """The link is with the contact."""
    invitation = own_invitation(key)
    invitations.mark_handed_over(invitation, current_person(), clock.now())
    flash(gettext("The link for %(name)s is marked as handed over.", name=_contact_name(invitation)))
    return redirect(url_for("campaigns.show_campaign", key=invitation.campaign_id))


@blueprint.route("/invitations/<int:key>/withdraw", methods=["GET", "POST"])
@open_to("campaigns")
def withdraw_invitation(key: int) -> ResponseReturnValue:
    """Withdraw an invitation, asking first."""
    invitation, form = own_invitation(key), ButtonForm()
    done = submit(
        form,
        lambda: invitations.withdraw_invitation(invitation, current_person(), clock.now()),
        said=gettext("The invitation of %(name)s is withdrawn.", name=_contact_name(invitation)),
        to=url_for("campaigns.show_campaign", key=invitation.campaign_id),
    )
    return done or render_template("campaigns/withdraw.html", form=form, invitation=invitation)


def _contact_name(invitation: Invitation) -> str:
    return invitation.contact.name if invitation.contact else gettext("a contact")
