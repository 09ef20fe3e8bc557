"""Corrections of what a colleague recorded: proposed by QA, decided by a second person (P11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from csat import clock
from csat.documents.filled.answers import format_answer
from csat.models.corrections import CorrectedAnswer, Correction, CorrectionState
from csat.models.people import Person
from csat.procedure.review import check_calls, corrections, verdicts
from csat.procedure.survey import refusal_corrections
from csat.web.access import current_person, open_to
from csat.web.formatting import reader_format
from csat.web.forms import StaffForm, limit_length, render_form, submit
from csat.web.pagination import paginate
from csat.web.questionnaires.answer_form import SpokenAnswersField, build_form_class
from csat.words import N_

blueprint = Blueprint("corrections", __name__, url_prefix="/qa")

DECISIONS: dict[str, tuple[Callable[[Correction, Person, datetime, str], None], str]] = {  # and what is said then
    "confirm": (
        corrections.confirm_correction,
        N_("The record is corrected; figures count the corrected answers from now on."),
    ),
    "disagree": (corrections.reject_correction, N_("The record stays as it is.")),
    "withdraw": (corrections.withdraw_correction, N_("The correction is withdrawn.")),
}


class CorrectionForm(StaffForm):
    """All answers as they should read, and on what evidence."""

    reason = TextAreaField(_l("Reason and evidence"), [limit_length(2000)], render_kw={"rows": 3})
    answers: SpokenAnswersField


class DecisionForm(StaffForm):
    note = TextAreaField(_l("Your reason or note"), [limit_length(2000)], render_kw={"rows": 2})


@blueprint.get("/corrections")
@open_to("refusals.second")
def list_corrections() -> str:
    """Corrections that wait for a second person: of records, and of refusals."""
    return render_template(
        "review/corrections.html",
        listed=paginate(corrections.list_waiting_corrections()),
        refusals=list(refusal_corrections.select_waiting()),
    )


@blueprint.route("/review/<int:key>/correct", methods=["GET", "POST"])
@open_to("review")
def propose_correction(key: int) -> ResponseReturnValue:
    """The record as it stands, to be changed where it is wrong."""
    response = verdicts.response_for(current_person(), key)
    corrections.refuse_proposal(response, current_person())
    form_class = build_form_class(response.version, CorrectionForm, SpokenAnswersField)
    form = form_class(data={"answers": corrections.answers_by_code(response)})
    if request.method == "GET":
        verdicts.record_opening(response, current_person(), clock.now())
    reason = form.reason.data or ""
    done = submit(
        form,
        lambda: corrections.propose_correction(response, form.answers.data, reason, current_person(), clock.now()),
        said=gettext("Proposed. A second person of QA, or the director, decides."),
        to=lambda made: url_for(".show_correction", key=made.id),
    )
    call = check_calls.find_check_call(response)
    address = url_for(".propose_correction", key=key)
    return done or render_form("review/correct.html", form, response=response, call=call, address=address, own=False)


@blueprint.get("/corrections/<int:key>")
@open_to("refusals.second", "responses.read")
def show_correction(key: int) -> str:
    """What was recorded, what it should read, why, and who decides."""
    found = corrections.correction_for(current_person(), key)
    verdicts.record_opening(found.response, current_person(), clock.now())
    return _render_correction(found, DecisionForm(formdata=None))


@blueprint.post("/corrections/<int:key>")
@open_to("refusals.second")
def decide_correction(key: int) -> ResponseReturnValue:
    """Confirm, disagree, or take one's own proposal back."""
    found, form = corrections.correction_for(current_person(), key), DecisionForm()
    note, chosen = form.note.data or "", DECISIONS.get(request.form.get("do", ""))
    done, to = None, url_for(".show_correction", key=key)
    if chosen:
        done = submit(form, partial(chosen[0], found, current_person(), clock.now(), note), gettext(chosen[1]), to)
    # Read again: a colleague may have decided meanwhile.
    return done or (_render_correction(corrections.correction_for(current_person(), key), form), 422)


def _render_correction(found: Correction, form: DecisionForm) -> str:
    return render_template(
        "review/correction.html",
        correction=found,
        response=found.response,
        rows=[(row.question, *_describe_change(row)) for row in corrections.corrected_answers_of(found)],
        form=form,
        waits=found.state == CorrectionState.PROPOSED,
        mine=found.proposed_by_id == current_person().id,
    )


def _describe_change(row: CorrectedAnswer) -> tuple[str, str]:
    """An answer as it was recorded and as it should read, in words."""
    tongue = reader_format()
    before, after = corrections.recorded_answer(row), corrections.given_answer(row)
    return format_answer(row.question, before, tongue), format_answer(row.question, after, tongue)
