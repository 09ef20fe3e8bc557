"""Praise (P16): who was thanked for what, how much of it there is, and QA's way to take it from a response."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from csat import clock
from csat.models.answers import Response
from csat.models.people import Department
from csat.models.praise import Praise
from csat.procedure.feedback import excerpts, own_work, praise, praise_view
from csat.procedure.feedback.praise_view import PraiseCount
from csat.procedure.people import attachments
from csat.procedure.review import verdicts
from csat.web.access import current_person, open_to
from csat.web.feedback.board import blueprint
from csat.web.feedback.entering import OFFER, PraisedFields, chosen_persons, offer_persons
from csat.web.formatting import operator_zone
from csat.web.forms import NamedForm, build_text_area, render_form, submit
from csat.web.pagination import paginate
from csat.web.params import parse_quarter_code
from csat.web.review.blueprint import blueprint as review_blueprint

QUARTERS_SHOWN = 4  # so many of the latest, where none is chosen


class PraiseForm(PraisedFields, NamedForm):
    """Praise out of a response."""


class WithdrawPraiseForm(NamedForm):
    reason = build_text_area(_l("Why it is no praise, or not theirs"), rows=2)


@blueprint.get("/praise")
@open_to("praise.see")
def list_praise() -> str:
    """The praise that the reader may see, the latest first, and how much each department and client got."""
    reader = (current_person(), clock.now(), operator_zone())
    quarter = parse_quarter_code()
    listed = paginate(praise_view.select_praise(*reader, quarter))
    return render_template(
        "feedback/praise.html",
        listed=listed,
        quarter=quarter,
        words=_readable_words(listed.rows),
        praised=praise_view.list_praised(listed.rows),
        files=attachments.list_attachments_by_record(listed.rows),
        by_department=_keep_recent(praise_view.count_by_department(*reader), quarter),
        by_client=_keep_recent(praise_view.count_by_client(*reader), quarter),
    )


@blueprint.route("/praise/<int:key>/withdraw", methods=["GET", "POST"])
@open_to("feedback.classify")
def withdraw_praise(key: int) -> ResponseReturnValue:
    """Take back what was no praise, with the reason."""
    found, form = praise_view.praise_for(current_person(), key, clock.now(), operator_zone()), WithdrawPraiseForm()
    done = submit(
        form,
        lambda: praise.withdraw_praise(found, form.reason.data or "", current_person(), clock.now()),
        gettext("%(number)s is withdrawn. It stays on record.", number=found.number),
        url_for(".list_praise"),
    )
    return done or render_form("feedback/withdraw_praise.html", form, praise=found)


@blueprint.get("/own")
@open_to("work.own")
def list_own_work() -> str:
    """Praise that names the reader, and closed feedback about incidents that they handled."""
    return render_template(
        "feedback/own_work.html",
        praise=own_work.list_own_praise(current_person()),
        listed=own_work.list_own_feedback(current_person()),
    )


@review_blueprint.get("/proposals/<int:key>/praise")
@open_to("feedback.classify")
def show_praise_step(key: int) -> str:
    """A response beside the form that takes praise out of it."""
    response = verdicts.response_for(current_person(), key)
    own = response.engineer_id or 0
    form = PraiseForm(
        formdata=None,
        words=excerpts.find_unused_text(verdicts.comments_of(response)),
        department=response.department_id or "",
        persons=[own] if own else [],
    )
    return _render_praise_step(response, form)


@review_blueprint.post("/proposals/<int:key>/praise")
@open_to("feedback.classify")
def praise_response(key: int) -> ResponseReturnValue:
    """Put the praise down; or only offer the people of the department."""
    response, form = verdicts.response_for(current_person(), key), PraiseForm()
    if request.form.get("do") == OFFER:
        return _render_praise_step(response, form)
    more = request.form.get("do") == "more"
    done = submit(
        form,
        lambda: _save_praise(form, response),
        lambda made: gettext("%(number)s is entered, and shown to the department.", number=made.number),
        lambda _: url_for(".show_proposal", key=key) if more else url_for(".list_proposals"),
    )
    return done or (_render_praise_step(response, form), 422)


def _save_praise(form: PraiseForm, response: Response) -> Praise:
    department = Department.get_or_none(Department.id == form.department.data)
    persons, by = chosen_persons(form.persons), current_person()
    return praise.praise_response(
        response, form.words.data or "", department, persons, by, clock.now(), operator_zone()
    )


def _render_praise_step(response: Response, form: PraiseForm) -> str:
    if response.anonymous:  # what is said under no name goes to the department alone
        del form.persons
    else:
        offer_persons(form.persons, form.department.data)
    comments = verdicts.comments_of(response)
    return render_template(
        "feedback/praise_step.html",
        form=form,
        response=response,
        answers=verdicts.answers_of(response),
        marked={answer.id: excerpts.split_comment(answer) for answer in comments},
        made=praise_view.praise_of(response),
    )


def _keep_recent(counts: list[PraiseCount], quarter: int | None) -> list[PraiseCount]:
    """Those of one quarter, or of the latest few: the others stand under theirs."""
    latest = sorted({one.quarter for one in counts}, reverse=True)[:QUARTERS_SHOWN]
    return [one for one in counts if (one.quarter == quarter if quarter else one.quarter in latest)]


def _readable_words(rows: list[Praise]) -> dict[int, str]:
    """As they stand for who reads responses; for everybody else without the names of who said them (D2)."""
    if current_user.may("responses.read"):
        return {one.id: one.words for one in rows}
    return {one.id: praise_view.retell(one) for one in rows}
