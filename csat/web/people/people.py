"""Persons, departments and accounts: the administrator's pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import DateField, EmailField, SelectField, StringField, TelField
from wtforms.validators import InputRequired

from csat import clock
from csat.models.access import Account
from csat.models.people import Department, Membership, Person
from csat.models.roles import Role
from csat.procedure.core.refusals import NotFound, Refusal
from csat.procedure.people import departments as department_rules
from csat.procedure.people import people, permissions
from csat.web.access import current_person, open_to
from csat.web.app import current_config
from csat.web.errors import describe_refusal
from csat.web.formatting import list_terms, local_today, localised_name
from csat.web.forms import ButtonForm, StaffForm, limit_length, parse_key, require_input, set_choices
from csat.web.language import LANGUAGE_CHOICES
from csat.web.pagination import paginate
from csat.web.params import parse_code, parse_number

blueprint = Blueprint("people", __name__)


# --- persons -----------------------------------------------------------------------------------------


class PersonForm(StaffForm):
    name = StringField(_l("Full name"), [*require_input(), limit_length(120)])
    email = EmailField(_l("E-mail"), [limit_length(200)])
    telephone = TelField(_l("Telephone"), [limit_length(40)])
    department = SelectField(_l("Department"), choices=[])


class MembershipForm(StaffForm):
    department = SelectField(_l("Department"), choices=[])
    since = DateField(_l("From"), [InputRequired(_l("Please enter a date."))])


class LeaveForm(StaffForm):
    until = DateField(
        _l("Belongs there until (this day excluded)"), [InputRequired(_l("Please enter a date."))]
    )


@blueprint.get("/admin/people")
@open_to("people")
def list_persons() -> str:
    """Everybody on the staff, with search."""
    search, retired = request.args.get("search", "").strip(), "retired" in request.args
    chosen = _find_department(parse_number("department"))
    found = paginate(people.search_persons(search, chosen, retired))
    return render_template(
        "people/persons.html",
        found=found,
        search=search,
        retired=retired,
        chosen=chosen,
        departments=department_rules.list_departments(),
        places=department_rules.list_departments_by_person([person.id for person in found.rows]),
    )


@blueprint.route("/admin/people/new", methods=["GET", "POST"])
@open_to("people")
def add_person() -> ResponseReturnValue:
    """Add somebody of the staff."""
    form = PersonForm()
    set_choices(form.department, _department_choices(), gettext("None"))
    if form.validate_on_submit():
        fields = (form.name.data, form.email.data, form.telephone.data)
        place = _find_department(parse_key(form.department.data))
        person = form.take(people.add_person, *fields, current_person(), clock.now(), place, local_today())
        if person:
            flash(gettext("%(name)s is added.", name=person.name))
            return redirect(url_for(".show_person", key=person.id))
    return render_template("people/person_new.html", form=form)


@blueprint.route("/admin/people/<int:key>", methods=["GET", "POST"])
@open_to("people")
def show_person(key: int) -> ResponseReturnValue:
    """One person: what is known of them, where they belong, their account."""
    one = people.get_person(key)
    form = PersonForm(obj=one)
    del form.department
    if form.validate_on_submit():
        fields = (form.name.data, form.email.data, form.telephone.data)
        if form.take(people.change_person, one, *fields, current_person(), clock.now()):
            flash(gettext("Saved."))
            return redirect(url_for(".show_person", key=key))
    return _render_person(one, form=form)


@blueprint.post("/admin/people/<int:key>/departments")
@open_to("people")
def join_department(key: int) -> ResponseReturnValue:
    """Let a person belong to a department from a day on."""
    one, form = people.get_person(key), MembershipForm()
    set_choices(form.department, _department_choices())
    if form.validate_on_submit():
        place = department_rules.get_department(int(form.department.data))
        if form.take(
            department_rules.join_department, one, place, form.since.data, current_person(), clock.now()
        ):
            flash(
                gettext(
                    "%(name)s now belongs to %(department)s.", name=one.name, department=localised_name(place)
                )
            )
            return redirect(url_for(".show_person", key=key))
    return _render_person(one, joining=form)


@blueprint.post("/admin/people/memberships/<int:key>/end")
@open_to("people")
def leave_department(key: int) -> ResponseReturnValue:
    """End a membership on a day."""
    membership, form = department_rules.get_membership(key), LeaveForm(prefix=f"m{key}")
    if form.validate_on_submit() and form.take(
        department_rules.end_membership, membership, form.until.data, current_person(), clock.now()
    ):
        flash(gettext("Saved."))
        return redirect(url_for(".show_person", key=membership.person_id))
    return _render_person(membership.person, leaving=form, which=key)


@blueprint.post("/admin/people/<int:key>/retire")
@open_to("people")
def retire_person(key: int) -> Response:
    """Somebody leaves, or comes back."""
    one = people.get_person(key)
    if one.retired_at is None:
        _flash_outcome(people.retire_person, one, local_today(), current_person(), clock.now())
    else:
        _flash_outcome(people.restore_person, one, current_person(), clock.now())
    return redirect(url_for(".show_person", key=key))


# --- departments -------------------------------------------------------------------------------------


class DepartmentForm(StaffForm):
    name = StringField(_l("Name"), [*require_input(), limit_length(120)])
    name_en = StringField(_l("Name in English"), [limit_length(120)])
    head = SelectField(_l("Head"), choices=[])


@blueprint.get("/admin/departments")
@open_to("departments")
def list_departments() -> str:
    """All departments with their heads."""
    retired = "retired" in request.args
    found = department_rules.list_departments(retired)
    sizes = department_rules.count_members()
    return render_template("people/departments.html", found=found, sizes=sizes, retired=retired)


@blueprint.route("/admin/departments/new", methods=["GET", "POST"])
@open_to("departments")
def add_department() -> ResponseReturnValue:
    """Add a department."""
    form = DepartmentForm()
    del form.head
    if form.validate_on_submit():
        fields = (form.name.data, form.name_en.data)
        department = form.take(department_rules.add_department, *fields, current_person(), clock.now())
        if department:
            flash(gettext("%(name)s is added.", name=localised_name(department)))
            return redirect(url_for(".show_department", key=department.id))
    return render_template("people/department_new.html", form=form)


@blueprint.route("/admin/departments/<int:key>", methods=["GET", "POST"])
@open_to("departments")
def show_department(key: int) -> ResponseReturnValue:
    """One department: its names, its head, its members."""
    one = department_rules.get_department(key)
    members = department_rules.list_members(one)
    form = DepartmentForm(obj=one, head=str(one.head_id or ""))
    set_choices(form.head, _head_choices(one, members), gettext("None"))
    if form.validate_on_submit():
        head = people.get_person(int(form.head.data)) if form.head.data else None
        fields = (form.name.data, form.name_en.data, head)
        if form.take(department_rules.change_department, one, *fields, current_person(), clock.now()):
            flash(gettext("Saved."))
            return redirect(url_for(".show_department", key=key))
    return render_template("people/department.html", one=one, form=form, members=members, plain=ButtonForm())


@blueprint.post("/admin/departments/<int:key>/retire")
@open_to("departments")
def retire_department(key: int) -> Response:
    """Take a department out of use, or back into it."""
    one = department_rules.get_department(key)
    turn = department_rules.restore_department if one.retired_at else department_rules.retire_department
    _flash_outcome(turn, one, current_person(), clock.now())
    return redirect(url_for(".show_department", key=key))


# --- accounts ----------------------------------------------------------------------------------------


class AccountForm(StaffForm):
    user_name = StringField(
        _l("User name"), [*require_input(), limit_length(80)], render_kw={"autocomplete": "off"}
    )
    locale = SelectField(_l("Language of the pages"), choices=dict(LANGUAGE_CHOICES))


class RoleForm(StaffForm):
    role = SelectField(_l("Role"), choices=[])


@blueprint.get("/admin/accounts")
@open_to("accounts")
def list_accounts() -> str:
    """Who may come in, and as what."""
    search, closed = request.args.get("search", "").strip(), "closed" in request.args
    role = parse_code(Role, "role")
    found = paginate(people.search_accounts(search, role, closed))
    held = {account.id: sorted(permissions.roles_of(account.person)) for account in found.rows}
    return render_template(
        "people/accounts.html",
        found=found,
        held=held,
        search=search,
        role=role or "",
        closed=closed,
        roles=list_terms(Role),
    )


@blueprint.route("/admin/people/<int:key>/account", methods=["GET", "POST"])
@open_to("accounts")
def open_account(key: int) -> str:
    """Open an account for a person, and show the one-time link that sets its password."""
    one, form = people.get_person(key), AccountForm()
    if form.validate_on_submit():
        fields = (form.user_name.data, form.locale.data)
        account = form.take(people.open_account, one, *fields, current_person(), clock.now())
        if account:
            return _render_welcome_link(account)
    return render_template("people/account_new.html", one=one, form=form)


@blueprint.get("/admin/accounts/<int:key>")
@open_to("accounts")
def show_account(key: int) -> str:
    """One account: its roles and their history."""
    return _render_account(people.get_account(key))


@blueprint.post("/admin/accounts/<int:key>/roles")
@open_to("accounts")
def grant_role(key: int) -> ResponseReturnValue:
    """Give a role."""
    one, form = people.get_account(key), RoleForm()
    set_choices(form.role, list_terms(Role))
    if form.validate_on_submit():
        _flash_outcome(people.grant_role, one.person, Role(form.role.data), current_person(), clock.now())
        return redirect(url_for(".show_account", key=key))
    return _render_account(one, form)


@blueprint.post("/admin/accounts/<int:key>/roles/<role>/withdraw")
@open_to("accounts")
def withdraw_role(key: int, role: str) -> Response:
    """Take a role away."""
    one = people.get_account(key)
    if role not in list(Role):
        raise NotFound
    _flash_outcome(people.withdraw_role, one.person, Role(role), current_person(), clock.now())
    return redirect(url_for(".show_account", key=key))


@blueprint.post("/admin/accounts/<int:key>/link")
@open_to("accounts")
def create_welcome_link(key: int) -> str:
    """Make a new one-time link; older ones die."""
    return _render_welcome_link(people.get_account(key))


@blueprint.post("/admin/accounts/<int:key>/close")
@open_to("accounts")
def close_account(key: int) -> Response:
    """Shut an account at once."""
    _flash_outcome(people.close_account, people.get_account(key), current_person(), clock.now())
    return redirect(url_for(".show_account", key=key))


# --- what these views share --------------------------------------------------------------------------


def _flash_outcome(verb: Any, *arguments: Any) -> None:
    """Press a button: say that it was done, or why not."""
    try:
        verb(*arguments)
    except Refusal as refusal:
        flash(describe_refusal(refusal), "bad")
    else:
        flash(gettext("Done, and on record."))


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
    rows = department_rules.list_memberships(one)
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
        account=people.find_account(one),
        plain=ButtonForm(formdata=None),
    )


def _render_account(one: Account, form: RoleForm | None = None) -> str:
    held = sorted(permissions.roles_of(one.person))
    form = form or RoleForm(formdata=None)
    set_choices(form.role, [(code, label) for code, label in list_terms(Role) if Role(code) not in held])
    mine = one.person_id == current_person().id
    return render_template(
        "people/account.html",
        one=one,
        held=held,
        form=form,
        mine=mine,
        grants=people.list_role_grants(one.person),
        plain=ButtonForm(formdata=None),
    )


def _render_welcome_link(account: Account) -> str:
    """The link is shown on this page only: it is kept nowhere and goes into no address or cookie."""
    token = people.make_welcome_link(account, current_person(), clock.now())
    address = current_config().base_url + url_for("sign_in.set_first_password", token=token)
    until = clock.now() + people.WELCOME_LASTS
    return render_template("people/link.html", account=account, address=address, until=until)


def _department_choices() -> list[tuple[str, str]]:
    return [(str(row.id), localised_name(row)) for row in department_rules.list_departments()]


def _head_choices(one: Department, members: list[Membership]) -> list[tuple[str, str]]:
    """Who can lead a department: its members of today, and who leads it now."""
    persons = {row.person.id: row.person.name for row in members if row.until is None}
    if one.head is not None:
        persons[one.head.id] = one.head.name
    return [(str(key), name) for key, name in persons.items()]


def _find_department(key: int | None) -> Department | None:
    return None if key is None else department_rules.get_department(key)
