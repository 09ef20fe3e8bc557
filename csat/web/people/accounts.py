"""Accounts, roles, links that set passwords, sessions, second factors: the administrator's pages (D4)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from csat import clock
from csat.models.access import Account
from csat.models.oversight import AccountRequest, RequestKind
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import NotFound, Refusal
from csat.procedure.mail import outbox, survey_mails
from csat.procedure.oversight import password_links, requests
from csat.procedure.people import accounts, factors, permissions, second_person, sessions, welcome_links
from csat.web.access import asks_proof, current_person, open_to
from csat.web.app import current_config
from csat.web.errors import describe_refusal
from csat.web.formatting import list_terms
from csat.web.forms import ButtonForm, StaffForm, limit_length, press_button, require_input, set_choices
from csat.web.language import LANGUAGE_CHOICES
from csat.web.pagination import paginate
from csat.web.params import parse_code
from csat.words import N_

blueprint = Blueprint("accounts", __name__)
WAITS_FOR_SECOND = N_(
    "This takes a second person. The director and the other administrators see it under “Second person”; it is done as "
    "soon as one of them accepts it."
)


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
@asks_proof
def open_account(key: int) -> ResponseReturnValue:
    """Open an account for a person, and send the one-time link that sets its password."""
    one, form = get_or_refuse(Person, key), AccountForm()
    if form.validate_on_submit():
        names = (form.user_name.data, form.locale.data)
        if account := form.take(accounts.open_account, one, *names, current_person(), clock.now()):
            return _send_link(account)
    return render_template("people/account_new.html", one=one, form=form, mails=current_config().mails)


@blueprint.get("/admin/accounts/<int:key>")
@open_to("accounts")
def show_account(key: int) -> str:
    """One account: its roles and their history."""
    return _render_account(get_or_refuse(Account, key))


@blueprint.post("/admin/accounts/<int:key>/roles")
@open_to("accounts")
@asks_proof
def grant_role(key: int) -> ResponseReturnValue:
    """Give a role, or ask for a second person's word."""
    one, form = get_or_refuse(Account, key), RoleForm()
    set_choices(form.role, list_terms(Role))
    if form.validate_on_submit():
        return _ask(requests.grant_role, one, one.person, Role(form.role.data))
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
@asks_proof
def create_welcome_link(key: int) -> ResponseReturnValue:
    """Send the person a new one-time link; older ones die when it leaves."""
    return _send_link(get_or_refuse(Account, key))


@blueprint.post("/admin/accounts/<int:key>/second-factor/remove")
@open_to("accounts")
@asks_proof
def ask_to_remove_factor(key: int) -> Response:
    """Ask that a second factor is taken away whose telephone is lost."""
    one = get_or_refuse(Account, key)
    return _ask(requests.ask_to_remove_factor, one, one)


@blueprint.post("/admin/accounts/<int:key>/requests/<int:which>/withdraw")
@open_to("accounts")
def withdraw_request(key: int, which: int) -> Response:
    """Withdraw what waits for a second person."""
    here = url_for(".show_account", key=key)
    return press_button(requests.withdraw_request, which, current_person(), clock.now(), to=here)


@blueprint.post("/admin/accounts/<int:key>/sessions/end")
@open_to("accounts")
def end_sessions(key: int) -> Response:
    """Sign somebody out everywhere."""
    one, here = get_or_refuse(Account, key), url_for(".show_account", key=key)
    return press_button(sessions.end_all_sessions, one, current_person(), clock.now(), to=here)


@blueprint.post("/admin/accounts/<int:key>/close")
@open_to("accounts")
def close_account(key: int) -> Response:
    """Shut an account at once."""
    one, here = get_or_refuse(Account, key), url_for(".show_account", key=key)
    return press_button(accounts.close_account, one, current_person(), clock.now(), to=here)


def _render_account(one: Account, form: RoleForm | None = None) -> str:
    held, now = sorted(permissions.roles_of(one.person)), clock.now()
    form = form or RoleForm(formdata=None)
    set_choices(form.role, [(code, label) for code, label in list_terms(Role) if Role(code) not in held])
    return render_template(
        "people/account.html",
        one=one,
        held=held,
        form=form,
        mine=one.person_id == current_person().id,
        grants=accounts.list_role_grants(one.person),
        factor=factors.find_factor(one),
        demanded=bool(factors.list_demanding_roles() & set(held)),
        sessions=sessions.list_sessions(one, now),
        waiting=[row for row in requests.list_open(one.person, now) if row.kind != RequestKind.ADDRESS],
        guarded=second_person.needs_second_person(current_person()),
        powerful=sorted(second_person.POWERFUL_ROLES),
        mails=current_config().mails,
        mailed=password_links.find_last_mail(one),
        plain=ButtonForm(formdata=None),
    )


def _ask(verb: Callable[..., AccountRequest | None], account: Account, *what: object) -> Response:
    """Do something, or hear that it waits for a second person."""
    try:
        waits = verb(*what, current_person(), clock.now())
    except Refusal as refusal:
        flash(describe_refusal(refusal), "bad")
    else:
        flash(gettext(WAITS_FOR_SECOND) if waits else gettext("Done, and on record."))
    return redirect(url_for(".show_account", key=account.id))


def _send_link(account: Account) -> ResponseReturnValue:
    """Mail the link to the person; only where no mail server is set up it is displayed, on one page, once."""
    by, now, mails = current_person(), clock.now(), current_config().mails
    here = url_for(".show_account", key=account.id)
    try:
        if requests.send_link(account, by, now, mails):
            flash(gettext(WAITS_FOR_SECOND))
            return redirect(here)
        if not mails:
            return _render_link(account, requests.display_link(account, by, now, mails))
    except Refusal as refusal:
        flash(describe_refusal(refusal), "bad")
        return redirect(here)
    outbox.queue_sending(by, now)
    flash(
        gettext(
            "The link goes to %(email)s. It works once, for three days from when it leaves.", email=account.person.email
        )
    )
    return redirect(here)


def _render_link(account: Account, token: str) -> str:
    """The link is shown on this page only: it is kept nowhere and goes into no address or cookie."""
    address = current_config().base_url + url_for("sign_in.set_first_password", token=token)
    until = clock.now() + welcome_links.WELCOME_LASTS
    return render_template("people/link.html", account=account, address=address, until=until)
