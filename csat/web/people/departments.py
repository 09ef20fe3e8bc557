"""Departments: the administrator's pages."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from csat import clock
from csat.models.people import Department, Membership, Person
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.retirement import restore_record
from csat.procedure.people import departments
from csat.web.access import current_person, open_to
from csat.web.formatting import localised_name
from csat.web.forms import ButtonForm, StaffForm, limit_length, press_button, require_input, set_choices, submit

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
    return render_template(
        "people/departments.html",
        found=departments.list_departments(retired),
        sizes=departments.count_members(),
        retired=retired,
    )


@blueprint.route("/admin/departments/new", methods=["GET", "POST"])
@open_to("departments")
def add_department() -> ResponseReturnValue:
    """Add a department."""
    form = DepartmentForm()
    del form.head
    done = submit(
        form,
        lambda: departments.add_department(form.name.data, form.name_en.data, current_person(), clock.now()),
        said=lambda one: gettext("%(name)s is added.", name=localised_name(one)),
        to=lambda one: url_for(".show_department", key=one.id),
    )
    return done or render_template("people/department_new.html", form=form)


@blueprint.route("/admin/departments/<int:key>", methods=["GET", "POST"])
@open_to("departments")
def show_department(key: int) -> ResponseReturnValue:
    """One department: its names, its head, its members."""
    one = get_or_refuse(Department, key)
    members = departments.list_members(one)
    form = DepartmentForm(obj=one, head=str(one.head_id or ""))
    set_choices(form.head, _head_choices(one, members), gettext("None"))

    def save() -> None:
        head = get_or_refuse(Person, int(form.head.data)) if form.head.data else None
        departments.change_department(one, form.name.data, form.name_en.data, head, current_person(), clock.now())

    done = submit(form, save, said=gettext("Saved."), to=url_for(".show_department", key=key))
    return done or render_template("people/department.html", one=one, form=form, members=members, plain=ButtonForm())


@blueprint.post("/admin/departments/<int:key>/retire")
@open_to("departments")
def retire_department(key: int) -> Response:
    """Take a department out of use, or back into it."""
    one = get_or_refuse(Department, key)
    turn = restore_record if one.retired_at else departments.retire_department
    return press_button(turn, one, current_person(), clock.now(), to=url_for(".show_department", key=key))


def _head_choices(one: Department, members: list[Membership]) -> list[tuple[str, str]]:
    """Who can lead a department: its members of today, and who leads it now."""
    persons = {row.person.id: row.person.name for row in members if row.until is None}
    if one.head is not None:
        persons[one.head.id] = one.head.name
    return [(str(key), name) for key, name in persons.items()]
