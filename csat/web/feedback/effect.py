"""What a feedback's page shows of whether it helped: figures, repeats, and the client's own word (I5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_login import current_user

from csat import clock
from csat.figures.feedback_effect import FeedbackEffect, measure_effect
from csat.models.asking import InvitationState
from csat.models.effect import ClosingCheck, Recurrence
from csat.models.feedback import Feedback, FeedbackState, Step
from csat.procedure.feedback import confirmation, follow_up, recurrence
from csat.procedure.feedback.follow_up import FollowUpAnswer
from csat.procedure.feedback.view import FeedbackView
from csat.web.formatting import operator_zone

REPORTED_STATES = (FeedbackState.DONE, FeedbackState.EXPLAINED, FeedbackState.CONFIRMED)
JUDGING_RIGHTS = ("feedback.confirm", "feedback.classify", "figures")


@dataclass(frozen=True)
class EffectView:
    """What there is to see; the figures and what came elsewhere only for who judges."""

    figures: FeedbackEffect | None
    since: list[Feedback]  # the same type at the same client since it was reported as done
    before: list[Feedback]
    repeated_by: list[Recurrence]
    repeats: list[Recurrence]
    check: ClosingCheck | None
    state: InvitationState | None
    said: FollowUpAnswer | None

    @property
    def anything(self) -> bool:
        """Whether the page has anything to say of it yet."""
        return bool(self.figures or self.since or self.before or self.check or self.repeats)


def build_effect_view(view: FeedbackView) -> EffectView:
    """All of it, as far as the reader may see it."""
    judges = any(current_user.may(right) for right in JUDGING_RIGHTS)
    feedback, now = view.feedback, clock.now()
    reported = feedback.state in REPORTED_STATES
    repeated_by = recurrence.list_later(feedback) if judges else []
    repeats = recurrence.list_earlier(feedback) if judges else []
    told = {row.feedback_id for row in repeated_by} | {row.earlier_id for row in repeats}
    same = [one for one in confirmation.list_similar_feedback(feedback) if one.id not in told] if judges else []
    at = _reported_at(view)
    check = follow_up.find_follow_up(feedback)
    return EffectView(
        figures=measure_effect(feedback, now, operator_zone()) if judges and reported else None,
        since=[one for one in same if at is not None and one.created_at >= at],
        before=[one for one in same if at is None or one.created_at < at],
        repeated_by=repeated_by,
        repeats=repeats,
        check=check,
        state=check.invitation.state if check and check.invitation else None,
        said=_visible_answer(check),
    )


def _visible_answer(check: ClosingCheck | None) -> FollowUpAnswer | None:
    """What the client said: until QA has verified it only for who may read responses."""
    said = follow_up.find_answer(check)
    return said if said and (said.counts or current_user.may("responses.read")) else None


def _reported_at(view: FeedbackView) -> datetime | None:
    """When the department last said that it is done or explained; None while it works on it."""
    if view.feedback.state not in REPORTED_STATES:
        return None
    ends = (step.at for step in view.history if step.step in (Step.FINISH, Step.EXPLAIN))
    return next(ends, None)
