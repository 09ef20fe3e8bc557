"""One feedback with its whole history, and a view for each step of its way (I1)."""

from __future__ import annotations

from collections.abc import Callable

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from csat import clock
from csat.models.feedback import Feedback
from csat.procedure.feedback import access, actions, callbacks
from csat.procedure.feedback.view import FeedbackView
from csat.procedure.feedback.workflow import DEPARTMENT
from csat.procedure.people.attachments import FileToAttach
from csat.web.access import current_person, open_to, takes_files
from csat.web.feedback.board import blueprint
from csat.web.feedback.confirmation import blueprint as confirmation_blueprint
from csat.web.feedback.page import render_feedback
from csat.web.feedback.plan_forms import ActionDoneForm, PlanForm
from csat.web.feedback.steps import STEP_OFFERS, StepOffer
from csat.web.formatting import local_today, operator_zone
from csat.web.forms import StaffForm, submit
from csat.web.people.attachments import take_files


@blueprint.get("/<int:key>")
@open_to("feedback.see")
def show_feedback(key: int) -> str:
    """Where a feedback stands, what was done, and who acts next."""
    return render_feedback(_visible_feedback(key))


@blueprint.post("/<int:key>/actions/<int:action>")
@open_to("feedback.work")
@takes_files
def finish_action(key: int, action: int) -> ResponseReturnValue:
    """Report one action as done."""
    found, form = _own_feedback(key), ActionDoneForm().named_after(action)
    one = actions.get_action(found, action)

    def verb(kept: list[FileToAttach]) -> None:
        words, by, now = form.evidence.data or "", current_person(), clock.now()
        return actions.finish_action(one, words, by, now, operator_zone(), kept)

    return _submit_step(found, form, verb, gettext("The action is done."), action)


@blueprint.post("/<int:key>/reach/<reach>")
@open_to("feedback.work")
def unmask_contact(key: int, reach: str) -> str:
    """Show one person's telephone and e-mail for the call-back at hand."""
    found = _own_feedback(key)
    return render_feedback(found, reach=callbacks.unmask_contact(found, reach, current_person(), clock.now()))


def _register_step(offer: StepOffer) -> None:
    def take_step(key: int) -> ResponseReturnValue:
        found = _own_feedback(key) if offer.who == DEPARTMENT else _visible_feedback(key)
        form = offer.form().offer(FeedbackView(found))
        if isinstance(form, PlanForm) and request.form.get("do") == "more":
            return render_feedback(found, form.add_line())

        def verb(kept: list[FileToAttach]) -> None:
            form.act(found, current_person(), clock.now(), kept)

        return _submit_step(found, form, verb, gettext(offer.said))

    view = open_to(offer.right)(takes_files(take_step) if offer.takes_files else take_step)
    owner, _, name = offer.endpoint.partition(".")
    page = {one.name: one for one in (blueprint, confirmation_blueprint)}[owner]
    page.add_url_rule(offer.path, name, view, methods=["POST"])


for one in STEP_OFFERS:
    _register_step(one)


def _submit_step(
    found: Feedback, form: StaffForm, verb: Callable[[list[FileToAttach]], object], said: str, action: int | None = None
) -> ResponseReturnValue:
    """Take a step from its form, with its files if it has a field for them; what is wrong is said there."""
    taken = submit(
        form, lambda: take_files(form, verb) if "files" in form else verb([]), said, lambda _: _url_after_step(found)
    )
    # The feedback is read anew: a refusal may have come from what a colleague did meanwhile.
    return taken or (render_feedback(_visible_feedback(found.id), form, action=action), 422)


def _url_after_step(found: Feedback) -> str:
    """The feedback's page, or the board when it went to somebody else."""
    still = access.select_visible(current_person(), local_today()).where(Feedback.id == found.id).exists()
    return url_for("feedback.show_feedback", key=found.id) if still else url_for("feedback.show_board")


def _visible_feedback(key: int) -> Feedback:
    return access.feedback_for(current_person(), key, local_today())


def _own_feedback(key: int) -> Feedback:
    return access.department_feedback_for(current_person(), key, local_today())
