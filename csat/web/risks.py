"""Service-quality risks: the matrix for all, a department's sheet, and QA's review (K1, K2)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import TextAreaField

from csat import clock
from csat.figures.risks import risks_of
from csat.models.feedback import IssueType, RiskDomain
from csat.models.people import Department
from csat.models.risks import Assessment, PreventionPoint, Standing
from csat.procedure import risks
from csat.procedure.quarter import Quarter
from csat.procedure.refusals import InputWrong, NotFound, Refusal
from csat.procedure.risks import Line, Said
from csat.web.access import me, open_to
from csat.web.errors import say
from csat.web.filters import today, zone
from csat.web.forms import PlainForm, StaffForm, at_most, needed

room = Blueprint("risks", __name__, url_prefix="/risks")

BACK = 8  # quarters that can be looked at
LONGEST = 1000  # characters of evidence or next step

Sheet = list[tuple[RiskDomain, list[Line]]]


@room.get("/")
@open_to("risks.see")
def index() -> str:
    """The matrix of a quarter, and from there to one's own sheet or to the review."""
    quarter = _asked()
    return render_template(
        "risks/index.html",
        quarter=quarter,
        quarters=_running().back(BACK)[::-1],
        figures=risks_of(quarter),
        mine=risks.departments_for(me(), today()) if current_user.may("risks.assess") else [],
        waiting=len(risks.to_review()) if current_user.may("risks.review") else 0,
        open_=risks.may_assess(quarter, clock.now(), zone()),
    )


@room.get("/<code>")
@open_to("risks.see")
def domain(code: str) -> str:
    """One domain: its points, how departments assess them, and the types of feedback that belong here."""
    found, quarter = risks.domain_for(code), _asked()
    return render_template(
        "risks/domain.html",
        domain=found,
        quarter=quarter,
        quarters=_running().back(BACK)[::-1],
        points=risks.points_of(found),
        said=_by_point(risks.newest(quarter)),
        row=next(row for row in risks_of(quarter).domains if row.code == code),
        types=list(IssueType.select().where(IssueType.domain == found).order_by(IssueType.position)),
        departments={row.id: row for row in Department.select()},
        duties=risks.duties_of(found),
    )


# --- who assesses what, and the wording --------------------------------------------------------------


@room.route("/<code>/duties", methods=["GET", "POST"])
@open_to("risks.review")
def assign(code: str) -> Any:
    """Which departments assess which points of a domain."""
    found, form = risks.domain_for(code), PlainForm()
    chosen = risks.duties_of(found)
    if form.validate_on_submit():
        chosen = {_pair(typed) for typed in request.form.getlist("duty")}
        if form.take(risks.assign, found, chosen, me(), clock.now()):
            flash(gettext("Saved. The departments find the points on their sheets."))
            return redirect(url_for(".domain", code=code))
    return render_template(
        "risks/assign.html",
        domain=found,
        form=form,
        points=risks.points_of(found),
        departments=_departments(),
        chosen=chosen,
    )


class WordingForm(StaffForm):
    zh = TextAreaField(_l("In Chinese"), [*needed(), at_most(400)])
    en = TextAreaField(_l("In English"), [*needed(), at_most(400)])


@room.route("/<code>/<point>", methods=["GET", "POST"])
@open_to("risks.review")
def wording(code: str, point: str) -> Any:
    """Change how a point is worded; its sense stays."""
    found = _point(code, point)
    form = WordingForm(data=dict(found.text))
    if form.validate_on_submit() and form.take(
        risks.reword, found, form.zh.data or "", form.en.data or "", me(), clock.now()
    ):
        flash(gettext("Saved."))
        return redirect(url_for(".domain", code=code))
    return render_template("risks/wording.html", point=found, form=form)


# --- the department's sheet --------------------------------------------------------------------------


@room.route("/sheet/<int:department>", methods=["GET", "POST"])
@open_to("risks.assess")
def sheet(department: int) -> Any:
    """A department's points of a quarter: assess them, some or all, in one go."""
    mine, quarter, form = _own(department), _asked_or_last(), PlainForm()
    lines, errors = risks.sheet(mine, quarter), dict[str, str]()
    if form.validate_on_submit():
        try:
            said = _typed(lines, errors)
            if not errors:
                flash(_told(risks.assess(mine, quarter, said, me(), clock.now(), zone())))
                return redirect(url_for(".sheet", department=department, quarter=quarter))
        except InputWrong as refusal:
            errors[refusal.field] = say(refusal)
        except Refusal as refusal:
            form.object_to(refusal)
    page = render_template(
        "risks/sheet.html",
        department=mine,
        quarter=quarter,
        quarters=[_running(), _running().plus(-1)],
        sheet=lines,
        form=form,
        errors=errors,
        typed=request.form if request.method == "POST" else None,
        standings=list(Standing),
        longest=LONGEST,
    )
    return page, 422 if errors or form.form_errors else 200


# --- QA's review -------------------------------------------------------------------------------------


class ReturnForm(StaffForm):
    reason = TextAreaField(_l("What is missing"), [*needed(), at_most(LONGEST)])


@room.get("/review")
@open_to("risks.review")
def review() -> str:
    """What waits for QA's word, by department and domain."""
    return render_template("risks/review.html", groups=_groups(), form=PlainForm())


@room.post("/review")
@open_to("risks.review")
def accept() -> Any:
    """Accept the ticked assessments."""
    form = PlainForm()
    if form.validate_on_submit():
        wanted = {int(key) for key in request.form.getlist("assessment") if key.isdecimal()}
        chosen = [one for one in risks.to_review() if one.id in wanted]
        if not chosen:
            flash(gettext("Nothing was ticked."))
        elif form.take(risks.accept, chosen, me(), clock.now()):
            number = len(chosen)
            flash(ngettext("%(num)s assessment is accepted.", "%(num)s assessments are accepted.", number))
        else:
            return render_template("risks/review.html", groups=_groups(), form=form), 422
    return redirect(url_for(".review"))


@room.route("/review/<int:key>", methods=["GET", "POST"])
@open_to("risks.review")
def look(key: int) -> Any:
    """One assessment with all that was said before, and the way to return it."""
    one, form = risks.assessment_for(key), ReturnForm()
    if form.validate_on_submit() and form.take(
        risks.send_back, one, form.reason.data or "", me(), clock.now()
    ):
        flash(gettext("Returned. The department finds the reason on its sheet."))
        return redirect(url_for(".review"))
    history = risks.history_of(one.point, one.department)
    return render_template("risks/look.html", one=one, form=form, history=history)


# --- inside ------------------------------------------------------------------------------------------


def _running() -> Quarter:
    return Quarter.of(clock.now(), zone())


def _asked() -> Quarter:
    """The quarter in the address, or the one it is now; raise NotFound for anything else."""
    wanted = request.args.get("quarter")
    if not wanted:
        return _running()
    try:
        return Quarter.parse(wanted)
    except ValueError as wrong:
        raise NotFound from wrong


def _asked_or_last() -> Quarter:
    """The quarter in the address; without one the quarter that is over, which is what is due."""
    return _asked() if request.args.get("quarter") else _running().plus(-1)


def _own(key: int) -> Department:
    """A department of the reader's; raise NotFound for any other."""
    found = next((one for one in risks.departments_for(me(), today()) if one.id == key), None)
    if found is None:
        raise NotFound
    return found


def _point(code: str, point: str) -> PreventionPoint:
    found = next((one for one in risks.points_of(risks.domain_for(code)) if one.code == point), None)
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


def _typed(sheet: Sheet, errors: dict[str, str]) -> dict[int, Said]:
    """What was chosen on the sheet, by point. Points without a choice are left as they are; but words that
    were typed there ask for one, since they would be lost."""
    found: dict[int, Said] = {}
    for line in (line for _, lines in sheet for line in lines):
        key = line.point.id
        chosen = request.form.get(f"standing-{key}", "")
        words = _words(f"evidence-{key}", errors), _words(f"next_step-{key}", errors)
        due = _day(f"due-{key}", errors)
        if chosen in set(Standing):
            found[key] = Said(Standing(chosen), *words, due)
        elif chosen or _was_changed(line, *words, due):
            errors[f"standing-{key}"] = gettext("Please choose one of the three.")
    return found


def _was_changed(line: Line, evidence: str, next_step: str, due: date | None) -> bool:
    """Whether something was typed beside a point that was not filled in by us."""
    kept = line.now or line.before
    before = (kept.evidence, kept.next_step, line.now and line.now.due) if kept else ("", "", None)
    return before != (evidence.strip(), next_step.strip(), due)


def _words(name: str, errors: dict[str, str]) -> str:
    typed = request.form.get(name, "").replace("\r\n", "\n")
    if len(typed) > LONGEST:
        errors[name] = gettext("Please use at most %(max)d characters.", max=LONGEST)
    return typed


def _day(name: str, errors: dict[str, str]) -> date | None:
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        errors[name] = gettext("Please write the day as 2026-09-30.")
        return None


def _told(number: int) -> str:
    if not number:
        return gettext("Nothing has changed.")
    return ngettext("%(num)s assessment is saved.", "%(num)s assessments are saved.", number)


def _groups() -> list[tuple[Department, list[Assessment]]]:
    """What waits, by department."""
    groups: list[tuple[Department, list[Assessment]]] = []
    for one in risks.to_review():
        if not groups or groups[-1][0].id != one.department_id:
            groups.append((one.department, []))
        groups[-1][1].append(one)
    return groups
