"""Giving several new feedbacks to a department at once: what is refused is named, the others go through."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext, ngettext

from csat import clock
from csat.models.feedback import Feedback, FeedbackState
from csat.models.people import Department, Person
from csat.procedure.feedback import board as board_of
from csat.procedure.feedback import callbacks as steps
from csat.procedure.feedback.board import Wanted
from csat.web.access import me, open_to
from csat.web.errors import say
from csat.web.feedback.board import blueprint, dues
from csat.web.feedback.forms import AssignForm
from csat.web.formatting import today
from csat.web.pagination import slice_of

ON_A_PAGE = 100


@blueprint.get("/assign")
@open_to("feedback.classify")
def assign_several() -> str:
    """New feedback to tick, the most pressing first, and to whom it goes."""
    return _page(AssignForm(formdata=None, supervisor=me().id), set())


@blueprint.post("/assign")
@open_to("feedback.classify")
def assign_ticked() -> Any:
    """Assign what was ticked; what stays is shown again, still ticked, with the reason."""
    form, keys = AssignForm(), request.form.getlist("feedback", type=int)
    if not form.validate_on_submit():
        return _page(form, set(keys)), 422
    if not keys:
        form.form_errors.append(gettext("Please tick at least one feedback."))
        return _page(form, set()), 422
    chosen = board_of.visible(me(), today()).where(Feedback.id.in_(keys)).order_by(Feedback.id)
    department = Department.get_by_id(form.department.data)
    supervisor = Person.get_by_id(form.supervisor.data)
    done, refused = steps.assign_all(chosen, department, supervisor, me(), clock.now())
    if done:
        flash(ngettext("%(num)s feedback is assigned.", "%(num)s feedbacks are assigned.", len(done)))
    if not refused:
        return go_to(url_for(".board", state=FeedbackState.NEW))
    form.form_errors += [f"{one.number} {one.title}: {say(refusal)}" for one, refusal in refused]
    return _page(form, {one.id for one, _ in refused}), 422


def _page(form: AssignForm, ticked: set[int]) -> str:
    new = board_of.board(me(), Wanted(state=FeedbackState.NEW), today(), clock.now())
    return render_template(
        "feedback/assign.html", form=form, listed=slice_of(new, ON_A_PAGE), ticked=ticked, dues=dues()
    )
