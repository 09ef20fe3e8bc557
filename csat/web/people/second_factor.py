"""One's own second factor: learned by a telephone from a QR code or by hand, replaced, given up (D4)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import HiddenField

from csat import clock
from csat.adapters import qrcode
from csat.procedure.people import factors
from csat.web.access import STAFF, FactorRequired, asks_proof, before_factor, open_to
from csat.web.formatting import provider_name
from csat.web.forms import ButtonForm, StaffForm, press_button
from csat.web.people.codes import current_codes
from csat.web.people.resubmission import HeldSubmission
from csat.web.people.sign_in import build_code_field

blueprint = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")


class BeginForm(StaffForm):
    kept = HiddenField()


class FirstCodeForm(StaffForm):
    code = build_code_field(_l("Code that the telephone shows"))
    kept = HiddenField()


@blueprint.app_errorhandler(FactorRequired)
def lead_to_factor(_: FactorRequired) -> ResponseReturnValue:
    """Whose roles need a second factor sets it up first; what was sent comes along."""
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("second_factor.show_factor"))
    typed = HeldSubmission.of(request)
    return _render_factor(BeginForm(formdata=None, kept=str(typed) if typed else "")), 401


@blueprint.get("/")
@open_to(STAFF)
@before_factor
def show_factor() -> str:
    """Whether there is one, and what can be done."""
    return _render_factor(BeginForm(formdata=None))


@blueprint.post("/begin")
@open_to(STAFF)
@before_factor
@asks_proof
def begin_factor() -> str:
    """Show what the telephone is to learn, and ask for its first code."""
    factors.begin_factor(current_user.account, current_codes())
    return _render_learning(FirstCodeForm(formdata=None, kept=BeginForm().kept.data or ""))


@blueprint.post("/confirm")
@open_to(STAFF)
@before_factor
def confirm_factor() -> ResponseReturnValue:
    """Take the first code; show the recovery codes, once."""
    form, mine = FirstCodeForm(), current_user.account
    if not factors.find_waiting_secret(mine):
        return redirect(url_for(".show_factor"))
    typed = (mine, form.code.data or "", current_codes(), clock.now())
    if form.validate_on_submit() and (made := form.take(factors.confirm_factor, *typed)):
        return _render_recovery(made, HeldSubmission.parse(form.kept.data or ""))
    return _render_learning(form), 422


@blueprint.post("/recovery-codes")
@open_to(STAFF)
@asks_proof
def renew_recovery_codes() -> str:
    """New recovery codes in the place of the old ones."""
    return _render_recovery(factors.renew_recovery_codes(current_user.account, clock.now()), None)


@blueprint.post("/remove")
@open_to(STAFF)
@asks_proof
def remove_factor() -> Response:
    """Do without from now on."""
    return press_button(factors.remove_own_factor, current_user.account, clock.now(), to=url_for(".show_factor"))


def _render_factor(form: BeginForm) -> str:
    mine = current_user.account
    demanded = bool(current_user.roles & factors.list_demanding_roles())
    factor = factors.find_factor(mine)
    if demanded and factor is None and request.method == "GET":
        flash(
            gettext("Your roles need a second factor. Please set it up now; everything else opens afterwards."), "bad"
        )
    values = {"factor": factor, "demanded": demanded, "left": factors.count_recovery_codes(mine)}
    return render_template("people/second_factor.html", form=form, plain=ButtonForm(formdata=None), **values)


def _render_learning(form: FirstCodeForm) -> str:
    codes, mine = current_codes(), current_user.account
    waiting = factors.find_waiting_secret(mine)
    secret = codes.read_secret(waiting)
    address = codes.build_address(waiting, mine.user_name, provider_name() or "CSAT")
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return render_template(
        "people/second_factor_new.html", form=form, secret=groups, picture=qrcode.make_data_uri(address)
    )


def _render_recovery(made: list[str], typed: HeldSubmission | None) -> str:
    return render_template("people/recovery_codes.html", made=made, typed=typed)
