"""Coming in and going out: sign-in, with a code where there is a second factor; the one-time welcome."""

from __future__ import annotations

import secrets

from flask import Blueprint, current_app, flash, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_user, logout_user
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo

from csat import clock
from csat.adapters import passwords
from csat.models.access import Account
from csat.procedure.core import tokens
from csat.procedure.core.refusals import Refusal, SignInThrottled
from csat.procedure.people import accounts, permissions, sessions, welcome_links
from csat.procedure.people import sign_in as procedure
from csat.procedure.people.sign_in import SignedIn
from csat.procedure.people.throttling import SignInAttempt
from csat.web.access import (
    ANYONE,
    MAX_STAFF_BYTES,
    STAFF,
    CsrfTokenMissing,
    SignedInUser,
    SignInRequired,
    before_factor,
    open_to,
)
from csat.web.app import current_config
from csat.web.forms import StaffForm, limit_length, require_input
from csat.web.language import LANGUAGE_CHOICES, switch_language
from csat.web.params import client_network, safe_path
from csat.web.people.codes import current_codes
from csat.web.people.origin import current_origin
from csat.web.people.resubmission import HeldSubmission, is_holding, sign_holding

blueprint = Blueprint("sign_in", __name__)
TICKET_SECONDS = 600  # to fetch the telephone
KNOWN_BROWSER_SECONDS = 180 * 24 * 3600  # half a year: longer than most are away


def build_password_field(label: object, purpose: str = "new-password") -> PasswordField:
    """A field for a password; its purpose, in HTML's words, tells a password manager what to do."""
    return PasswordField(label, [*require_input(), limit_length(1000)], render_kw={"autocomplete": purpose})


def build_repeated_password_field(label: object) -> PasswordField:
    """A field that must say the same as `password`: nobody sees what they typed there."""
    same = EqualTo("password", _l("The two passwords differ."))
    return PasswordField(label, [same], render_kw={"autocomplete": "new-password"})


def build_code_field(label: object) -> StringField:
    """A field for a code of the second factor: telephones offer digits, and a recovery code fits too."""
    look = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "inputmode": "text"}
    return StringField(label, [*require_input(), limit_length(60)], render_kw=look)


class SignInForm(StaffForm):
    user_name = StringField(
        _l("User name"),
        [*require_input(), limit_length(200)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = build_password_field(_l("Password"), "current-password")
    kept = HiddenField()


@blueprint.route("/sign-in", methods=["GET", "POST"])
@open_to(ANYONE)
def sign_in() -> ResponseReturnValue:
    """Ask for user name and password; go on to where the reader was going."""
    if is_holding(request.args.get("kept", "")):  # before the body is read
        request.max_content_length = MAX_STAFF_BYTES
    form = SignInForm()
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(_next_url())
    if not form.validate_on_submit():
        return _render_sign_in(form)
    door = SignInAttempt(form.user_name.data, client_network(), _known_browser(form.user_name.data))
    try:
        come = procedure.sign_in(door, form.password.data, passwords, clock.now(), current_origin())
    except Refusal as refusal:
        form.object_to(refusal)
        return _render_sign_in(form, 429 if isinstance(refusal, SignInThrottled) else 422)
    return _let_in(come, form.kept.data or "", _next_url())


class CodeForm(StaffForm):
    code = build_code_field(_l("Sign-in code"))
    ticket = HiddenField()
    kept = HiddenField()


@blueprint.post("/sign-in/code")
@open_to(ANYONE)
def enter_code() -> ResponseReturnValue:
    """Take the code of the second factor, within minutes after the password was right."""
    if is_holding(request.args.get("kept", "")):
        request.max_content_length = MAX_STAFF_BYTES
    form = CodeForm()
    account = _read_ticket(form.ticket.data or "")
    if account is None:
        flash(gettext("That took too long. Please sign in once more."), "bad")
        return redirect(url_for(".sign_in", next=safe_path(request.args.get("next")) or None))
    if not form.validate_on_submit():
        return _render_code(form)
    try:
        come = procedure.sign_in_with_code(account, form.code.data, current_codes(), clock.now(), current_origin())
    except Refusal as refusal:
        form.object_to(refusal)
        return _render_code(form, 429 if isinstance(refusal, SignInThrottled) else 422)
    return _let_in(come, form.kept.data or "", _next_url())


def _let_in(come: SignedIn, kept: str, where: str) -> ResponseReturnValue:
    """Begin the browser's session and go on, or ask for the code that is missing."""
    if not come.token:
        form = CodeForm(formdata=None, ticket=_write_ticket(come.account), kept=kept)
        return _render_code(form, 200, where)
    start_session(come.account, come.token)
    typed = HeldSubmission.parse(kept)
    return _remember_browser(make_response(render_resubmission(typed) if typed else redirect(where)), come.account)


@blueprint.app_errorhandler(SignInRequired)
def redirect_to_sign_in(_: SignInRequired) -> ResponseReturnValue:
    """Lead to the sign-in; what was being sent comes along."""
    if request.method in ("GET", "HEAD"):
        here = request.full_path.rstrip("?")
        return redirect(url_for("sign_in.sign_in", next=here if here != "/" else None))
    form = SignInForm(formdata=None)
    typed = HeldSubmission.of(request)
    form.kept.data = str(typed) if typed else ""
    return _render_sign_in(form, 401)


@blueprint.app_errorhandler(CsrfTokenMissing)
def offer_resubmission(_: CsrfTokenMissing) -> ResponseReturnValue:
    """Show what was sent without our token, and let the reader send it."""
    typed = HeldSubmission.of(request)
    return (render_resubmission(typed), 422) if typed else (render_template("people/resubmit_refused.html"), 400)


@blueprint.post("/sign-out")
@before_factor
@open_to(STAFF)
def sign_out() -> Response:
    """End every session of the account."""
    sessions.sign_out(current_user.account, clock.now())
    logout_user()
    session.clear()
    return redirect(url_for("sign_in.sign_in"))


class WelcomeForm(StaffForm):
    password = build_password_field(_l("Your new password"))
    password_again = build_repeated_password_field(_l("Once more"))


@blueprint.route("/welcome/<token>", methods=["GET", "POST"])
@open_to(ANYONE)
def set_first_password(token: str) -> ResponseReturnValue:
    """Set a password by a one-time link. Looking at the page spends nothing."""
    link = welcome_links.find_welcome_link(token, clock.now())
    form = WelcomeForm()
    typed = (token, form.password.data, passwords)
    when = (clock.now(), current_origin())
    if form.validate_on_submit() and (come := form.take(procedure.accept_welcome_link, *typed, *when)):
        return _let_in(come, "", url_for("home.open_start_page"))
    values = {"link": link, "account": link.account, "languages": LANGUAGE_CHOICES}
    return render_template("people/welcome.html", form=form, **values)


def _render_sign_in(form: SignInForm, status: int = 200) -> tuple[str, int]:
    where = safe_path(request.args.get("next")) or None
    kept = sign_holding() if form.kept.data else None
    return render_template("people/sign_in.html", form=form, next=where, kept=kept, languages=LANGUAGE_CHOICES), status


def _render_code(form: CodeForm, status: int = 200, where: str = "") -> tuple[str, int]:
    kept = sign_holding() if form.kept.data else None
    return render_template("people/code.html", form=form, next=where or _next_url(), kept=kept), status


def render_resubmission(typed: HeldSubmission, proved: bool = False) -> str:
    """What was sent before somebody was known well enough, to be sent again by them alone."""
    return render_template("people/resubmit.html", typed=typed, proved=proved)


def start_session(account: Account, token: str) -> None:
    """Make this browser the one that holds the session; nothing of the visitor before remains."""
    session.clear()
    g.pop("csrf_token", None)  # made for the session that was
    begun = sessions.find_session(token, clock.now())
    if begun is None:
        raise SignInRequired
    login_user(SignedInUser(begun, token, account, account.person, permissions.roles_of(account.person)))
    g.signed_in = True
    switch_language(account.locale)


def _next_url() -> str:
    return safe_path(request.args.get("next")) or url_for("home.open_start_page")


def _ticket_signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="csat password was right")


def _write_ticket(account: Account) -> str:
    """Our word that the password was right, for who brings the code: of this account, with this password."""
    return _ticket_signer().dumps([account.id, tokens.hash_token(account.password_hash or "")])


def _read_ticket(ticket: str) -> Account | None:
    try:
        key, fingerprint = _ticket_signer().loads(ticket, max_age=TICKET_SECONDS)
    except (BadData, ValueError, TypeError):
        return None
    account = Account.get_or_none(Account.id == key, Account.closed_at.is_null())
    known = account is not None and tokens.hash_token(account.password_hash or "") == fingerprint
    return account if known else None


def _cookie_signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="csat known browser")


def _cookie_name() -> str:
    return "__Host-csat-known" if current_config().secure else "csat-known"


def _known_browser(user_name: str) -> str:
    """The mark this browser got when this user name signed in here, or ''."""
    try:
        owner, mark = _cookie_signer().loads(request.cookies.get(_cookie_name(), ""), max_age=KNOWN_BROWSER_SECONDS)
    except (BadData, ValueError, TypeError):
        return ""
    return f"{owner}:{mark}" if owner == accounts.normalise_user_name(user_name) else ""


def _remember_browser(response: Response, account: Account) -> Response:
    if not _known_browser(account.user_name):
        response.set_cookie(
            _cookie_name(),
            _cookie_signer().dumps([account.user_name, secrets.token_urlsafe(12)]),
            max_age=KNOWN_BROWSER_SECONDS,
            secure=current_config().secure,
            httponly=True,
            samesite="Lax",
        )
    return response
