"""The sheets of the service risks: a department assesses its points, QA reviews what it says (K1)."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import TextAreaField

from csat import clock
from csat.models.feedback import RiskDomain
from csat.models.people import Department
from csat.models.risks import Assessment, Standing
from csat.procedure.core.guards import found_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.people import attachments
from csat.procedure.people.attachments import FileToAttach
from csat.procedure.risks import assessments
from csat.procedure.risks.assessments import AssessmentDraft, SheetLine
from csat.web.access import current_person, open_to, takes_files
from csat.web.errors import describe_refusal
from csat.web.formatting import local_today, operator_zone
from csat.web.forms import ButtonForm, StaffForm, limit_length, render_form, require_input, submit
from csat.web.params import current_quarter, requested_quarter, ticked_keys
from csat.web.people.attachments import build_files_field, take_files

blueprint = Blueprint("risk_sheets", __name__, url_prefix="/risks")

MAX_TEXT_LENGTH = 1000  # characters of evidence or next step

AssessmentSheet = list[tuple[RiskDomain, list[SheetLine]]]


@blueprint.route("/sheet/<int:department>", methods=["GET", "POST"])
@open_to("risks.assess")
def assess_points(department: int) -> ResponseReturnValue:
    """A department's points of a quarter: assess them, some or all, in one go."""
    mine, quarter, form = _own_department(department), _quarter_to_assess(), ButtonForm()
    lines, errors = assessments.build_sheet(mine, quarter), dict[str, str]()
    if form.validate_on_submit():
        try:
            said = _parse_sheet(lines, errors)
            if not errors:
                new = assessments.assess_points(mine, quarter, said, current_person(), clock.now(), operator_zone())
                flash(_describe_saved(new))
                return redirect(url_for(".assess_points", department=department, quarter=quarter))
        except InputWrong as refusal:
            errors[refusal.field] = describe_refusal(refusal)
        except Refusal as refusal:
            form.object_to(refusal)
    page = render_template(
        "risks/sheet.html",
        department=mine,
        quarter=quarter,
        quarters=[current_quarter(), current_quarter().plus(-1)],
        sheet=lines,
        form=form,
        errors=errors,
        typed=request.form if request.method == "POST" else None,
        standings=list(Standing),
        longest=MAX_TEXT_LENGTH,
    )
    return page, 422 if errors or form.form_errors else 200


class ReturnAssessmentForm(StaffForm):
    reason = TextAreaField(_l("What is missing"), [*require_input(), limit_length(MAX_TEXT_LENGTH)])


@blueprint.get("/review")
@open_to("risks.review")
def list_to_review() -> str:
    """What waits for QA's word, by department and domain."""
    return render_template("risks/review.html", groups=_group_by_department(), form=ButtonForm())


@blueprint.post("/review")
@open_to("risks.review")
def accept_assessments() -> ResponseReturnValue:
    """Accept the ticked assessments."""
    form, wanted = ButtonForm(), ticked_keys("assessment")
    chosen = [one for one in assessments.list_assessments_to_review() if one.id in wanted]
    done = submit(
        form,
        lambda: assessments.accept_assessments(chosen, current_person(), clock.now()),
        said=_describe_accepted,
        to=url_for(".list_to_review"),
    )
    return done or render_form("risks/review.html", form, groups=_group_by_department())


class AttachmentForm(StaffForm):
    files = build_files_field(_l("Files that show it"))


@blueprint.get("/assessments/<int:key>")
@open_to("risks.see")
def show_assessment(key: int) -> str:
    """One assessment with its files and all that was said before; what the reader can do with it."""
    return _render_assessment(assessments.assessment_for(current_person(), key, local_today()))


@blueprint.post("/assessments/<int:key>/return")
@open_to("risks.review")
def return_assessment(key: int) -> ResponseReturnValue:
    """Return an assessment to its department."""
    one, form = assessments.assessment_for(current_person(), key, local_today()), ReturnAssessmentForm()
    done = submit(
        form,
        lambda: assessments.return_assessment(one, form.reason.data or "", current_person(), clock.now()),
        said=gettext("Returned. The department finds the reason on its sheet."),
        to=url_for(".list_to_review"),
    )
    return done or (_render_assessment(one, back=form), 422)


@blueprint.post("/assessments/<int:key>/files")
@open_to("risks.assess")
@takes_files
def attach_files(key: int) -> ResponseReturnValue:
    """Add files that show what the own department's assessment says."""
    one, form = assessments.assessment_for(current_person(), key, local_today()), AttachmentForm()

    def attach(kept: list[FileToAttach]) -> None:
        assessments.attach_files(one, kept, current_person(), clock.now(), local_today())

    said, here = gettext("The files are on record."), url_for(".show_assessment", key=key)
    return submit(form, lambda: take_files(form, attach), said, here) or (_render_assessment(one, files=form), 422)


def _render_assessment(one: Assessment, **forms: object) -> str:
    return render_template(
        "risks/assessment.html",
        one=one,
        history=assessments.list_assessment_history(one.point, one.department),
        found=attachments.list_attachments(one),
        may_attach=attachments.may_change_attachments(current_person(), one, local_today()),
        reads_all=current_user.may("responses.read"),
        back=forms.get("back") or ReturnAssessmentForm(formdata=None),
        files_form=forms.get("files") or AttachmentForm(formdata=None),
    )


def _quarter_to_assess() -> Quarter:
    """The quarter in the address; without one the quarter that is over, which is what is due."""
    return requested_quarter(default=current_quarter().plus(-1))


def _own_department(key: int) -> Department:
    """A department of the reader's; raise NotFound for any other."""
    return found_or_refuse(
        next((one for one in assessments.departments_to_assess(current_person(), local_today()) if one.id == key), None)
    )


def _parse_sheet(sheet: AssessmentSheet, errors: dict[str, str]) -> dict[int, AssessmentDraft]:
    """What was chosen on the sheet, by point; points without a choice are left as they are."""
    found: dict[int, AssessmentDraft] = {}
    for line in (line for _, lines in sheet for line in lines):
        key = line.point.id
        chosen = request.form.get(f"standing-{key}", "")
        words = _parse_words(f"evidence-{key}", errors), _parse_words(f"next_step-{key}", errors)
        due = _parse_day(f"due-{key}", errors)
        if chosen in set(Standing):
            found[key] = AssessmentDraft(Standing(chosen), *words, due)
        elif chosen or _has_unsaved_words(line, *words, due):  # without a choice the words would be lost
            errors[f"standing-{key}"] = gettext("Please choose one of the three.")
    return found


def _has_unsaved_words(line: SheetLine, evidence: str, next_step: str, due: date | None) -> bool:
    """Whether something was typed beside a point that was not filled in by us."""
    kept = line.now or line.before
    before = (kept.evidence, kept.next_step, line.now and line.now.due) if kept else ("", "", None)
    return before != (evidence.strip(), next_step.strip(), due)


def _parse_words(name: str, errors: dict[str, str]) -> str:
    typed = request.form.get(name, "").replace("\r\n", "\n")  # a browser counts a line's end once
    if len(typed) > MAX_TEXT_LENGTH:
        errors[name] = gettext("Please use at most %(max)d characters.", max=MAX_TEXT_LENGTH)
    return typed


def _parse_day(name: str, errors: dict[str, str]) -> date | None:
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        errors[name] = gettext("Please write the day as 2026-09-30.")
        return None


def _describe_saved(number: int) -> str:
    if not number:
        return gettext("Nothing has changed.")
    return ngettext("%(num)s assessment is saved.", "%(num)s assessments are saved.", number)


def _describe_accepted(number: int) -> str:
    if not number:
        return gettext("Nothing was ticked.")
    return ngettext("%(num)s assessment is accepted.", "%(num)s assessments are accepted.", number)


def _group_by_department() -> list[tuple[Department, list[Assessment]]]:
    """What waits, by department."""
    waiting = groupby(assessments.list_assessments_to_review(), key=lambda one: one.department)
    return [(department, list(its)) for department, its in waiting]
