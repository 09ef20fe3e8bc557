"""The improvement group's room: what waits for confirmation, and its word (P10)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext

from csat import clock
from csat.procedure.feedback import board, confirmation, follow_up
from csat.procedure.feedback import callbacks as steps
from csat.web.access import me, open_to
from csat.web.feedback.board import dues
from csat.web.feedback.forms import ConfirmForm, ReturnForm
from csat.web.feedback.workflow import step_taken
from csat.web.formatting import today, zone
from csat.web.pagination import slice_of

blueprint = Blueprint("improvement", __name__, url_prefix="/improvement")


@blueprint.get("/")
@open_to("feedback.confirm")
def queue() -> str:
    """What was reported as done or explained, what is due first first."""
    return render_template(
        "feedback/unconfirmed.html",
        listed=slice_of(board.with_names(confirmation.queue())),
        dues=dues(),
    )


@blueprint.get("/confirmed")
@open_to("feedback.confirm")
def confirmed() -> str:
    """What was confirmed, the latest first, and whether it held: what came again, what the client says."""
    only = request.args.get("only", "")
    only = only if only in confirmation.ENDS else ""
    listed = slice_of(confirmation.confirmed(only))
    checks = follow_up.of_all(listed.rows)
    return render_template(
        "feedback/confirmed.html",
        listed=listed,
        only=only,
        checks=checks,
        said=follow_up.answered_all(list(checks.values())),
        numbers=confirmation.how_many_confirmed(),
    )


@blueprint.post("/<int:key>/confirm")
@open_to("feedback.confirm")
def confirm(key: int) -> Any:
    found, form = steps.feedback_for(me(), key, today()), ConfirmForm()

    def verb() -> Any:
        return confirmation.confirm(found, form.words.data or "", me(), clock.now(), zone())

    return step_taken(found, form, verb, gettext("Confirmed: the feedback is closed."))


@blueprint.post("/<int:key>/return")
@open_to("feedback.confirm")
def return_(key: int) -> Any:
    found, form = steps.feedback_for(me(), key, today()), ReturnForm()

    def verb() -> Any:
        return confirmation.return_(found, form.words.data or "", me(), clock.now())

    return step_taken(found, form, verb, gettext("Returned to the department."))
