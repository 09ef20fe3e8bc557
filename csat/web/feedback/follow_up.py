"""Checks after closing that no mail brings to the client: links to hand over, or questions to ask (P4)."""

from __future__ import annotations

from flask import Blueprint, render_template

from csat import clock
from csat.procedure.campaigns import proposals
from csat.procedure.feedback import follow_up
from csat.procedure.mail import outbox
from csat.web.access import current_person, open_to
from csat.web.formatting import operator_zone
from csat.web.pagination import paginate

blueprint = Blueprint("follow_up", __name__, url_prefix="/campaigns")


@blueprint.get("/checks")
@open_to("campaigns")
def list_follow_ups() -> str:
    """Whom to ask whether a closed matter is settled, the longest closed first."""
    listed = paginate(follow_up.select_to_hand_over(current_person(), clock.now(), operator_zone()))
    return render_template(
        "feedback/follow_up.html",
        listed=listed,
        masked=proposals.mask_contact,
        mails=outbox.find_last_mails([one.invitation for one in listed.rows]),
    )
