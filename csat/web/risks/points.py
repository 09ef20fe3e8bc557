"""Service-quality risks: the matrix for all, a department's sheet, and QA's review (K1, K2)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import TextAreaField

from csat import clock
from csat.figures.risks import by_type, risks_of
from csat.models.feedback import RiskDomain, Severity
from csat.models.people import Department
from csat.models.risks import Assessment, PreventionPoint
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound
from csat.procedure.risks import assessments, points
from csat.procedure.risks.assessments import Line
from csat.web.access import me, open_to
from csat.web.formatting import terms_of, today, zone
from csat.web.forms import PlainForm, StaffForm, at_most, needed

blueprint = Blueprint("risks", __name__, url_prefix="/risks")

BACK = 8  # quarters that can be looked at
LONGEST = 1000  # characters of evidence or next step

Sheet = list[tuple[RiskDomain, list[Line]]]


@blueprint.get("/")
@open_to("risks.see")
def index() -> str:
    """The matrix of a quarter, and from there to one's own sheet or to the review."""
    quarter = asked_quarter()
    return render_template(
        "risks/index.html",
        quarter=quarter,
        quarters=running().back(BACK)[::-1],
        figures=risks_of(quarter),
        mine=assessments.departments_for(me(), today()) if current_user.may("risks.assess") else [],
        waiting=len(assessments.to_review()) if current_user.may("risks.review") else 0,
        open_=assessments.may_assess(quarter, clock.now(), zone()),
    )


@blueprint.get("/<code>")
@open_to("risks.see")
def domain(code: str) -> str:
    """One domain: its points, how departments assess them, and the types of feedback that belong here."""
    found, quarter = points.domain_for(code), asked_quarter()
    return render_template(
        "risks/domain.html",
        domain=found,
        quarter=quarter,
        quarters=running().back(BACK)[::-1],
        points=points.points_of(found),
        said=_by_point(assessments.newest(quarter)),
        row=next(row for row in risks_of(quarter).domains if row.code == code),
        types=by_type(found, quarter),
        severities=terms_of(Severity),
        departments={row.id: row for row in Department.select()},
        duties=points.duties_of(found),
        seen=assessments.departments_seen(me(), today()),
    )


# --- who assesses what, and the wording --------------------------------------------------------------


@blueprint.route("/<code>/duties", methods=["GET", "POST"])
@open_to("risks.review")
def assign(code: str) -> Any:
    """Which departments assess which points of a domain."""
    found, form = points.domain_for(code), PlainForm()
    chosen = points.duties_of(found)
    if form.validate_on_submit():
        chosen = {_pair(typed) for typed in request.form.getlist("duty")}
        if form.take(points.assign, found, chosen, me(), clock.now()):
            flash(gettext("Saved. The departments find the points on their sheets."))
            return redirect(url_for(".domain", code=code))
    return render_template(
        "risks/assign.html",
        domain=found,
        form=form,
        points=points.points_of(found),
        departments=_departments(),
        chosen=chosen,
    )


class WordingForm(StaffForm):
    zh = TextAreaField(_l("In Chinese"), [*needed(), at_most(400)])
    en = TextAreaField(_l("In English"), [*needed(), at_most(400)])


@blueprint.route("/<code>/<point>", methods=["GET", "POST"])
@open_to("risks.review")
def wording(code: str, point: str) -> Any:
    """Change how a point is worded; its sense stays."""
    found = _point(code, point)
    form = WordingForm(data=dict(found.text))
    if form.validate_on_submit() and form.take(
        points.reword, found, form.zh.data or "", form.en.data or "", me(), clock.now()
    ):
        flash(gettext("Saved."))
        return redirect(url_for(".domain", code=code))
    return render_template("risks/wording.html", point=found, form=form)


# --- inside ------------------------------------------------------------------------------------------


def running() -> Quarter:
    """The quarter it is."""
    return Quarter.of(clock.now(), zone())


def asked_quarter() -> Quarter:
    """The quarter in the address, or the one it is now; raise NotFound for anything else."""
    wanted = request.args.get("quarter")
    if not wanted:
        return running()
    try:
        return Quarter.parse(wanted)
    except ValueError as wrong:
        raise NotFound from wrong


def _point(code: str, point: str) -> PreventionPoint:
    found = next((one for one in points.points_of(points.domain_for(code)) if one.code == point), None)
    if found is None:
        raise NotFound
    return found


def _departments() -> list[Department]:
    return list(Department.select().where(Department.retired_at.is_null()).order_by(Department.name))


def _pair(typed: str) -> tuple[int, int]:
    point, _, department = typed.partition(":")
    if not (point.isdecimal() and department.isdecimal()):
        raise NotFound
    return int(point), int(department)


def _by_point(said: dict[tuple[int, int], Assessment]) -> dict[int, list[Assessment]]:
    found: dict[int, list[Assessment]] = {}
    for (point, _), one in sorted(said.items()):
        found.setdefault(point, []).append(one)
    return found
