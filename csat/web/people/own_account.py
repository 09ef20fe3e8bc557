"""One's own account: password and language."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, SelectField
from wtforms.validators import EqualTo

from csat import clock
from csat.adapters import passwords
from csat.procedure.people import accounts, permissions
from csat.procedure.people import sign_in as procedure
from csat.web.access import STAFF, open_to
from csat.web.forms import StaffForm, limit_length, require_input
from csat.web.language import LANGUAGE_CHOICES, switch_language
from csat.web.params import safe_path
from csat.web.people import sign_in

blueprint = Blueprint("own_account", __name__)


class PasswordForm(StaffForm):
    password_now = PasswordField(
        _l("Your password now"), [*require_input(), limit_length(1000)], render_kw={"autocomplete": "current-password"}
    )
    password = PasswordField(
        _l("New password"), [*require_input(), limit_length(1000)], render_kw={"autocomplete": "new-password"}
    )
    password_again = PasswordField(
        _l("New password once more"),
        [EqualTo("password", _l("The two passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )


class LanguageForm(StaffForm):
    language = SelectField(_l("Language of the pages"), choices=dict(LANGUAGE_CHOICES))


@blueprint.get("/account")
@open_to(STAFF)
def show_account() -> str:
    """One's own account."""
    return _render_account(PasswordForm(formdata=None))


@blueprint.post("/account/password")
@open_to(STAFF)
def change_password() -> ResponseReturnValue:
    """Change one's password; every session ends, and a new one begins here."""
    form, mine = PasswordForm(), current_user.account
    if form.validate_on_submit():
        typed = (form.password_now.data, form.password.data)
        token = form.take(procedure.change_password, mine, *typed, passwords, clock.now())
        if token:
            sign_in._start_session(mine, token)
            flash(gettext("Your password is changed. You are signed out everywhere else."))
            return redirect(url_for(".show_account"))
    return _render_account(form)


@blueprint.post("/account/language")
@open_to(STAFF)
def change_language() -> Response:
    """Let one's pages speak another language, from now on."""
    form = LanguageForm()
    if form.validate_on_submit():
        accounts.set_account_locale(current_user.account, form.language.data)
        switch_language(form.language.data)
    return redirect(safe_path(request.form.get("next")) or url_for(".show_account"))


def _render_account(form: PasswordForm) -> str:
    languages = LanguageForm(formdata=None, language=current_user.account.locale)
    held = sorted(permissions.roles_of(current_user.person))
    return render_template("people/own_account.html", form=form, languages=languages, held=held)
