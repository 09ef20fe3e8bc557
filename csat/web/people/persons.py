"""The staff: the administrator's pages of persons and where they belong."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import DateField, EmailField, SelectField, StringField, TelField
from wtforms.validators import InputRequired

from csat import clock
from csat.models.people import Department, Membership, Person
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.retirement import restore_record
from csat.procedure.oversight import requests
from csat.procedure.people import accounts, departments, persons
from csat.web.access import current_person, open_to, require_fresh_proof
from csat.web.formatting import local_today, localised_name, operator_zone
from csat.web.forms import (
    ButtonForm,
    StaffForm,
    limit_length,
    parse_key,
    press_button,
    require_input,
    set_choices,
    submit,
)
from csat.web.pagination import paginate
from csat.web.params import parse_number
from csat.words import N_

blueprint = Blueprint("persons", __name__)
ADDRESS_WAITS = N_(
    "Saved, but for the e-mail address: this person has signed in, so they, the director or another administrator must "
    "accept it first. Until then the old one counts."
)


class PersonForm(StaffForm):
    name = StringField(_l("Full name"), [*require_input(), limit_length(120)])
    email = EmailField(_l("E-mail"), [limit_length(200)])
    telephone = TelField(_l("Telephone"), [limit_length(40)])
    department = SelectField(_l("Department"), choices=[])


class MembershipForm(StaffForm):
    department = SelectField(_l("Department"), choices=[])
    since = DateField(_l("From"), [InputRequired(_l("Please enter a date."))])


class LeaveForm(StaffForm):
    until = DateField(_l("Belongs there until (this day excluded)"), [InputRequired(_l("Please enter a date."))])


@blueprint.get("/admin/people")
@open_to("people")
def list_persons() -> str:
    """Everybody on the staff, with search."""
    search, retired = request.args.get("search", "").strip(), "retired" in request.args
    chosen = _find_department(parse_number("department"))
    found = paginate(persons.search_persons(search, chosen, retired))
    return render_template(
        "people/persons.html",
        found=found,
        search=search,
        retired=retired,
        chosen=chosen,
        departments=departments.list_departments(),
        places=departments.list_departments_by_person([person.id for person in found.rows]),
    )


@blueprint.route("/admin/people/new", methods=["GET", "POST"])
@open_to("people")
def add_person() -> ResponseReturnValue:
    """Add somebody of the staff."""
    form = PersonForm()
    set_choices(form.department, _department_choices(), gettext("None"))

    def save() -> Person:
        place, fields = _find_department(parse_key(form.department.data)), _person_fields(form)
        return persons.add_person(*fields, current_person(), clock.now(), place, operator_zone())

    done = submit(
        form,
        save,
        said=lambda one: gettext("%(name)s is added.", name=one.name),
        to=lambda one: url_for(".show_person", key=one.id),
    )
    return done or render_template("people/person_new.html", form=form)


@blueprint.route("/admin/people/<int:key>", methods=["GET", "POST"])
@open_to("people")
def show_person(key: int) -> ResponseReturnValue:
    """One person: what is known of them, where they belong, their account."""
    one = get_or_refuse(Person, key)
    form = PersonForm(obj=one)
    del form.department
    if request.method == "POST" and form.email.data != one.email:
        require_fresh_proof()  # links that set passwords go there
    done = submit(
        form,
        lambda: requests.change_person(one, *_person_fields(form), current_person(), clock.now()),
        said=lambda done: gettext("Saved.") if done else gettext(ADDRESS_WAITS),
        to=url_for(".show_person", key=key),
    )
    return done or _render_person(one, form=form)


@blueprint.post("/admin/people/<int:key>/departments")
@open_to("people")
def join_department(key: int) -> ResponseReturnValue:
    """Let a person belong to a department from a day on."""
    one, form = get_or_refuse(Person, key), MembershipForm()
    set_choices(form.department, _department_choices())
    if form.validate_on_submit():
        place = get_or_refuse(Department, int(form.department.data))
        if form.take(departments.join_department, one, place, form.since.data, current_person(), clock.now()):
            flash(gettext("%(name)s now belongs to %(department)s.", name=one.name, department=localised_name(place)))
            return redirect(url_for(".show_person", key=key))
    return _render_person(one, joining=form)


@blueprint.post("/admin/people/memberships/<int:key>/end")
@open_to("people")
def leave_department(key: int) -> ResponseReturnValue:
    """End a membership on a day."""
    membership, form = get_or_refuse(Membership, key), LeaveForm(prefix=f"m{key}")
    done = submit(
        form,
        lambda: departments.end_membership(membership, form.until.data, current_person(), clock.now()),
        said=gettext("Saved."),
        to=url_for(".show_person", key=membership.person_id),
    )
    return done or _render_person(membership.person, leaving=form, which=key)


@blueprint.post("/admin/people/<int:key>/retire")
@open_to("people")
def retire_person(key: int) -> Response:
    """Somebody leaves, or comes back."""
    one = get_or_refuse(Person, key)
    # Who comes back has no roles, and no account until one is opened again (D4).
    turn, who = (restore_record, (one,)) if one.retired_at else (persons.retire_person, (one, local_today()))
    return press_button(turn, *who, current_person(), clock.now(), to=url_for(".show_person", key=key))


def _render_person(
    one: Person,
    form: PersonForm | None = None,
    joining: MembershipForm | None = None,
    leaving: LeaveForm | None = None,
    which: int = 0,
) -> str:
    if form is None:
        form = PersonForm(formdata=None, obj=one)
        del form.department
    joining = joining or MembershipForm(formdata=None, since=local_today())
    set_choices(joining.department, _department_choices())
    rows = departments.list_memberships(one)
    ends = {row.id: LeaveForm(formdata=None, prefix=f"m{row.id}", until=local_today()) for row in rows}
    if leaving is not None:
        ends[which] = leaving
    return render_template(
        "people/person.html",
        one=one,
        form=form,
        joining=joining,
        memberships=rows,
        ends=ends,
        account=accounts.find_account(one),
        waiting=requests.list_open(one, clock.now()),
        plain=ButtonForm(formdata=None),
    )


def _department_choices() -> list[tuple[str, str]]:
    return [(str(row.id), localised_name(row)) for row in departments.list_departments()]


def _find_department(key: int | None) -> Department | None:
    return None if key is None else get_or_refuse(Department, key)


def _person_fields(form: PersonForm) -> tuple[str, str, str]:
    return form.name.data, form.email.data, form.telephone.data
