"""Before a dangerous act: password, or code of the second factor, once more, if the last proof is old (D4)."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import HiddenField

from csat import clock
from csat.adapters import passwords
from csat.procedure.core.refusals import Refusal
from csat.procedure.people import factors, sign_in
from csat.web.access import STAFF, ProofRequired, before_factor, open_to
from csat.web.forms import StaffForm
from csat.web.people.codes import current_codes
from csat.web.people.resubmission import HeldSubmission
from csat.web.people.sign_in import build_code_field, build_password_field, render_resubmission

blueprint = Blueprint("proof", __name__)


class PasswordProofForm(StaffForm):
    proof_password = build_password_field(_l("Password"), "current-password")
    kept = HiddenField()


class CodeProofForm(StaffForm):
    code = build_code_field(_l("Sign-in code"))
    kept = HiddenField()


@blueprint.app_errorhandler(ProofRequired)
def ask_for_proof(_: ProofRequired) -> ResponseReturnValue:
    """Ask who is there, and keep what was sent."""
    form = _make_form()
    typed = HeldSubmission.of(request)
    form.kept.data = str(typed) if typed else ""
    return _render_proof(form, 401)


@blueprint.post("/account/proof")
@open_to(STAFF)
@before_factor
def give_proof() -> ResponseReturnValue:
    """Take the proof, and offer to send what was kept."""
    form = _make_form(sent=True)
    if not form.validate_on_submit():
        return _render_proof(form, 422)
    session, now = current_user.session, clock.now()
    try:
        if isinstance(form, CodeProofForm):
            sign_in.prove_by_code(session, form.code.data, current_codes(), now)
        else:
            sign_in.prove_by_password(session, form.proof_password.data, passwords, now)
    except Refusal as refusal:
        form.object_to(refusal)
        return _render_proof(form, 422)
    typed = HeldSubmission.parse(form.kept.data or "")
    return render_resubmission(typed, proved=True) if typed else _go_home()


def _make_form(sent: bool = False) -> PasswordProofForm | CodeProofForm:
    """By a code where there is a second factor: it proves more, and a watched keyboard gives nothing away."""
    kind = PasswordProofForm if factors.find_factor(current_user.account) is None else CodeProofForm
    return kind() if sent else kind(formdata=None)


def _render_proof(form: PasswordProofForm | CodeProofForm, status: int) -> tuple[str, int]:
    return render_template("people/proof.html", form=form, by_code=isinstance(form, CodeProofForm)), status


def _go_home() -> Response:
    return redirect(url_for("home.open_start_page"))
