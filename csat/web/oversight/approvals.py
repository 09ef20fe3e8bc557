"""What waits for one's word as the second person: powerful roles, their links, addresses, second factors (D4)."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from csat import clock
from csat.procedure.oversight import requests
from csat.procedure.people import accounts, permissions
from csat.web.access import asks_proof, current_person, open_to
from csat.web.app import current_config
from csat.web.forms import ButtonForm, press_button

blueprint = Blueprint("approvals", __name__, url_prefix="/admin/approvals")


@blueprint.get("/")
@open_to("accounts.second")
def list_requests() -> str:
    """What waits, with what one must know to decide; and what was given without a second person."""
    waiting = requests.list_decidable(current_person(), clock.now())
    return render_template(
        "oversight/approvals.html",
        waiting=waiting,
        known={one.id: accounts.find_account(one.person) for one in waiting},
        held={one.id: sorted(permissions.roles_of(one.person)) for one in waiting},
        alone=requests.list_grants_without_second(),
        plain=ButtonForm(formdata=None),
    )


@blueprint.post("/<int:key>")
@open_to("accounts.second")
@asks_proof
def decide_request(key: int) -> Response:
    """Accept, which does it at once, or refuse."""
    return press_decision(key, url_for(".list_requests"))


def press_decision(key: int, to: str) -> Response:
    """Do what the pressed button means: any other than 'accept' refuses."""
    by, now = current_person(), clock.now()
    if request.form.get("do") == "accept":
        return press_button(requests.accept_request, key, by, now, current_config().mails, to=to)
    return press_button(requests.refuse_request, key, by, now, to=to)
