"""Giving several new feedbacks to a department at once: what is refused is named, the others go through."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from csat import clock
from csat.models.feedback import Feedback, FeedbackState
from csat.procedure.feedback import access, classification
from csat.procedure.feedback.board import FeedbackFilter
from csat.web.access import current_person, open_to
from csat.web.choices import explain_unstaffed
from csat.web.errors import describe_refusal
from csat.web.feedback.board import blueprint, build_due_lookup, remember_list, search
from csat.web.feedback.forms import AssignForm
from csat.web.formatting import local_today
from csat.web.pagination import paginate
from csat.web.params import ticked_keys

PAGE_SIZE = 100


@blueprint.get("/assign")
@open_to("feedback.assign")
def show_assign_form() -> str:
    """New feedback to tick, the most pressing first, and to whom it goes."""
    return _render_assign_form(AssignForm(formdata=None, supervisor=current_person().id), set())


@blueprint.post("/assign")
@open_to("feedback.assign")
def assign_ticked_feedback() -> ResponseReturnValue:
    """Assign what was ticked; what stays is shown again, still ticked, with the reason."""
    form, keys = AssignForm(), ticked_keys("feedback")
    if not form.validate_on_submit():
        return _render_assign_form(form, set(keys)), 422
    if not keys:
        form.form_errors.append(gettext("Please tick at least one feedback."))
        return _render_assign_form(form, set()), 422
    # Keys that were made up, or of what the reader does not see, are passed over.
    chosen = access.select_visible(current_person(), local_today()).where(Feedback.id.in_(keys)).order_by(Feedback.id)
    done, refused = classification.assign_in_bulk(chosen, *form.chosen(), current_person(), clock.now())
    if done:
        flash(ngettext("%(num)s feedback is assigned.", "%(num)s feedbacks are assigned.", len(done)))
    if not refused:
        return redirect(url_for(".show_board", state=FeedbackState.NEW))
    form.form_errors += [f"{one.number} {one.title}: {describe_refusal(refusal)}" for one, refusal in refused]
    return _render_assign_form(form, {one.id for one, _ in refused}), 422


def _render_assign_form(form: AssignForm, ticked: set[int]) -> str:
    remember_list()
    return render_template(
        "feedback/assign.html",
        unstaffed=explain_unstaffed(),
        form=form,
        listed=paginate(search(FeedbackFilter(state=FeedbackState.NEW)), PAGE_SIZE),
        ticked=ticked,
        dues=build_due_lookup(),
    )
