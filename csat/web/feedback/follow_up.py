"""Checks after closing that no mail brings to the client: links to hand over, or questions to ask (P4)."""

from __future__ import annotations

from flask import Blueprint, render_template

from csat import clock
from csat.procedure.campaigns import proposals
from csat.procedure.feedback import follow_up
from csat.procedure.mail import outbox
from csat.web.access import me, open_to
from csat.web.formatting import zone
from csat.web.pagination import slice_of

blueprint = Blueprint("closing_checks", __name__, url_prefix="/campaigns")


@blueprint.get("/checks")
@open_to("campaigns")
def index() -> str:
    """Whom to ask whether a closed matter is settled, the longest closed first."""
    listed = slice_of(follow_up.to_hand_over(me(), clock.now(), zone()))
    return render_template(
        "feedback/follow_up.html",
        listed=listed,
        masked=proposals.masked,
        mails=outbox.of_invitations([one.invitation for one in listed.rows]),
    )
