"""The improvement group's room: what waits for confirmation, and its word (P10)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext

from csat import clock
from csat.procedure.feedback import access, board, confirmation, follow_up
from csat.web.access import current_person, open_to
from csat.web.feedback.board import build_due_lookup
from csat.web.feedback.forms import ConfirmForm, ReturnForm
from csat.web.feedback.workflow import submit_step
from csat.web.formatting import local_today, operator_zone
from csat.web.pagination import paginate

blueprint = Blueprint("confirmation", __name__, url_prefix="/improvement")


@blueprint.get("/")
@open_to("feedback.confirm")
def list_unconfirmed() -> str:
    """What was reported as done or explained, what is due first first."""
    return render_template(
        "feedback/unconfirmed.html",
        listed=paginate(board.join_names(confirmation.select_to_confirm())),
        dues=build_due_lookup(),
    )


@blueprint.get("/confirmed")
@open_to("feedback.confirm")
def list_confirmed() -> str:
    """What was confirmed, the latest first, and whether it held: what came again, what the client says."""
    only = request.args.get("only", "")
    only = only if only in confirmation.OUTCOMES else ""
    listed = paginate(confirmation.select_confirmed(only))
    checks = follow_up.find_follow_ups(listed.rows)
    return render_template(
        "feedback/confirmed.html",
        listed=listed,
        only=only,
        checks=checks,
        said=follow_up.find_answers(list(checks.values())),
        numbers=confirmation.count_by_outcome(),
    )


@blueprint.post("/<int:key>/confirm")
@open_to("feedback.confirm")
def confirm_feedback(key: int) -> Any:
    found, form = access.feedback_for(current_person(), key, local_today()), ConfirmForm()

    def verb() -> None:
        return confirmation.confirm_feedback(
            found, form.words.data or "", current_person(), clock.now(), operator_zone()
        )

    return submit_step(found, form, verb, gettext("Confirmed: the feedback is closed."))


@blueprint.post("/<int:key>/return")
@open_to("feedback.confirm")
def return_feedback(key: int) -> Any:
    found, form = access.feedback_for(current_person(), key, local_today()), ReturnForm()

    def verb() -> None:
        return confirmation.return_feedback(found, form.words.data or "", current_person(), clock.now())

    return submit_step(found, form, verb, gettext("Returned to the department."))
