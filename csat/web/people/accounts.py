"""Accounts, roles and welcome links: the administrator's pages (D4)."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from csat import clock
from csat.models.access import Account
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import NotFound
from csat.procedure.mail import survey_mails
from csat.procedure.people import accounts, permissions, sessions
from csat.web.access import current_person, open_to
from csat.web.app import current_config
from csat.web.formatting import list_terms
from csat.web.forms import ButtonForm, StaffForm, limit_length, press_button, require_input, set_choices
from csat.web.language import LANGUAGE_CHOICES
from csat.web.pagination import paginate
from csat.web.params import parse_code

blueprint = Blueprint("accounts", __name__)


class AccountForm(StaffForm):
    user_name = StringField(_l("User name"), [*require_input(), limit_length(80)], render_kw={"autocomplete": "off"})
    locale = SelectField(_l("Language of the pages"), choices=dict(LANGUAGE_CHOICES))


class RoleForm(StaffForm):
    role = SelectField(_l("Role"), choices=[])


@blueprint.get("/admin/accounts")
@open_to("accounts")
def list_accounts() -> str:
    """Who may come in, and as what."""
    search, closed = request.args.get("search", "").strip(), "closed" in request.args
    role = parse_code(Role, "role")
    found = paginate(accounts.search_accounts(search, role, closed))
    held = {account.id: sorted(permissions.roles_of(account.person)) for account in found.rows}
    return render_template(
        "people/accounts.html",
        found=found,
        held=held,
        search=search,
        role=role or "",
        closed=closed,
        roles=list_terms(Role),
        propose_mails=survey_mails.get_first_day() is None,
    )


@blueprint.route("/admin/people/<int:key>/account", methods=["GET", "POST"])
@open_to("accounts")
def open_account(key: int) -> str:
    """Open an account for a person, and show the one-time link that sets its password."""
    one, form = get_or_refuse(Person, key), AccountForm()
    if form.validate_on_submit():
        names = (form.user_name.data, form.locale.data)
        if account := form.take(accounts.open_account, one, *names, current_person(), clock.now()):
            return _render_welcome_link(account)
    return render_template("people/account_new.html", one=one, form=form)


@blueprint.get("/admin/accounts/<int:key>")
@open_to("accounts")
def show_account(key: int) -> str:
    """One account: its roles and their history."""
    return _render_account(get_or_refuse(Account, key))


@blueprint.post("/admin/accounts/<int:key>/roles")
@open_to("accounts")
def grant_role(key: int) -> ResponseReturnValue:
    """Give a role."""
    one, form = get_or_refuse(Account, key), RoleForm()
    set_choices(form.role, list_terms(Role))
    if form.validate_on_submit():
        granted = (one.person, Role(form.role.data), current_person(), clock.now())
        return press_button(accounts.grant_role, *granted, to=url_for(".show_account", key=key))
    return _render_account(one, form)


@blueprint.post("/admin/accounts/<int:key>/roles/<role>/withdraw")
@open_to("accounts")
def withdraw_role(key: int, role: str) -> Response:
    """Take a role away."""
    one = get_or_refuse(Account, key)
    if role not in list(Role):
        raise NotFound
    withdrawn = (one.person, Role(role), current_person(), clock.now())
    return press_button(accounts.withdraw_role, *withdrawn, to=url_for(".show_account", key=key))


@blueprint.post("/admin/accounts/<int:key>/link")
@open_to("accounts")
def create_welcome_link(key: int) -> str:
    """Make a new one-time link; older ones die."""
    return _render_welcome_link(get_or_refuse(Account, key))


@blueprint.post("/admin/accounts/<int:key>/close")
@open_to("accounts")
def close_account(key: int) -> Response:
    """Shut an account at once."""
    one, here = get_or_refuse(Account, key), url_for(".show_account", key=key)
    return press_button(accounts.close_account, one, current_person(), clock.now(), to=here)


def _render_account(one: Account, form: RoleForm | None = None) -> str:
    held = sorted(permissions.roles_of(one.person))
    form = form or RoleForm(formdata=None)
    set_choices(form.role, [(code, label) for code, label in list_terms(Role) if Role(code) not in held])
    return render_template(
        "people/account.html",
        one=one,
        held=held,
        form=form,
        mine=one.person_id == current_person().id,
        grants=accounts.list_role_grants(one.person),
        plain=ButtonForm(formdata=None),
    )


def _render_welcome_link(account: Account) -> str:
    """The link is shown on this page only: it is kept nowhere and goes into no address or cookie."""
    token = sessions.make_welcome_link(account, current_person(), clock.now())
    address = current_config().base_url + url_for("sign_in.set_first_password", token=token)
    until = clock.now() + sessions.WELCOME_LASTS
    return render_template("people/link.html", account=account, address=address, until=until)
