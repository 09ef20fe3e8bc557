"""Mail on the pages."""

from __future__ import annotations

from flask import Blueprint

from csat.web.access import open_to

room = Blueprint("mail", __name__, url_prefix="/campaigns")


@room.get("/mail")
@open_to("campaigns")
def outbox() -> str:
    """Mails that need somebody."""
    return ""


@room.get("/mail-wording")
@open_to("mail.wording")
def wordings() -> str:
    """The words of the mails."""
    return ""
