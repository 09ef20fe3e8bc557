"""Confirming (P10): the improvement group checks what was done or explained; then a feedback closes."""

from __future__ import annotations

from datetime import datetime, tzinfo

from peewee import ModelSelect

from csat.database import write
from csat.models.base import Condition
from csat.models.effect import ClosingCheck
from csat.models.feedback import Feedback, FeedbackState, Step
from csat.models.people import Person
from csat.procedure.clients.merging import client_family
from csat.procedure.core.guards import need_text
from csat.procedure.feedback import follow_up, following
from csat.procedure.feedback.board import join_names
from csat.procedure.feedback.follow_up import select_unsolved_answers
from csat.procedure.feedback.steps import take_step
from csat.procedure.feedback.workflow import IMPROVEMENT, turn_condition
from csat.procedure.people import separation_of_duties

# How what was closed can be looked for: it came again; its client answered the check, or said 'not solved'.
OUTCOMES = (RECURRED, ANSWERED, UNSOLVED) = ("recurred", "answered", "unsolved")


def select_to_confirm() -> ModelSelect[Feedback]:
    """Feedback that waits for confirmation, what is due first first."""
    return Feedback.select().where(turn_condition(IMPROVEMENT)).order_by(Feedback.close_due_at, Feedback.id)


def select_confirmed(only: str = "") -> ModelSelect[Feedback]:
    """Closed feedback, the latest first; `only` one of OUTCOMES."""
    closed = Feedback.state == FeedbackState.CONFIRMED
    query = join_names(Feedback.select().where(closed, *([_outcome_condition(only)] if only else [])))
    return query.order_by(Feedback.closed_at.desc(), Feedback.id.desc())


def count_by_outcome() -> dict[str, int]:
    """How many there are of each end; '' for all."""
    closed = Feedback.select().where(Feedback.state == FeedbackState.CONFIRMED)
    return {"": closed.count(), **{end: closed.where(_outcome_condition(end)).count() for end in OUTCOMES}}


def _outcome_condition(end: str) -> Condition:
    if end == RECURRED:
        return Feedback.recurred
    checks = ClosingCheck.select(ClosingCheck.feedback).where(ClosingCheck.response.is_null(False))
    if end == UNSOLVED:
        checks = checks.where(ClosingCheck.response.in_(select_unsolved_answers()))
    return Feedback.in_matters(checks)


def confirm_feedback(feedback: Feedback, words: str, by: Person, now: datetime, zone: tzinfo) -> None:
    """Confirm that it works: the feedback closes, and its client is asked (P4). Not by who took part (I4)."""
    separation_of_duties.ensure_may_confirm(by, feedback)
    with write():
        with take_step(Step.CONFIRM, feedback, by, now, need_text(words, "words")) as fresh:
            fresh.state = FeedbackState.CONFIRMED
            fresh.closed_at = now
            # By now, not by when it was reported as done: what nobody has checked is not closed.
            fresh.closed_in_time = now <= fresh.close_due_at
        follow_up.ask_client(feedback, now, zone)
        following.tell_entrant(feedback, by, now, zone)


def return_feedback(feedback: Feedback, reason: str, by: Person, now: datetime) -> None:
    """Return what does not convince: work goes on, and an explanation is the department's turn again."""
    separation_of_duties.ensure_may_confirm(by, feedback)
    with take_step(Step.RETURN, feedback, by, now, need_text(reason, "words")) as fresh:
        explained = fresh.state == FeedbackState.EXPLAINED  # it has no plan that could go on
        fresh.state = FeedbackState.ASSIGNED if explained else FeedbackState.IN_PROGRESS


def list_similar_feedback(feedback: Feedback) -> list[Feedback]:
    """Other feedback of the same client and type, newest first: whether it came again is evidence (I5)."""
    clients = client_family(feedback.client_id)
    if not clients:
        return []
    same = Feedback.client.in_(clients) & (Feedback.issue_type == feedback.issue_type_id)
    query = Feedback.select().where(same, Feedback.id != feedback.id)
    return list(query.order_by(Feedback.created_at.desc()).limit(20))
