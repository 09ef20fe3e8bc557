"""What a feedback's page shows of whether it helped: figures, repeats, and the client's own word (I5)."""

from __future__ import annotations

from dataclasses import dataclass

from flask_login import current_user

from csat import clock
from csat.figures.audience import find_audience
from csat.figures.feedback_effect import FeedbackEffect, measure_effect
from csat.models.asking import InvitationState
from csat.models.effect import ClosingCheck, Recurrence
from csat.models.feedback import Feedback, FeedbackState
from csat.procedure.feedback import confirmation, follow_up, recurrence
from csat.procedure.feedback.follow_up import FollowUpAnswer
from csat.procedure.feedback.view import FeedbackView
from csat.web.access import current_person
from csat.web.formatting import operator_zone

REPORTED_STATES = (FeedbackState.DONE, FeedbackState.EXPLAINED, FeedbackState.CONFIRMED)
JUDGING_RIGHTS = ("feedback.confirm", "feedback.classify", "figures")


@dataclass(frozen=True)
class EffectView:
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
    # Figures, and what came elsewhere, are only for who judges: a department sees its own part.
    judges, feedback = any(current_user.may(right) for right in JUDGING_RIGHTS), view.feedback
    reported = view.last_end if feedback.state in REPORTED_STATES else None  # None while the department works on it
    repeated_by = recurrence.list_later(feedback) if judges else []
    repeats = recurrence.list_earlier(feedback) if judges else []
    told = {row.feedback_id for row in repeated_by} | {row.earlier_id for row in repeats}
    same = [one for one in confirmation.list_similar_feedback(feedback) if one.id not in told] if judges else []
    check = follow_up.find_follow_up(feedback)
    return EffectView(
        figures=_measure(feedback) if judges and reported else None,
        since=[one for one in same if reported and one.created_at >= reported.at],
        before=[one for one in same if not reported or one.created_at < reported.at],
        repeated_by=repeated_by,
        repeats=repeats,
        check=check,
        state=check.invitation.state if check and check.invitation else None,
        said=_visible_answer(check),
    )


def _measure(feedback: Feedback) -> FeedbackEffect:
    return measure_effect(feedback, clock.now(), operator_zone(), find_audience(current_person()))


def _visible_answer(check: ClosingCheck | None) -> FollowUpAnswer | None:
    """What the client said: until QA has verified it only for who may read responses."""
    said = follow_up.find_answer(check)
    return said if said and (said.counts or current_user.may("responses.read")) else None
