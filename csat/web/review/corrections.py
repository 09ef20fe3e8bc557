"""Corrections of what a colleague recorded: proposed by QA, decided by a second person (P11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from csat import clock
from csat.documents.filled.answers import spoken
from csat.documents.locale_format import Tongue
from csat.models.answers import Response
from csat.models.corrections import CorrectedAnswer, Correction, CorrectionState
from csat.procedure.review import check_calls, corrections, verdicts
from csat.web.access import me, open_to
from csat.web.formatting import zone
from csat.web.forms import StaffForm, at_most
from csat.web.language import locale
from csat.web.pagination import slice_of
from csat.web.questionnaires.answer_form import form_class
from csat.words import N_

blueprint = Blueprint("corrections", __name__, url_prefix="/qa")

CONFIRM, DISAGREE, WITHDRAW = "confirm", "disagree", "withdraw"
SAID = {
    CONFIRM: N_("The record is corrected; figures count the corrected answers from now on."),
    DISAGREE: N_("The record stays as it is."),
    WITHDRAW: N_("The correction is withdrawn."),
}


class CorrectForm(StaffForm):
    """All answers as they should read, and on what evidence."""

    reason = TextAreaField(_l("Reason and evidence"), [at_most(2000)], render_kw={"rows": 3})


class DecideForm(StaffForm):
    note = TextAreaField(_l("Your reason or note"), [at_most(2000)], render_kw={"rows": 2})


@blueprint.get("/corrections")
@open_to("refusals.second")
def index() -> str:
    """Corrections that wait for a second person."""
    return render_template("review/corrections.html", listed=slice_of(corrections.waiting()))


@blueprint.route("/review/<int:key>/correct", methods=["GET", "POST"])
@open_to("review")
def propose(key: int) -> Any:
    """The record as it stands, to be changed where it is wrong."""
    response = verdicts.response_for(me(), key)
    corrections.refuse_proposal(response, me())
    form = form_class(response.version, CorrectForm)(data={"answers": corrections.answers_by_code(response)})
    if request.method == "POST" and form.validate():
        made = form.take(_propose, response, form)
        if made:
            flash(gettext("Proposed. A second person of QA, or the director, decides."))
            return redirect(url_for(".show", key=made.id))
    elif request.method == "GET":
        verdicts.opened(response, me(), clock.now())
    status = 422 if form.errors or form.form_errors else 200
    return _form_page(response, form), status


@blueprint.get("/corrections/<int:key>")
@open_to("refusals.second", "responses.read")
def show(key: int) -> str:
    """What was recorded, what it should read, why, and who decides."""
    found = corrections.correction_for(me(), key)
    verdicts.opened(found.response, me(), clock.now())
    return _page(found, DecideForm(formdata=None))


@blueprint.post("/corrections/<int:key>")
@open_to("refusals.second")
def decide(key: int) -> Any:
    """Confirm, disagree, or take one's own proposal back."""
    found, form = corrections.correction_for(me(), key), DecideForm()
    decision = request.form.get("do", "")
    verbs: dict[str, Callable[..., None]] = {
        CONFIRM: corrections.confirm,
        DISAGREE: corrections.disagree,
        WITHDRAW: corrections.withdraw,
    }
    sound = form.validate_on_submit() and decision in verbs
    if not sound or not form.take(verbs[decision], found, me(), clock.now(), form.note.data or ""):
        return _page(corrections.correction_for(me(), key), form), 422
    flash(gettext(SAID[decision]))
    return redirect(url_for(".show", key=key))


def _propose(response: Response, form: Any) -> Correction:
    return corrections.propose(response, form.answers.data, form.reason.data or "", me(), clock.now())


def _form_page(response: Response, form: Any) -> str:
    call = check_calls.call_of(response)
    return render_template("review/correct.html", response=response, form=form, call=call)


def _page(found: Correction, form: DecideForm) -> str:
    return render_template(
        "review/correction.html",
        correction=found,
        response=found.response,
        rows=[(row.question, *_told(row)) for row in corrections.answers_of(found)],
        form=form,
        waits=found.state == CorrectionState.PROPOSED,
        mine=found.proposed_by_id == me().id,
    )


def _told(row: CorrectedAnswer) -> tuple[str, str]:
    """An answer as it was recorded and as it should read, in words."""
    tongue = Tongue(locale(), zone())
    before, after = corrections.old(row), corrections.new(row)
    return spoken(row.question, before, tongue), spoken(row.question, after, tongue)
