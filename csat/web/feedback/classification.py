"""What is proposed as feedback: making one or several out of a response, or dismissing it (P9)."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from csat import clock
from csat.models.answers import Response
from csat.models.feedback import Feedback, FeedbackOrigin, IssueType
from csat.models.people import Department, Person
from csat.procedure.feedback import classification, excerpts, follow_up, prefill
from csat.procedure.review import triage, verdicts
from csat.web.access import current_person, open_to
from csat.web.choices import explain_unstaffed
from csat.web.feedback.forms import ClassifyForm, offer_feedback
from csat.web.forms import NamedForm, build_text_area, submit
from csat.web.pagination import paginate
from csat.web.params import parse_number, ticked_keys
from csat.web.review.blueprint import blueprint, describe_answer


class DismissForm(NamedForm):
    reason = build_text_area(_l("Why nothing is to be done"), rows=2)


@blueprint.get("/proposals")
@open_to("feedback.classify")
def list_proposals() -> str:
    """Valid responses with words or a low rating that are still to be classified."""
    listed = paginate(verdicts.join_names(verdicts.list_proposals(parse_number("client"), current_person())))
    return render_template(
        "feedback/proposals.html",
        listed=listed,
        answers={row.id: verdicts.answers_of(row) for row in listed.rows},
        sortings=triage.triages_of(listed.rows),
        form=DismissForm(),
    )


@blueprint.post("/proposals")
@open_to("feedback.classify")
def dismiss_ticked_proposals() -> ResponseReturnValue:
    """Dismiss several proposals for one reason."""
    form, by, done = DismissForm(), current_person(), 0
    if form.validate_on_submit():
        for key in ticked_keys("response"):
            response = verdicts.response_for(by, key)
            done += bool(form.take(verdicts.dismiss_proposal, response, form.reason.data, by, clock.now()))
    for error in [*form.reason.errors, *form.form_errors]:
        flash(error, "bad")
    if done:
        flash(ngettext("%(num)s proposal is dismissed.", "%(num)s proposals are dismissed.", done))
    return redirect(url_for(".list_proposals"))


@blueprint.get("/proposals/<int:key>")
@open_to("feedback.classify")
def show_proposal(key: int) -> str:
    """A response beside the form that makes a feedback out of it."""
    response = verdicts.response_for(current_person(), key)
    words = excerpts.find_unused_text(verdicts.comments_of(response))
    form = ClassifyForm(words=words, **prefill.suggest_classification(response, current_person()).as_fields())
    return _render_proposal(response, _offer_links(form, response), DismissForm())


@blueprint.post("/proposals/<int:key>")
@open_to("feedback.classify")
def create_feedback(key: int) -> ResponseReturnValue:
    """Create a feedback; then the next proposal, or another from the same response."""
    response = verdicts.response_for(current_person(), key)
    form = _offer_links(ClassifyForm(), response)
    more = request.form.get("do") == "more"
    done = submit(
        form,
        lambda: _save_feedback(form, response),
        lambda made: gettext("%(number)s is created.", number=made.number),
        lambda _: url_for(".show_proposal", key=key) if more else _next_proposal_url(),
    )
    return done or (_render_proposal(response, form, DismissForm(formdata=None)), 422)


@blueprint.post("/proposals/<int:key>/dismiss")
@open_to("feedback.classify")
def dismiss_proposal(key: int) -> ResponseReturnValue:
    """See nothing to act on in a response."""
    response, form = verdicts.response_for(current_person(), key), DismissForm()
    done = submit(
        form,
        lambda: verdicts.dismiss_proposal(response, form.reason.data or "", current_person(), clock.now()),
        gettext("The proposal is dismissed."),
        lambda _: _next_proposal_url(),
    )
    return done or (_render_proposal(response, _offer_links(ClassifyForm(formdata=None), response), form), 422)


def _save_feedback(form: ClassifyForm, response: Response) -> Feedback:
    sources = excerpts.find_passages(response, verdicts.comments_of(response), form.words.data or "")
    return classification.create_feedback(
        title=form.title.data or "",
        words=excerpts.join_passages(sources),
        origin=FeedbackOrigin.RESPONSE,
        client=response.client,
        issue_type=IssueType.get_by_id(form.issue_type.data),
        severity=form.severity.data,
        quarter=response.quarter,
        by=current_person(),
        now=clock.now(),
        department=Department.get_or_none(Department.id == form.department.data),
        supervisor=Person.get_or_none(Person.id == form.supervisor.data),
        sources=sources,
        linked_to=Feedback.get_or_none(Feedback.id == form.linked_to.data),
    )


def _offer_links(form: ClassifyForm, response: Response) -> ClassifyForm:
    offer_feedback(form.linked_to, verdicts.feedback_of(response), gettext("A matter of its own"))
    return form


def _next_proposal_url() -> str:
    following = verdicts.list_proposals(reader=current_person()).first()
    return url_for(".list_proposals") if following is None else url_for(".show_proposal", key=following.id)


def _render_proposal(response: Response, form: ClassifyForm, dismissal: DismissForm) -> str:
    comments = verdicts.comments_of(response)
    return render_template(
        "feedback/proposal.html",
        response=response,
        form=form,
        dismissal=dismissal,
        answers=verdicts.answers_of(response),
        comments=comments,
        marked={answer.id: excerpts.split_comment(answer) for answer in comments},
        made=verdicts.feedback_of(response),
        checked=follow_up.find_checked_feedback(response),
        first_sorting=triage.triages_of([response]).get(response.id),
        types=IssueType.select().where(IssueType.retired_at.is_null()).order_by(IssueType.position),
        unstaffed=explain_unstaffed(),
        waiting=verdicts.select_proposals(current_person()).count(),
        shown=describe_answer,
    )
