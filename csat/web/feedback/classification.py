"""What is proposed as feedback: making one or several out of a response, or dismissing it (P9)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from csat import clock
from csat.models.answers import Response
from csat.models.feedback import Feedback, FeedbackOrigin, IssueType
from csat.models.people import Department, Person
from csat.procedure.feedback import callbacks, excerpts, follow_up
from csat.procedure.review import triage, verdicts
from csat.web.access import me, open_to
from csat.web.feedback.forms import ClassifyForm, OneOfSeveral, prose
from csat.web.pagination import slice_of
from csat.web.review.blueprint import blueprint, number, shown


class DismissForm(OneOfSeveral):
    reason = prose(_l("Why nothing is to be done"), rows=2)


@blueprint.get("/proposals")
@open_to("feedback.classify")
def proposals() -> str:
    """Valid responses with words or a low rating that are still to be classified."""
    listed = slice_of(verdicts.with_names(verdicts.proposals(number("client"))))
    return render_template(
        "feedback/proposals.html",
        listed=listed,
        answers={row.id: verdicts.answers_of(row) for row in listed.rows},
        sortings=triage.sortings_of(listed.rows),
        form=DismissForm(),
    )


@blueprint.post("/proposals")
@open_to("feedback.classify")
def dismiss_ticked() -> Any:
    """Dismiss several proposals for one reason."""
    form = DismissForm()
    keys = request.form.getlist("response", type=int)
    done = 0
    if form.validate_on_submit():
        for key in keys:
            response = verdicts.response_for(me(), key)
            done += bool(form.take(verdicts.dismiss, response, form.reason.data, me(), clock.now()))
    for error in [*form.reason.errors, *form.form_errors]:
        flash(error, "bad")
    if done:
        flash(ngettext("%(num)s proposal is dismissed.", "%(num)s proposals are dismissed.", done))
    return redirect(url_for(".proposals"))


@blueprint.get("/proposals/<int:key>")
@open_to("feedback.classify")
def proposal(key: int) -> str:
    """A response beside the form that makes a feedback out of it."""
    response = verdicts.response_for(me(), key)
    checked = follow_up.of_response(response)
    form = ClassifyForm(
        words=excerpts.left(verdicts.comments_of(response)),
        issue_type=checked.issue_type_id if checked else "",
        department=response.department_id or "",
        supervisor=me().id,
    )
    return _proposal(response, _offered(form, response), DismissForm())


@blueprint.post("/proposals/<int:key>")
@open_to("feedback.classify")
def classify(key: int) -> Any:
    """Create a feedback; then the next proposal, or another from the same response."""
    response = verdicts.response_for(me(), key)
    form = _offered(ClassifyForm(), response)
    if not form.validate_on_submit():
        return _proposal(response, form, DismissForm(formdata=None)), 422
    made = form.take(_create, form, response)
    if not made:
        return _proposal(response, form, DismissForm(formdata=None)), 422
    flash(gettext("%(number)s is created.", number=made.number))
    if request.form.get("do") == "more":
        return redirect(url_for(".proposal", key=key))
    return redirect(_next_proposal())


@blueprint.post("/proposals/<int:key>/dismiss")
@open_to("feedback.classify")
def dismiss(key: int) -> Any:
    """See nothing to act on in a response."""
    response = verdicts.response_for(me(), key)
    form = DismissForm()
    if not form.validate_on_submit() or not form.take(
        verdicts.dismiss, response, form.reason.data, me(), clock.now()
    ):
        return _proposal(response, _offered(ClassifyForm(formdata=None), response), form), 422
    flash(gettext("The proposal is dismissed."))
    return redirect(_next_proposal())


def _create(form: ClassifyForm, response: Response) -> Feedback:
    now = clock.now()
    sources = excerpts.taken_from(response, verdicts.comments_of(response), form.words.data or "")
    return callbacks.create(
        title=form.title.data or "",
        words=excerpts.words_of(sources),
        origin=FeedbackOrigin.RESPONSE,
        client=response.client,
        issue_type=IssueType.get_by_id(form.issue_type.data),
        severity=form.severity.data,
        quarter=response.quarter,
        by=me(),
        now=now,
        department=_record(Department, form.department.data),
        supervisor=_record(Person, form.supervisor.data),
        sources=sources,
        linked_to=_record(Feedback, form.linked_to.data),
    )


def _record(table: Any, key: int | None) -> Any:
    return None if key is None else table.get_by_id(key)


def _offered(form: ClassifyForm, response: Response) -> ClassifyForm:
    made = verdicts.feedback_of(response)
    form.linked_to.choices = [
        SelectChoice("", gettext("A matter of its own")),
        *(SelectChoice(str(one.id), f"{one.number} {one.title}") for one in made),
    ]
    return form


def _next_proposal() -> str:
    following = verdicts.proposals().first()
    return url_for(".proposals") if following is None else url_for(".proposal", key=following.id)


def _proposal(response: Response, form: ClassifyForm, dismissal: DismissForm) -> str:
    comments = verdicts.comments_of(response)
    return render_template(
        "feedback/proposal.html",
        response=response,
        form=form,
        dismissal=dismissal,
        answers=verdicts.answers_of(response),
        comments=comments,
        marked={answer.id: excerpts.stretches(answer) for answer in comments},
        made=verdicts.feedback_of(response),
        checked=follow_up.of_response(response),
        first_sorting=triage.sortings_of([response]).get(response.id),
        types=IssueType.select().where(IssueType.retired_at.is_null()).order_by(IssueType.position),
        waiting=verdicts.proposed().count(),
        shown=shown,
    )
