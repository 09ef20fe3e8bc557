"""Departments: the administrator's pages."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from csat import clock
from csat.models.people import Department, Membership
from csat.procedure.core.retirement import restore_record
from csat.procedure.people import departments, persons
from csat.web.access import current_person, open_to
from csat.web.formatting import localised_name
from csat.web.forms import ButtonForm, StaffForm, flash_outcome, limit_length, require_input, set_choices

blueprint = Blueprint("departments", __name__)


class DepartmentForm(StaffForm):
    name = StringField(_l("Name"), [*require_input(), limit_length(120)])
    name_en = StringField(_l("Name in English"), [limit_length(120)])
    head = SelectField(_l("Head"), choices=[])


@blueprint.get("/admin/departments")
@open_to("departments")
def list_departments() -> str:
    """All departments with their heads."""
    retired = "retired" in request.args
    found = departments.list_departments(retired)
    sizes = departments.count_members()
    return render_template("people/departments.html", found=found, sizes=sizes, retired=retired)


@blueprint.route("/admin/departments/new", methods=["GET", "POST"])
@open_to("departments")
def add_department() -> ResponseReturnValue:
    """Add a department."""
    form = DepartmentForm()
    del form.head
    if form.validate_on_submit():
        fields = (form.name.data, form.name_en.data)
        department = form.take(departments.add_department, *fields, current_person(), clock.now())
        if department:
            flash(gettext("%(name)s is added.", name=localised_name(department)))
            return redirect(url_for(".show_department", key=department.id))
    return render_template("people/department_new.html", form=form)


@blueprint.route("/admin/departments/<int:key>", methods=["GET", "POST"])
@open_to("departments")
def show_department(key: int) -> ResponseReturnValue:
    """One department: its names, its head, its members."""
    one = departments.get_department(key)
    members = departments.list_members(one)
    form = DepartmentForm(obj=one, head=str(one.head_id or ""))
    set_choices(form.head, _head_choices(one, members), gettext("None"))
    if form.validate_on_submit():
        head = persons.get_person(int(form.head.data)) if form.head.data else None
        fields = (form.name.data, form.name_en.data, head)
        if form.take(departments.change_department, one, *fields, current_person(), clock.now()):
            flash(gettext("Saved."))
            return redirect(url_for(".show_department", key=key))
    return render_template("people/department.html", one=one, form=form, members=members, plain=ButtonForm())


@blueprint.post("/admin/departments/<int:key>/retire")
@open_to("departments")
def retire_department(key: int) -> Response:
    """Take a department out of use, or back into it."""
    one = departments.get_department(key)
    turn = restore_record if one.retired_at else departments.retire_department
    flash_outcome(turn, one, current_person(), clock.now())
    return redirect(url_for(".show_department", key=key))


def _head_choices(one: Department, members: list[Membership]) -> list[tuple[str, str]]:
    """Who can lead a department: its members of today, and who leads it now."""
    persons = {row.person.id: row.person.name for row in members if row.until is None}
    if one.head is not None:
        persons[one.head.id] = one.head.name
    return [(str(key), name) for key, name in persons.items()]
