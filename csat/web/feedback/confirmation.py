"""The improvement group's lists: what waits for confirmation, and what was confirmed (P10)."""

from __future__ import annotations

from flask import Blueprint, render_template

from csat.procedure.feedback import board, confirmation, follow_up
from csat.web.access import open_to
from csat.web.feedback.board import build_due_lookup, remember_list
from csat.web.pagination import paginate
from csat.web.params import parse_choice

blueprint = Blueprint("confirmation", __name__, url_prefix="/improvement")


@blueprint.get("/")
@open_to("feedback.confirm")
def list_unconfirmed() -> str:
    """What was reported as done or explained, what is due first first."""
    remember_list()
    return render_template(
        "feedback/unconfirmed.html",
        listed=paginate(board.join_names(confirmation.select_to_confirm())),
        dues=build_due_lookup(),
    )


@blueprint.get("/confirmed")
@open_to("feedback.confirm")
def list_confirmed() -> str:
    """What was confirmed, the latest first, and whether it held: what came again, what the client says."""
    remember_list()
    only = parse_choice("only", confirmation.OUTCOMES)
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
