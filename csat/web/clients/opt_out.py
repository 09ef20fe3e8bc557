"""Where a contact says that they want no surveys: on a link of its own, without signing in (P5).

GET only shows: mail servers open links. A mail program's own button posts List-Unsubscribe=One-Click.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request

from csat import clock
from csat.config import LOCALES
from csat.models.clients import Contact
from csat.procedure.clients import opt_out
from csat.procedure.core import contact_details
from csat.procedure.core.refusals import LinkUnknown
from csat.web.access import ANYONE, open_to
from csat.web.language import switch_language
from csat.web.public_pages import open_public_page

blueprint = Blueprint("opt_out", __name__)
blueprint.before_request(open_public_page)


@blueprint.get("/mail/<token>")
@open_to(ANYONE)
def show_opt_out(token: str) -> str:
    """Say how it stands, and offer the other."""
    return _render_opt_out(opt_out.get_contact_of_link(token))


@blueprint.post("/mail/<token>")
@open_to(ANYONE)
def change_opt_out(token: str) -> str:
    """Opt out, or back in."""
    verb = opt_out.opt_in_contact if request.form.get("do") == "in" else opt_out.opt_out_contact
    return _render_opt_out(verb(token, clock.now()), changed=True)


@blueprint.errorhandler(LinkUnknown)
def show_unknown_link(refusal: LinkUnknown) -> tuple[str, int]:
    """Unknown and malformed links get one page, 404."""
    return render_template("clients/opt_out_unknown.html"), 404


def _render_opt_out(contact: Contact, changed: bool = False) -> str:
    wished = request.values.get("lang", "")
    switch_language(wished if wished in LOCALES else contact.language)
    return render_template(
        "clients/opt_out.html",
        out=opt_out.is_opted_out(contact),
        changed=changed,
        address=contact_details.mask_email(contact.email),
    )
