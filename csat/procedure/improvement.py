"""Confirming (P10): the improvement group checks what was done or explained; then a feedback closes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from csat.models.feedback import Feedback, FeedbackState, Step
from csat.models.people import Person
from csat.procedure import duties
from csat.procedure.feedback_order import taking
from csat.procedure.refusals import Missing

WAITING = (FeedbackState.DONE, FeedbackState.EXPLAINED)


def queue() -> Any:
    """Feedback that waits for confirmation, what is due first first."""
    return Feedback.select().where(Feedback.state.in_(WAITING)).order_by(Feedback.close_due_at, Feedback.id)


def confirm(feedback: Feedback, words: str, by: Person, now: datetime) -> None:
    """Confirm that it works, and say on what evidence: the feedback closes.

    In time means confirmed by its closing instant, not merely reported as done by then: what nobody
    has checked is not closed. Who took part, or belonged to a department that did, may not confirm (I4).
    """
    duties.confirm(by, feedback)
    with taking(Step.CONFIRM, feedback, by, now, _needed(words)) as fresh:
        fresh.state = FeedbackState.CONFIRMED
        fresh.closed_at = now
        fresh.closed_in_time = now <= fresh.close_due_at


def return_(feedback: Feedback, reason: str, by: Person, now: datetime) -> None:
    """Return what does not convince: work goes on, and an explanation is the department's turn again."""
    duties.confirm(by, feedback)
    with taking(Step.RETURN, feedback, by, now, _needed(reason)) as fresh:
        explained = fresh.state == FeedbackState.EXPLAINED
        fresh.state = FeedbackState.ASSIGNED if explained else FeedbackState.IN_PROGRESS


def same_elsewhere(feedback: Feedback) -> list[Feedback]:
    """Other feedback of the same client and type, newest first: whether it came again is evidence (I5)."""
    if feedback.client_id is None:
        return []
    same = (Feedback.client == feedback.client_id) & (Feedback.issue_type == feedback.issue_type_id)
    query = Feedback.select().where(same, Feedback.id != feedback.id)
    return list(query.order_by(Feedback.created_at.desc()).limit(20))


def _needed(words: str) -> str:
    if not words.strip():
        raise Missing(field="words")
    return words.strip()
