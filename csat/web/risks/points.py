"""Service-quality risks: the matrix for all, a department's sheet, and QA's review (K1, K2)."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import TextAreaField

from csat import clock
from csat.figures.risks import compute_risk_figures, count_by_issue_type
from csat.models.feedback import Severity
from csat.models.people import Department
from csat.models.risks import Assessment
from csat.procedure.core.guards import found_or_refuse
from csat.procedure.core.refusals import NotFound
from csat.procedure.people import departments
from csat.procedure.risks import assessments, points
from csat.web.access import current_person, open_to
from csat.web.formatting import list_terms, local_today, operator_zone
from csat.web.forms import ButtonForm, StaffForm, limit_length, require_input, submit
from csat.web.params import current_quarter, requested_quarter

blueprint = Blueprint("risks", __name__, url_prefix="/risks")

QUARTERS_OFFERED = 8  # quarters that can be looked at


@blueprint.get("/")
@open_to("risks.see")
def show_matrix() -> str:
    """The matrix of a quarter, and from there to one's own sheet or to the review."""
    quarter = requested_quarter()
    mine = assessments.departments_to_assess(current_person(), local_today())
    return render_template(
        "risks/index.html",
        quarter=quarter,
        quarters=current_quarter().back(QUARTERS_OFFERED)[::-1],
        figures=compute_risk_figures(quarter),
        mine=mine if current_user.may("risks.assess") else [],
        waiting=len(assessments.list_assessments_to_review()) if current_user.may("risks.review") else 0,
        open_=assessments.may_assess(quarter, clock.now(), operator_zone()),
    )


@blueprint.get("/<code>")
@open_to("risks.see")
def show_domain(code: str) -> str:
    """One domain: its points, how departments assess them, and the types of feedback that belong here."""
    found, quarter = points.get_domain(code), requested_quarter()
    return render_template(
        "risks/domain.html",
        domain=found,
        quarter=quarter,
        quarters=current_quarter().back(QUARTERS_OFFERED)[::-1],
        points=points.points_of(found),
        said=_group_by_point(assessments.list_newest_assessments(quarter)),
        row=next(row for row in compute_risk_figures(quarter).domains if row.code == code),
        types=count_by_issue_type(found, quarter),
        severities=list_terms(Severity),
        departments={row.id: row for row in Department.select()},
        duties=points.list_point_assignments(found),
        seen=assessments.departments_visible_to(current_person(), local_today()),
    )


@blueprint.route("/<code>/duties", methods=["GET", "POST"])
@open_to("risks.review")
def assign_points(code: str) -> ResponseReturnValue:
    """Which departments assess which points of a domain."""
    found, form = points.get_domain(code), ButtonForm()
    chosen = points.list_point_assignments(found)
    if request.method == "POST":  # shown again, the boxes stand as they were ticked
        chosen = {_parse_duty(typed) for typed in request.form.getlist("duty")}
    done = submit(
        form,
        lambda: points.assign_points(found, chosen, current_person(), clock.now()),
        said=gettext("Saved. The departments find the points on their sheets."),
        to=url_for(".show_domain", code=code),
    )
    return done or render_template(
        "risks/assign.html",
        domain=found,
        form=form,
        points=points.points_of(found),
        departments=departments.list_departments(),
        chosen=chosen,
    )


class PointWordingForm(StaffForm):
    zh = TextAreaField(_l("In Chinese"), [*require_input(), limit_length(400)])
    en = TextAreaField(_l("In English"), [*require_input(), limit_length(400)])


@blueprint.route("/<code>/<point>", methods=["GET", "POST"])
@open_to("risks.review")
def edit_wording(code: str, point: str) -> ResponseReturnValue:
    """Change how a point is worded; its sense stays."""
    found = found_or_refuse(next((one for one in points.points_of(points.get_domain(code)) if one.code == point), None))
    form = PointWordingForm(data=dict(found.text))
    done = submit(
        form,
        lambda: points.reword_point(found, form.zh.data or "", form.en.data or "", current_person(), clock.now()),
        said=gettext("Saved."),
        to=url_for(".show_domain", code=code),
    )
    return done or render_template("risks/wording.html", point=found, form=form)


def _parse_duty(typed: str) -> tuple[int, int]:
    point, _, department = typed.partition(":")
    if not (point.isdecimal() and department.isdecimal()):
        raise NotFound
    return int(point), int(department)


def _group_by_point(said: dict[tuple[int, int], Assessment]) -> dict[int, list[Assessment]]:
    found: dict[int, list[Assessment]] = {}
    for (point, _), one in sorted(said.items()):
        found.setdefault(point, []).append(one)
    return found
