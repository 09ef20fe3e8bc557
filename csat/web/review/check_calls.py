"""Check calls: whom to call about what a colleague recorded, and how often the records do not hold (P7)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Answered
from wtforms import RadioField

from csat import clock
from csat.figures import statistics
from csat.models.answers import Verdict
from csat.models.check_calls import CheckCall, CheckOutcome
from csat.procedure.clients.clients import masked_email, masked_telephone
from csat.procedure.clients.reach import Reach
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import DutyConflict, NotFound
from csat.procedure.people import separation_of_duties
from csat.procedure.review import check_calls, verdicts
from csat.procedure.review.check_calls import ByRecorder
from csat.web.access import me, open_to
from csat.web.errors import say
from csat.web.feedback.forms import OneOfSeveral, of_codes, prose
from csat.web.formatting import zone
from csat.web.forms import needed
from csat.web.pagination import slice_of
from csat.web.review.blueprint import shown

blueprint = Blueprint("check_calls", __name__, url_prefix="/qa/check-calls")

BACK = 8  # quarters that can be chosen


class CheckForm(OneOfSeveral):
    """What a check call came to."""

    outcome = RadioField(
        _l("Outcome"), needed(), coerce=CheckOutcome, choices=lambda: of_codes(*CheckOutcome)
    )
    words = prose(_l("What the client said"), rows=3, required=False)


@blueprint.get("")
@open_to("review")
def index() -> str:
    """The quarter's sample: what to call, what was told, and the mismatches by recorder."""
    quarter = _asked()
    return render_template(
        "review/check_calls.html",
        quarter=quarter,
        quarters=Quarter.of(clock.now(), zone()).back(BACK)[::-1],
        elsewhere=[row for row in check_calls.waiting_by_quarter() if row[0] != quarter],
        listed=slice_of(check_calls.to_call(quarter)),
        made=list(check_calls.made(quarter)),
        recorders=[(one, _interval(one)) for one in check_calls.by_recorder(quarter)],
        share=settings.whole("check_share"),
        least=settings.whole("check_least"),
        masked=_masked,
        reach_of=check_calls.reach_of,
    )


@blueprint.post("/draw")
@open_to("review")
def draw() -> Answered:
    """Draw the sample of a quarter now, or complete it."""
    quarter = _asked()
    number = check_calls.draw(quarter, clock.now(), me())
    if number:
        flash(ngettext("%(num)s record is drawn.", "%(num)s records are drawn.", number))
    else:
        flash(gettext("Nothing to add: the sample is complete as the records stand now."))
    return redirect(url_for(".index", quarter=quarter))


@blueprint.get("/<int:key>")
@open_to("review")
def call(key: int) -> str:
    """One record to be checked: what stands in it, whom to call, and the form for what they say."""
    found = check_calls.call_for(key)
    verdicts.opened(found.response, me(), clock.now())
    return _page(found, CheckForm(formdata=None))


@blueprint.post("/<int:key>/number")
@open_to("review")
def unmask(key: int) -> str:
    """Show the number in full for this call; it goes on record."""
    found = check_calls.call_for(key)
    return _page(found, CheckForm(formdata=None), check_calls.unmask(found, me(), clock.now()))


@blueprint.post("/<int:key>")
@open_to("review")
def record(key: int) -> Any:
    """Put down what the call came to."""
    found, form = check_calls.call_for(key), CheckForm()
    if not form.validate_on_submit() or not form.take(
        check_calls.record, found, form.outcome.data, form.words.data or "", me(), clock.now()
    ):
        return _page(check_calls.call_for(key), form), 422
    if form.outcome.data in check_calls.MISMATCH:
        flash(gettext("Saved. The record does not hold: please decide about the response now."))
        return redirect(url_for("qa_review.review", key=found.response_id))
    flash(gettext("Saved."))
    return redirect(url_for(".index", quarter=Quarter.from_int(found.quarter)))


def _page(found: CheckCall, form: CheckForm, unmasked: Reach | None = None) -> str:
    return render_template(
        "review/check_call.html",
        call=found,
        quarter=Quarter.from_int(found.quarter),
        response=found.response,
        answers=verdicts.answers_of(found.response),
        shown=shown,
        form=form,
        conflict=_conflict(found),
        told=found.outcome in check_calls.FINAL,
        reach=unmasked or _masked(check_calls.reach_of(found)),
        unmasked=unmasked is not None,
        refused=found.response.verdict == Verdict.REFUSED,
    )


def _masked(reach: Reach) -> Reach:
    telephone = masked_email(reach.telephone) if "@" in reach.telephone else masked_telephone(reach.telephone)
    return Reach(reach.key, reach.name, telephone, masked_email(reach.email))


def _conflict(found: CheckCall) -> str:
    """Why the reader may not make this call."""
    try:
        separation_of_duties.check_call(me(), found.response)
    except DutyConflict as refusal:
        return say(refusal)
    return ""


def _interval(one: ByRecorder) -> tuple[float, float, float] | None:
    """The mismatch rate and its 95 % Wilson interval; None before a call has told anything."""
    if not one.checked:
        return None
    share = one.mismatches / one.checked
    return share, *statistics.wilson(share, one.checked)


def _asked() -> Quarter:
    """The quarter in the address, or the one it is now; raise NotFound for anything else."""
    wanted = request.args.get("quarter")
    if not wanted:
        return Quarter.of(clock.now(), zone())
    try:
        return Quarter.parse(wanted)
    except ValueError as wrong:
        raise NotFound from wrong
