"""Persons, departments and accounts: the administrator's pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
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
from csat.web.access import me, open_to
from csat.web.errors import say
from csat.web.formatting import named, terms_of, today
from csat.web.forms import PlainForm, StaffForm, at_most, choose, needed
from csat.web.pagination import slice_of
from csat.web.people.sign_in import LANGUAGES

blueprint = Blueprint("people", __name__)


# --- persons -----------------------------------------------------------------------------------------


class PersonForm(StaffForm):
    name = StringField(_l("Full name"), [*needed(), at_most(120)])
    email = EmailField(_l("E-mail"), [at_most(200)])
    telephone = TelField(_l("Telephone"), [at_most(40)])
    department = SelectField(_l("Department"), choices=[])


class MembershipForm(StaffForm):
    department = SelectField(_l("Department"), choices=[])
    since = DateField(_l("From"), [InputRequired(_l("Please enter a date."))])


class LeavingForm(StaffForm):
    until = DateField(
        _l("Belongs there until (this day excluded)"), [InputRequired(_l("Please enter a date."))]
    )


@blueprint.get("/admin/people")
@open_to("people")
def persons() -> str:
    """Everybody on the staff, with search."""
    search, retired = request.args.get("search", "").strip(), "retired" in request.args
    chosen = _one(request.args.get("department", ""))
    found = slice_of(people.persons(search, chosen, retired))
    return render_template(
        "people/persons.html",
        found=found,
        search=search,
        retired=retired,
        chosen=chosen,
        departments=department_rules.listed(),
        places=department_rules.places_of([person.id for person in found.rows]),
    )


@blueprint.route("/admin/people/new", methods=["GET", "POST"])
@open_to("people")
def add_person() -> Any:
    """Add somebody of the staff."""
    form = PersonForm()
    choose(form.department, _departments(), gettext("None"))
    if form.validate_on_submit():
        fields = (form.name.data, form.email.data, form.telephone.data)
        place = _one(form.department.data)
        person = form.take(people.add_person, *fields, me(), clock.now(), place, today())
        if person:
            flash(gettext("%(name)s is added.", name=person.name))
            return redirect(url_for(".person", key=person.id))
    return render_template("people/person_new.html", form=form)


@blueprint.route("/admin/people/<int:key>", methods=["GET", "POST"])
@open_to("people")
def person(key: int) -> Any:
    """One person: what is known of them, where they belong, their account."""
    one = people.person_at(key)
    form = PersonForm(obj=one)
    del form.department
    if form.validate_on_submit():
        fields = (form.name.data, form.email.data, form.telephone.data)
        if form.take(people.change_person, one, *fields, me(), clock.now()):
            flash(gettext("Saved."))
            return redirect(url_for(".person", key=key))
    return _person_page(one, form=form)


@blueprint.post("/admin/people/<int:key>/departments")
@open_to("people")
def join(key: int) -> Any:
    """Let a person belong to a department from a day on."""
    one, form = people.person_at(key), MembershipForm()
    choose(form.department, _departments())
    if form.validate_on_submit():
        place = department_rules.department_at(int(form.department.data))
        if form.take(department_rules.join, one, place, form.since.data, me(), clock.now()):
            flash(gettext("%(name)s now belongs to %(department)s.", name=one.name, department=named(place)))
            return redirect(url_for(".person", key=key))
    return _person_page(one, joining=form)


@blueprint.post("/admin/people/memberships/<int:key>/end")
@open_to("people")
def leave(key: int) -> Any:
    """End a membership on a day."""
    membership, form = department_rules.membership_at(key), LeavingForm(prefix=f"m{key}")
    if form.validate_on_submit() and form.take(
        department_rules.leave, membership, form.until.data, me(), clock.now()
    ):
        flash(gettext("Saved."))
        return redirect(url_for(".person", key=membership.person_id))
    return _person_page(membership.person, leaving=form, which=key)


@blueprint.post("/admin/people/<int:key>/retire")
@open_to("people")
def retire_person(key: int) -> Response:
    """Somebody leaves, or comes back."""
    one = people.person_at(key)
    if one.retired_at is None:
        _try(people.retire_person, one, today(), me(), clock.now())
    else:
        _try(people.restore_person, one, me(), clock.now())
    return redirect(url_for(".person", key=key))


# --- departments -------------------------------------------------------------------------------------


class DepartmentForm(StaffForm):
    name = StringField(_l("Name"), [*needed(), at_most(120)])
    name_en = StringField(_l("Name in English"), [at_most(120)])
    head = SelectField(_l("Head"), choices=[])


@blueprint.get("/admin/departments")
@open_to("departments")
def departments() -> str:
    """All departments with their heads."""
    retired = "retired" in request.args
    found = department_rules.listed(retired)
    sizes = department_rules.sizes()
    return render_template("people/departments.html", found=found, sizes=sizes, retired=retired)


@blueprint.route("/admin/departments/new", methods=["GET", "POST"])
@open_to("departments")
def add_department() -> Any:
    """Add a department."""
    form = DepartmentForm()
    del form.head
    if form.validate_on_submit():
        fields = (form.name.data, form.name_en.data)
        department = form.take(department_rules.add_department, *fields, me(), clock.now())
        if department:
            flash(gettext("%(name)s is added.", name=named(department)))
            return redirect(url_for(".department", key=department.id))
    return render_template("people/department_new.html", form=form)


@blueprint.route("/admin/departments/<int:key>", methods=["GET", "POST"])
@open_to("departments")
def department(key: int) -> Any:
    """One department: its names, its head, its members."""
    one = department_rules.department_at(key)
    members = department_rules.members(one)
    form = DepartmentForm(obj=one, head=str(one.head_id or ""))
    choose(form.head, _heads(one, members), gettext("None"))
    if form.validate_on_submit():
        head = people.person_at(int(form.head.data)) if form.head.data else None
        fields = (form.name.data, form.name_en.data, head)
        if form.take(department_rules.change_department, one, *fields, me(), clock.now()):
            flash(gettext("Saved."))
            return redirect(url_for(".department", key=key))
    return render_template("people/department.html", one=one, form=form, members=members, plain=PlainForm())


@blueprint.post("/admin/departments/<int:key>/retire")
@open_to("departments")
def retire_department(key: int) -> Response:
    """Take a department out of use, or back into it."""
    one = department_rules.department_at(key)
    turn = department_rules.restore_department if one.retired_at else department_rules.retire_department
    _try(turn, one, me(), clock.now())
    return redirect(url_for(".department", key=key))


# --- accounts ----------------------------------------------------------------------------------------


class AccountForm(StaffForm):
    user_name = StringField(_l("User name"), [*needed(), at_most(80)], render_kw={"autocomplete": "off"})
    locale = SelectField(_l("Language of the pages"), choices=dict(LANGUAGES))


class RoleForm(StaffForm):
    role = SelectField(_l("Role"), choices=[])


@blueprint.get("/admin/accounts")
@open_to("accounts")
def accounts() -> str:
    """Who may come in, and as what."""
    search, closed = request.args.get("search", "").strip(), "closed" in request.args
    role = request.args.get("role", "")
    found = slice_of(people.accounts(search, Role(role) if role in list(Role) else None, closed))
    held = {account.id: sorted(permissions.roles_of(account.person)) for account in found.rows}
    return render_template(
        "people/accounts.html",
        found=found,
        held=held,
        search=search,
        role=role,
        closed=closed,
        roles=terms_of(Role),
    )


@blueprint.route("/admin/people/<int:key>/account", methods=["GET", "POST"])
@open_to("accounts")
def open_account(key: int) -> Any:
    """Open an account for a person, and show the one-time link that sets its password."""
    one, form = people.person_at(key), AccountForm()
    if form.validate_on_submit():
        fields = (form.user_name.data, form.locale.data)
        account = form.take(people.open_account, one, *fields, me(), clock.now())
        if account:
            return _link_page(account)
    return render_template("people/account_new.html", one=one, form=form)


@blueprint.get("/admin/accounts/<int:key>")
@open_to("accounts")
def account(key: int) -> str:
    """One account: its roles and their history."""
    return _account_page(people.account_at(key))


@blueprint.post("/admin/accounts/<int:key>/roles")
@open_to("accounts")
def grant(key: int) -> Any:
    """Give a role."""
    one, form = people.account_at(key), RoleForm()
    choose(form.role, terms_of(Role))
    if form.validate_on_submit():
        _try(people.grant, one.person, Role(form.role.data), me(), clock.now())
        return redirect(url_for(".account", key=key))
    return _account_page(one, form)


@blueprint.post("/admin/accounts/<int:key>/roles/<role>/withdraw")
@open_to("accounts")
def withdraw(key: int, role: str) -> Response:
    """Take a role away."""
    one = people.account_at(key)
    if role not in list(Role):
        raise NotFound
    _try(people.withdraw, one.person, Role(role), me(), clock.now())
    return redirect(url_for(".account", key=key))


@blueprint.post("/admin/accounts/<int:key>/link")
@open_to("accounts")
def link(key: int) -> str:
    """Make a new one-time link; older ones die."""
    return _link_page(people.account_at(key))


@blueprint.post("/admin/accounts/<int:key>/close")
@open_to("accounts")
def close(key: int) -> Response:
    """Shut an account at once."""
    _try(people.close_account, people.account_at(key), me(), clock.now())
    return redirect(url_for(".account", key=key))


# --- what these views share --------------------------------------------------------------------------


def _try(verb: Any, *arguments: Any) -> None:
    """Press a button: say that it was done, or why not."""
    try:
        verb(*arguments)
    except Refusal as refusal:
        flash(say(refusal), "bad")
    else:
        flash(gettext("Done, and on record."))


def _person_page(
    one: Person,
    form: PersonForm | None = None,
    joining: MembershipForm | None = None,
    leaving: LeavingForm | None = None,
    which: int = 0,
) -> str:
    if form is None:
        form = PersonForm(formdata=None, obj=one)
        del form.department
    joining = joining or MembershipForm(formdata=None, since=today())
    choose(joining.department, _departments())
    rows = department_rules.memberships(one)
    ends = {row.id: LeavingForm(formdata=None, prefix=f"m{row.id}", until=today()) for row in rows}
    if leaving is not None:
        ends[which] = leaving
    return render_template(
        "people/person.html",
        one=one,
        form=form,
        joining=joining,
        memberships=rows,
        ends=ends,
        account=people.account_of(one),
        plain=PlainForm(formdata=None),
    )


def _account_page(one: Account, form: RoleForm | None = None) -> str:
    held = sorted(permissions.roles_of(one.person))
    form = form or RoleForm(formdata=None)
    choose(form.role, [(code, label) for code, label in terms_of(Role) if Role(code) not in held])
    mine = one.person_id == me().id
    return render_template(
        "people/account.html",
        one=one,
        held=held,
        form=form,
        mine=mine,
        grants=people.grants(one.person),
        plain=PlainForm(formdata=None),
    )


def _link_page(account: Account) -> str:
    """The link is shown on this page only: it is kept nowhere and goes into no address or cookie."""
    token = people.new_welcome_link(account, me(), clock.now())
    address = current_app.config["CSAT"].base_url + url_for("sign_in.welcome", token=token)
    until = clock.now() + people.WELCOME_LASTS
    return render_template("people/link.html", account=account, address=address, until=until)


def _departments() -> list[tuple[str, str]]:
    return [(str(row.id), named(row)) for row in department_rules.listed()]


def _heads(one: Department, members: list[Membership]) -> list[tuple[str, str]]:
    """Who can lead a department: its members of today, and who leads it now."""
    persons = {row.person.id: row.person.name for row in members if row.until is None}
    if one.head is not None:
        persons[one.head.id] = one.head.name
    return [(str(key), name) for key, name in persons.items()]


def _one(key: str) -> Department | None:
    return department_rules.department_at(int(key)) if key.isdecimal() else None
