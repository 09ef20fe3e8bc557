"""The demo's check calls: drawn each week, called the week after; the visitor completes the sample (P7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from csat.database import write
from csat.models.answers import Response
from csat.models.check_calls import CheckCall, CheckOutcome
from csat.models.people import Person
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import check_calls

DIFFERS_EVERY, MISSED_EVERY = 2, 9  # of the calls about the agent whose records are too good; of all others


def run_check_calls(
    quarter: Quarter, too_good: Person | None, caller: Person, lines: Mapping[str, str], now: datetime
) -> None:
    """Make the calls drawn before, then draw: the quarter before in full, the running one as it runs."""
    with write():
        for call in list(check_calls.list_open_calls()):
            _call(call, bool(call.response.recorder == too_good), caller, lines, now)
        check_calls.draw_sample(quarter.plus(-1), now)
        check_calls.draw_sample(quarter, now, running=True)


def _call(call: CheckCall, doubtful: bool, caller: Person, lines: Mapping[str, str], now: datetime) -> None:
    # By the number of calls and not by the record: which are drawn differs from store to store.
    made = CheckCall.select().join(Response).where(CheckCall.at.is_null(False))
    number = made.where(Response.recorder == call.response.recorder).count() + 1
    outcome = CheckOutcome.CONFIRMED
    if doubtful and number % DIFFERS_EVERY == 0:
        outcome = CheckOutcome.DIFFERS
    elif not doubtful and number % MISSED_EVERY == 0 and call.outcome is None:
        outcome = CheckOutcome.NOT_REACHED
    check_calls.record_check_call(call, outcome, lines[outcome], caller, now)
