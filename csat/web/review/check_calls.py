"""Check calls: whom to call about what a colleague recorded, and how often the records do not hold (P7)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Answered
from wtforms import RadioField

from csat import clock
from csat.figures import statistics
from csat.models.answers import Verdict
from csat.models.check_calls import CheckCall, CheckOutcome
from csat.procedure.clients.reach import ContactReach, find_respondent_reach, mask_reach
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import DutyConflict
from csat.procedure.people import separation_of_duties
from csat.procedure.review import check_calls, verdicts
from csat.procedure.review.check_calls import RecorderSample
from csat.procedure.survey import second_typing
from csat.procedure.survey.second_typing import TypistSample
from csat.web.access import current_person, open_to
from csat.web.errors import describe_refusal
from csat.web.forms import NamedForm, build_text_area, code_choices, require_input, submit
from csat.web.pagination import paginate
from csat.web.params import current_quarter, requested_quarter
from csat.web.review.blueprint import describe_answer

blueprint = Blueprint("check_calls", __name__, url_prefix="/qa/check-calls")

QUARTERS_OFFERED = 8  # quarters that can be chosen


class CheckCallForm(NamedForm):
    """What a check call came to."""

    outcome = RadioField(
        _l("Outcome"), require_input(), coerce=CheckOutcome, choices=lambda: code_choices(*CheckOutcome)
    )
    words = build_text_area(_l("What the client said"), rows=3, required=False)


@blueprint.get("")
@open_to("review")
def list_check_calls() -> str:
    """The quarter's sample: what to call, what was told, and the mismatches by recorder."""
    quarter = requested_quarter()
    return render_template(
        "review/check_calls.html",
        quarter=quarter,
        quarters=current_quarter().back(QUARTERS_OFFERED)[::-1],
        elsewhere=[row for row in check_calls.count_open_calls() if row[0] != quarter],
        listed=paginate(check_calls.list_open_calls(quarter)),
        made=list(check_calls.list_made_calls(quarter)),
        recorders=[(one, _mismatch_interval(one)) for one in check_calls.list_recorder_samples(quarter)],
        typists=[(one, _difference_interval(one)) for one in second_typing.list_typist_samples(quarter)],
        share=settings.get_whole_number("check_share"),
        least=settings.get_whole_number("check_least"),
        masked=mask_reach,
        reach_of=lambda call: find_respondent_reach(call.response),
    )


@blueprint.post("/draw")
@open_to("review")
def draw_sample() -> Answered:
    """Draw the sample of a quarter now, or complete it."""
    quarter = requested_quarter()
    number = check_calls.draw_sample(quarter, clock.now(), current_person())
    if number:
        flash(ngettext("%(num)s record is drawn.", "%(num)s records are drawn.", number))
    else:
        flash(gettext("Nothing to add: the sample is complete as the records stand now."))
    return redirect(url_for(".list_check_calls", quarter=quarter))


@blueprint.get("/<int:key>")
@open_to("review")
def show_check_call(key: int) -> str:
    """One record to be checked: what stands in it, whom to call, and the form for what they say."""
    found = check_calls.get_check_call(key)
    verdicts.record_opening(found.response, current_person(), clock.now())
    return _render_check_call(found, CheckCallForm(formdata=None))


@blueprint.post("/<int:key>/number")
@open_to("review")
def unmask_number(key: int) -> str:
    """Show the number in full for this call; it goes on record."""
    found = check_calls.get_check_call(key)
    unmasked = check_calls.unmask_respondent(found, current_person(), clock.now())
    return _render_check_call(found, CheckCallForm(formdata=None), unmasked)


@blueprint.post("/<int:key>")
@open_to("review")
def record_outcome(key: int) -> ResponseReturnValue:
    """Put down what the call came to."""
    found, form = check_calls.get_check_call(key), CheckCallForm()
    outcome, words = form.outcome.data, form.words.data or ""
    said, to = gettext("Saved."), url_for(".list_check_calls", quarter=Quarter.from_int(found.quarter))
    if outcome in check_calls.MISMATCH_OUTCOMES:
        said = gettext("Saved. The record does not hold: please decide about the response now.")
        to = url_for("review.show_response", key=found.response_id)
    verb = partial(check_calls.record_check_call, found, outcome, words, current_person(), clock.now())
    # Read again: a colleague may have made the call meanwhile.
    return submit(form, verb, said, to) or (_render_check_call(check_calls.get_check_call(key), form), 422)


def _render_check_call(found: CheckCall, form: CheckCallForm, unmasked: ContactReach | None = None) -> str:
    return render_template(
        "review/check_call.html",
        call=found,
        quarter=Quarter.from_int(found.quarter),
        response=found.response,
        answers=verdicts.answers_of(found.response),
        shown=describe_answer,
        form=form,
        conflict=_conflict_reason(found),
        told=found.outcome in check_calls.FINAL_OUTCOMES,
        reach=unmasked or mask_reach(find_respondent_reach(found.response)),
        unmasked=unmasked is not None,
        refused=found.response.verdict == Verdict.REFUSED,
    )


def _conflict_reason(found: CheckCall) -> str:
    """Why the reader may not make this call."""
    try:
        separation_of_duties.ensure_may_make_check_call(current_person(), found.response)
    except DutyConflict as refusal:
        return describe_refusal(refusal)
    return ""


def _mismatch_interval(one: RecorderSample) -> tuple[float, float, float] | None:
    """The mismatch rate and its 95 % Wilson interval; None before a call has told anything."""
    if not one.checked:
        return None
    return _with_interval(one.mismatches / one.checked, one.checked)


def _difference_interval(one: TypistSample) -> tuple[float, float, float]:
    return _with_interval(one.differing / one.compared, one.compared)


def _with_interval(share: float, of: int) -> tuple[float, float, float]:
    return share, *statistics.wilson_interval(share, of)
