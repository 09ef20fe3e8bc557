"""The sheets of the service risks: a department assesses its points, QA reviews what it says (K1)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import TextAreaField

from csat import clock
from csat.models.feedback import RiskDomain
from csat.models.people import Department
from csat.models.risks import Assessment, Standing
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, NotFound, Refusal
from csat.procedure.people import attachments
from csat.procedure.risks import assessments
from csat.procedure.risks.assessments import Line, Said
from csat.web.access import me, open_to
from csat.web.errors import say
from csat.web.formatting import today, zone
from csat.web.forms import PlainForm, StaffForm, at_most, needed
from csat.web.people.attachments import files_field, take_with_files, takes_files
from csat.web.risks.points import asked_quarter, running

blueprint = Blueprint("risk_sheets", __name__, url_prefix="/risks")

LONGEST = 1000  # characters of evidence or next step

Sheet = list[tuple[RiskDomain, list[Line]]]


@blueprint.route("/sheet/<int:department>", methods=["GET", "POST"])
@open_to("risks.assess")
def sheet(department: int) -> Any:
    """A department's points of a quarter: assess them, some or all, in one go."""
    mine, quarter, form = _own(department), _asked_or_last(), PlainForm()
    lines, errors = assessments.sheet(mine, quarter), dict[str, str]()
    if form.validate_on_submit():
        try:
            said = _typed(lines, errors)
            if not errors:
                flash(_told(assessments.assess(mine, quarter, said, me(), clock.now(), zone())))
                return redirect(url_for(".sheet", department=department, quarter=quarter))
        except InputWrong as refusal:
            errors[refusal.field] = say(refusal)
        except Refusal as refusal:
            form.object_to(refusal)
    page = render_template(
        "risks/sheet.html",
        department=mine,
        quarter=quarter,
        quarters=[running(), running().plus(-1)],
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


@blueprint.get("/review")
@open_to("risks.review")
def review() -> str:
    """What waits for QA's word, by department and domain."""
    return render_template("risks/review.html", groups=_groups(), form=PlainForm())


@blueprint.post("/review")
@open_to("risks.review")
def accept() -> Any:
    """Accept the ticked assessments."""
    form = PlainForm()
    if form.validate_on_submit():
        wanted = {int(key) for key in request.form.getlist("assessment") if key.isdecimal()}
        chosen = [one for one in assessments.to_review() if one.id in wanted]
        if not chosen:
            flash(gettext("Nothing was ticked."))
        elif form.take(assessments.accept, chosen, me(), clock.now()):
            number = len(chosen)
            flash(ngettext("%(num)s assessment is accepted.", "%(num)s assessments are accepted.", number))
        else:
            return render_template("risks/review.html", groups=_groups(), form=form), 422
    return redirect(url_for(".review"))


class FilesForm(StaffForm):
    files = files_field(_l("Files that show it"))


@blueprint.get("/assessments/<int:key>")
@open_to("risks.see")
def look(key: int) -> str:
    """One assessment with its files and all that was said before; what the reader can do with it."""
    return _look(assessments.assessment_for(me(), key, today()))


@blueprint.post("/assessments/<int:key>/return")
@open_to("risks.review")
def send_back(key: int) -> Any:
    """Return an assessment to its department."""
    one, form = assessments.assessment_for(me(), key, today()), ReturnForm()
    if form.validate_on_submit() and form.take(
        assessments.send_back, one, form.reason.data or "", me(), clock.now()
    ):
        flash(gettext("Returned. The department finds the reason on its sheet."))
        return redirect(url_for(".review"))
    return _look(one, back=form), 422


@blueprint.post("/assessments/<int:key>/files")
@open_to("risks.assess")
@takes_files
def attach(key: int) -> Any:
    """Add files that show what the own department's assessment says."""
    one, form = assessments.assessment_for(me(), key, today()), FilesForm()
    if form.validate_on_submit() and take_with_files(
        form, lambda kept: assessments.attach(one, kept, me(), clock.now(), today())
    ):
        flash(gettext("The files are on record."))
        return redirect(url_for(".look", key=key))
    return _look(one, files=form), 422


def _look(one: Assessment, **forms: Any) -> str:
    return render_template(
        "risks/assessment.html",
        one=one,
        history=assessments.history_of(one.point, one.department),
        found=attachments.of(one),
        may_attach=attachments.may_change(me(), one, today()),
        reads_all=current_user.may("responses.read"),
        back=forms.get("back") or ReturnForm(formdata=None),
        files_form=forms.get("files") or FilesForm(formdata=None),
    )


# --- inside ------------------------------------------------------------------------------------------


def _asked_or_last() -> Quarter:
    """The quarter in the address; without one the quarter that is over, which is what is due."""
    return asked_quarter() if request.args.get("quarter") else running().plus(-1)


def _own(key: int) -> Department:
    """A department of the reader's; raise NotFound for any other."""
    found = next((one for one in assessments.departments_for(me(), today()) if one.id == key), None)
    if found is None:
        raise NotFound
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
    for one in assessments.to_review():
        if not groups or groups[-1][0].id != one.department_id:
            groups.append((one.department, []))
        groups[-1][1].append(one)
    return groups
