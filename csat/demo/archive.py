"""The demo's corrections: a check call tells that a record is wrong; one is confirmed, one waits (P11)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from csat.models.answers import Response, Verdict
from csat.models.check_calls import CheckCall, CheckOutcome
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import corrections

if TYPE_CHECKING:
    from csat.demo.feedback import WholeStory

CORRECTED_ANSWER = GivenAnswer(3)  # "so so", as the calls' words have it
MOST_CORRECTIONS = 2


def plan_corrections(story: WholeStory) -> None:
    """Near the end QA proposes corrections on what two calls told; the director agrees to one."""
    story.at(story.ends - timedelta(days=6, hours=2), propose_corrections, story)
    story.at(story.ends - timedelta(days=5, hours=2), confirm_correction, story)


def propose_corrections(now: datetime, story: WholeStory) -> None:
    """Who heard the client say otherwise proposes what the record should read."""
    calls = (
        CheckCall.select(CheckCall, Response)
        .join(Response)
        .where(CheckCall.outcome == CheckOutcome.DIFFERS, Response.verdict == Verdict.VALID)
        .order_by(CheckCall.at.desc(), CheckCall.id.desc())
    )
    for call in calls.limit(MOST_CORRECTIONS):
        answers = {**corrections.answers_by_code(call.response), "overall": CORRECTED_ANSWER}
        corrections.propose_correction(call.response, answers, call.words, story.cast.people["qa2"], now)


def confirm_correction(now: datetime, story: WholeStory) -> None:
    """The second person agrees to the first of them."""
    waiting = corrections.list_waiting_corrections().first()
    if waiting is not None:
        note = story.content["correction"]["agreed"]
        corrections.confirm_correction(waiting, story.cast.people["director"], now, note)
