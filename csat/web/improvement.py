"""The improvement group's room: what waits for confirmation, and its word (P10)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext

from csat import clock
from csat.procedure import feedback as steps
from csat.procedure import feedback_board, improvement
from csat.web.access import me, open_to
from csat.web.feedback import step_taken
from csat.web.feedback_forms import ConfirmForm, ReturnForm
from csat.web.filters import today
from csat.web.paging import slice_of

room = Blueprint("improvement", __name__, url_prefix="/improvement")


@room.get("/")
@open_to("feedback.confirm")
def queue() -> str:
    """What was reported as done or explained, what is due first first."""
    now = clock.now()
    return render_template(
        "improvement/queue.html",
        listed=slice_of(feedback_board.with_names(improvement.queue())),
        is_overdue=lambda one: feedback_board.is_overdue(one, now),
    )


@room.post("/<int:key>/confirm")
@open_to("feedback.confirm")
def confirm(key: int) -> Any:
    found, form = steps.feedback_for(me(), key, today()), ConfirmForm()

    def verb() -> Any:
        return improvement.confirm(found, form.words.data or "", me(), clock.now())

    return step_taken(found, form, verb, gettext("Confirmed: the feedback is closed."))


@room.post("/<int:key>/return")
@open_to("feedback.confirm")
def return_(key: int) -> Any:
    found, form = steps.feedback_for(me(), key, today()), ReturnForm()

    def verb() -> Any:
        return improvement.return_(found, form.words.data or "", me(), clock.now())

    return step_taken(found, form, verb, gettext("Returned to the department."))
