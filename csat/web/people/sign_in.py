"""Coming in and going out: sign-in, the one-time welcome, one's own account."""

from __future__ import annotations

import secrets
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_user, logout_user
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo

from csat import clock
from csat.adapters import passwords
from csat.models.access import Account
from csat.procedure.core.refusals import Refusal, SignInThrottled
from csat.procedure.people import people, permissions
from csat.procedure.people import sign_in as procedure
from csat.web.access import ANYONE, STAFF, SendAgain, SignedIn, SignInFirst, open_to
from csat.web.forms import StaffForm, at_most, needed
from csat.web.language import speak
from csat.web.people.resubmission import Typed, safe_path

blueprint = Blueprint("sign_in", __name__)

LANGUAGES = (("zh", "中文"), ("en", "English"))
KNOWN_FOR = 180 * 24 * 3600


class SignInForm(StaffForm):
    user_name = StringField(
        _l("User name"),
        [*needed(), at_most(200)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"), [*needed(), at_most(1000)], render_kw={"autocomplete": "current-password"}
    )
    kept = HiddenField()


@blueprint.route("/sign-in", methods=["GET", "POST"])
@open_to(ANYONE)
def sign_in() -> Any:
    """Ask for user name and password; go on to where the reader was going."""
    form = SignInForm()
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(_next())
    if not form.validate_on_submit():
        return _sign_in_page(form)
    door = procedure.Door(form.user_name.data, _address(), _known_browser(form.user_name.data))
    try:
        account, token = procedure.sign_in(door, form.password.data, passwords, clock.now())
    except Refusal as refusal:
        form.object_to(refusal)
        return _sign_in_page(form, 429 if isinstance(refusal, SignInThrottled) else 422)
    _let_in(account, token)
    typed = Typed.parse(form.kept.data or "")
    return _known(make_response(_send_again_page(typed) if typed else redirect(_next())), account)


@blueprint.app_errorhandler(SignInFirst)
def sign_in_first(_: SignInFirst) -> Any:
    """Lead to the sign-in; what was being sent comes along."""
    if request.method in ("GET", "HEAD"):
        here = request.full_path.rstrip("?")
        return redirect(url_for("sign_in.sign_in", next=here if here != "/" else None))
    form = SignInForm(formdata=None)
    typed = Typed.of(request)
    form.kept.data = str(typed) if typed else ""
    return _sign_in_page(form, 401)


@blueprint.app_errorhandler(SendAgain)
def send_again(_: SendAgain) -> Any:
    """Show what was sent without our token, and let the reader send it."""
    typed = Typed.of(request)
    return (_send_again_page(typed), 422) if typed else (render_template("people/resubmit_refused.html"), 400)


@blueprint.post("/sign-out")
@open_to(STAFF)
def sign_out() -> Response:
    """End every session of the account."""
    people.sign_out(current_user.account, clock.now())
    logout_user()
    session.clear()
    return redirect(url_for("sign_in.sign_in"))


class PasswordForm(StaffForm):
    password_now = PasswordField(
        _l("Your password now"), [*needed(), at_most(1000)], render_kw={"autocomplete": "current-password"}
    )
    password = PasswordField(
        _l("New password"), [*needed(), at_most(1000)], render_kw={"autocomplete": "new-password"}
    )
    password_again = PasswordField(
        _l("New password once more"),
        [EqualTo("password", _l("The two passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )


class LanguageForm(StaffForm):
    language = SelectField(_l("Language of the pages"), choices=dict(LANGUAGES))


@blueprint.get("/account")
@open_to(STAFF)
def account() -> str:
    """One's own account."""
    return _account_page(PasswordForm(formdata=None))


@blueprint.post("/account/password")
@open_to(STAFF)
def change_password() -> Any:
    """Change one's password; every session ends, and a new one begins here."""
    form, mine = PasswordForm(), current_user.account
    if form.validate_on_submit():
        typed = (form.password_now.data, form.password.data)
        token = form.take(procedure.change_password, mine, *typed, passwords, clock.now())
        if token:
            _let_in(mine, token)
            flash(gettext("Your password is changed. You are signed out everywhere else."))
            return redirect(url_for(".account"))
    return _account_page(form)


@blueprint.post("/account/language")
@open_to(STAFF)
def language() -> Response:
    """Let one's pages speak another language, from now on."""
    form = LanguageForm()
    if form.validate_on_submit():
        people.speak(current_user.account, form.language.data)
        speak(form.language.data)
    return redirect(safe_path(request.form.get("next")) or url_for(".account"))


class WelcomeForm(StaffForm):
    password = PasswordField(
        _l("Your new password"), [*needed(), at_most(1000)], render_kw={"autocomplete": "new-password"}
    )
    password_again = PasswordField(
        _l("Once more"),
        [EqualTo("password", _l("The two passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )


@blueprint.route("/welcome/<token>", methods=["GET", "POST"])
@open_to(ANYONE)
def welcome(token: str) -> Any:
    """Set a password by a one-time link. Looking at the page spends nothing."""
    invited = people.welcomed(token, clock.now())
    form = WelcomeForm()
    if form.validate_on_submit():
        fresh = form.take(procedure.welcome, token, form.password.data, passwords, clock.now())
        if fresh:
            _let_in(invited, fresh)
            return _known(redirect(url_for("home.index")), invited)
    return render_template("people/welcome.html", form=form, account=invited, languages=LANGUAGES)


# --- what these views share --------------------------------------------------------------------------


def _sign_in_page(form: SignInForm, status: int = 200) -> tuple[str, int]:
    where = safe_path(request.args.get("next"))
    page = render_template("people/sign_in.html", form=form, next=where or None, languages=LANGUAGES)
    return page, status


def _send_again_page(typed: Typed) -> str:
    return render_template("people/resubmit.html", typed=typed)


def _account_page(form: PasswordForm) -> str:
    languages = LanguageForm(formdata=None, language=current_user.account.locale)
    held = sorted(permissions.roles_of(current_user.person))
    return render_template("people/own_account.html", form=form, languages=languages, held=held)


def _let_in(account: Account, token: str) -> None:
    """Make this browser the one that holds the session; nothing of the visitor before remains."""
    session.clear()
    g.pop("csrf_token", None)
    login_user(SignedIn(token, account, account.person, permissions.roles_of(account.person)))
    g.signed_in = True
    speak(account.locale)


def _next() -> str:
    return safe_path(request.args.get("next")) or url_for("home.index")


def _address() -> str:
    """The reader's address; of IPv6 the network, since a machine has millions of addresses in it."""
    address = ip_address(request.remote_addr or 0)
    return str(ip_network(f"{address}/64", strict=False) if isinstance(address, IPv6Address) else address)


# --- browsers that signed in before: strangers cannot keep them waiting ------------------------------


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="csat known browser")


def _cookie() -> str:
    return "__Host-csat-known" if current_app.config["CSAT"].secure else "csat-known"


def _known_browser(user_name: str) -> str:
    """The mark this browser got when this user name signed in here, or ''."""
    try:
        owner, mark = _signer().loads(request.cookies.get(_cookie(), ""), max_age=KNOWN_FOR)
    except (BadData, ValueError, TypeError):
        return ""
    return f"{owner}:{mark}" if owner == people.plain(user_name) else ""


def _known(response: Response, account: Account) -> Response:
    if not _known_browser(account.user_name):
        response.set_cookie(
            _cookie(),
            _signer().dumps([account.user_name, secrets.token_urlsafe(12)]),
            max_age=KNOWN_FOR,
            secure=current_app.config["CSAT"].secure,
            httponly=True,
            samesite="Lax",
        )
    return response
