"""What pages that ask share: a link as it is shown, an invitation by its key, the key of a new campaign."""

from __future__ import annotations

from flask import render_template

from csat import clock
from csat.adapters import sealing
from csat.models.asking import Invitation
from csat.procedure.campaigns import campaigns, invitations
from csat.web.access import current_person
from csat.web.app import current_config
from csat.web.formatting import operator_zone


def survey_link_url(token: str) -> str:
    """The whole address of a survey link, never taken from the request (contract)."""
    return f"{current_config().base_url}/s/{token}"


def render_new_link(invitation: Invitation, done: str, back: str) -> str:
    """Make a link and show it, this once; loading the page again makes another one."""
    token = invitations.make_link(invitation, current_person(), clock.now())
    address = survey_link_url(token)
    return render_template("campaigns/link.html", address=address, invitation=invitation, done=done, back=back)


def own_invitation(key: int) -> Invitation:
    """An invitation that this person may see; raise NotFound."""
    return campaigns.invitation_for(current_person(), key, operator_zone(), clock.now())


def make_campaign_key() -> bytes:
    """The public key of a new campaign; the private half is filed among the keys."""
    return sealing.create_key(current_config().keys)
