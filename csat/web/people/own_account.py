"""One's own account: password, language, where one is signed in, what happened to it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import SelectField

from csat import clock
from csat.adapters import passwords
from csat.documents.mail.values import describe_notice
from csat.models.oversight import RequestKind
from csat.procedure.oversight import requests
from csat.procedure.people import accounts, factors, notices, permissions, sessions
from csat.procedure.people import sign_in as procedure
from csat.web.access import STAFF, asks_proof, before_factor, current_person, open_to
from csat.web.formatting import reader_format
from csat.web.forms import ButtonForm, StaffForm, press_button, submit
from csat.web.language import LANGUAGE_CHOICES, switch_language
from csat.web.oversight import approvals
from csat.web.params import safe_path
from csat.web.people.origin import current_origin
from csat.web.people.sign_in import build_password_field, build_repeated_password_field, start_session

blueprint = Blueprint("own_account", __name__)


class PasswordForm(StaffForm):
    password_now = build_password_field(_l("Your password now"), "current-password")
    password = build_password_field(_l("New password"))
    password_again = build_repeated_password_field(_l("New password once more"))


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

    def change() -> None:
        typed = (form.password_now.data, form.password.data)
        start_session(mine, procedure.change_password(mine, *typed, passwords, clock.now(), current_origin()))

    said = gettext("Your password is changed. You are signed out everywhere else.")
    return submit(form, change, said, url_for(".show_account")) or _render_account(form)


@blueprint.post("/account/sessions/<int:key>/end")
@open_to(STAFF)
def end_session(key: int) -> Response:
    """End one of one's own sign-ins."""
    mine = current_user.account
    return press_button(sessions.end_session, mine, key, current_person(), clock.now(), to=url_for(".show_account"))


@blueprint.post("/account/notices/<int:key>/read")
@open_to(STAFF)
def read_notice(key: int) -> Response:
    """Say that one knows of what happened."""
    notices.mark_notice_read(current_person(), key, clock.now())
    return redirect(url_for(".show_account"))


@blueprint.post("/account/requests/<int:key>")
@open_to(STAFF)
@asks_proof
def decide_own_address(key: int) -> Response:
    """Accept or refuse a new e-mail address that an administrator wants to enter for oneself."""
    return approvals.press_decision(key, url_for(".show_account"))


@blueprint.post("/account/language")
@open_to(STAFF)
@before_factor
def change_language() -> Response:
    """Let one's pages speak another language, from now on."""
    form = LanguageForm()
    if form.validate_on_submit():
        accounts.set_account_locale(current_user.account, form.language.data)
        switch_language(form.language.data)
    return redirect(safe_path(request.form.get("next")) or url_for(".show_account"))


def _render_account(form: PasswordForm) -> str:
    languages = LanguageForm(formdata=None, language=current_user.account.locale)
    mine, me, now = current_user.account, current_person(), clock.now()
    return render_template(
        "people/own_account.html",
        form=form,
        languages=languages,
        held=sorted(permissions.roles_of(me)),
        factor=factors.find_factor(mine),
        sessions=sessions.list_sessions(mine, now),
        news=[(one, describe_notice(one, reader_format())) for one in notices.list_latest_notices(me)],
        addresses=[
            one for one in requests.list_open(me, now) if one.kind == RequestKind.ADDRESS and one.asked_by != me
        ],
        plain=ButtonForm(formdata=None),
    )
