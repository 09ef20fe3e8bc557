"""The demo's two years: every state of a feedback is reached and left, and every step of each history is one
that the procedure knows (I1)."""

from __future__ import annotations

from collections import defaultdict

import pytest

from csat.demo import story
from csat.models.feedback import Feedback, FeedbackState, FeedbackStep, Step
from tests.histories import ALLOWED

pytestmark = pytest.mark.fault
# What stands aside: the steps that change no state, and those that need an occasion of their own.
RARE = {Step.SUPERVISE, Step.RECLASSIFY, Step.LINK, Step.UNLINK, Step.LIFT, Step.UNMASK}


def test_a_year_of_the_demo_has_no_state_that_cannot_be_reached_or_left(config, db):
    story.fill_store(config, story.load_content(), "a bicycle under the old bridge")
    histories: dict[int, list[FeedbackStep]] = defaultdict(list)
    for step in FeedbackStep.select().order_by(FeedbackStep.id):
        histories[step.feedback_id].append(step)
    year = max(row.created_at for row in Feedback.select()).year
    reached, left, taken = set(), set(), set()
    for row in Feedback.select():
        before = ""
        for step in histories[row.id]:
            assert plain(step) or (before, step.step.value, step.state.value) in ALLOWED, (row.number, step.step)
            if row.created_at.year == year:
                taken.add(step.step)
                reached.add(step.state)
                left |= {before} - {step.state, ""}
            before = step.state
        assert row.state == before
    assert reached == set(FeedbackState)
    assert left == set(FeedbackState) - {FeedbackState.CONFIRMED}
    assert set(Step) - taken <= RARE | {Step.EVIDENCE, Step.WITHDRAW, Step.PASS_ON, Step.SEND_BACK}


def plain(step: FeedbackStep) -> bool:
    """A step that only adds to the record, in whatever state."""
    return step.step in (
        Step.EVIDENCE,
        Step.WITHDRAW,
        Step.UNMASK,
        Step.NOTE,
        Step.ASK_DUE,
        Step.MOVE_DUE,
        Step.KEEP_DUE,
    )
