"""What came again (I5): within 90 days of closing, of the same type and client; or the client's check says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from peewee import ModelSelect, Select

from csat.database import write
from csat.models.answers import Answer
from csat.models.effect import ClosingCheck, Recurrence
from csat.models.feedback import Feedback, FeedbackSource, FeedbackState, Step
from csat.models.people import Person
from csat.models.questionnaires import Question
from csat.procedure.clients.merging import client_family
from csat.procedure.core import audit
from csat.procedure.feedback.steps import AUDIT_ACTIONS, add_history_entry
from csat.procedure.questionnaires.questionnaires import NO, SOLVED

RECURRENCE_PERIOD = timedelta(days=90)


def update_recurrences(feedback: Feedback, by: Person, now: datetime) -> None:
    """Bring up to date which closed feedback this one repeats: at its creation, and when its type changes."""
    if feedback.linked_to_id is not None:  # of a matter the one that counts speaks
        return
    with write():
        told = _find_reported_unsolved(feedback)
        found = {one.id: one for one in _expand_matters([*_find_same_kind(feedback), *told])}
        known = {row.earlier_id: row.earlier for row in list_earlier(feedback)}
        for key in sorted(found.keys() - known.keys()):
            _mark_recurrence(feedback, found[key], (found[key].linked_to or found[key]) in told, by, now)
        for key in sorted(known.keys() - found.keys()):
            _lift_recurrence(feedback, known[key], by, now)


def list_earlier(feedback: Feedback) -> list[Recurrence]:
    """The closed feedback that this one says did not last."""
    rows = Recurrence.select(Recurrence, Feedback).join(Feedback, on=(Recurrence.earlier == Feedback.id))
    return list(rows.where(Recurrence.feedback == feedback).order_by(Recurrence.earlier))


def list_later(feedback: Feedback) -> list[Recurrence]:
    """The feedback that came after this one was closed, and says that it did not last."""
    rows = Recurrence.select(Recurrence, Feedback).join(Feedback, on=(Recurrence.feedback == Feedback.id))
    return list(rows.where(Recurrence.earlier == feedback).order_by(Recurrence.feedback))


def find_repeated(client: int | None, issue_type: int) -> Feedback | None:
    """The last closed feedback of a client and type: what a new one of that type may repeat."""
    clients = client_family(client)
    same = Feedback.client.in_(clients) & (Feedback.issue_type == issue_type)
    closed = Feedback.select().where(same, Feedback.state == FeedbackState.CONFIRMED)
    return closed.order_by(Feedback.closed_at.desc()).first() if clients else None


def select_unsolved(responses: Select) -> ModelSelect[Answer]:
    """A query of those responses, among these keys, that say of a closed matter that it is not solved."""
    questions = Question.select(Question.id).where(Question.code == SOLVED)
    return Answer.select(Answer.response).where(
        Answer.response.in_(responses), Answer.question.in_(questions), Answer.value == NO
    )


def _find_same_kind(feedback: Feedback) -> list[Feedback]:
    """Closed feedback of the same client and type, closed at most 90 days before this one came."""
    clients = client_family(feedback.client_id)
    if not clients:
        return []
    own = FeedbackSource.select(FeedbackSource.response).where(FeedbackSource.feedback == feedback)
    same_telling = FeedbackSource.select(FeedbackSource.feedback).where(FeedbackSource.response.in_(own))
    closed = Feedback.select().where(
        Feedback.id != feedback.id,
        Feedback.client.in_(clients),
        Feedback.issue_type == feedback.issue_type_id,
        Feedback.state == FeedbackState.CONFIRMED,
        Feedback.closed_at <= feedback.created_at,
        Feedback.closed_at >= feedback.created_at - RECURRENCE_PERIOD,
        Feedback.id.not_in(same_telling),  # two out of one response are one telling, not a repeat
    )
    return list(closed.order_by(Feedback.id))


def _find_reported_unsolved(feedback: Feedback) -> list[Feedback]:
    """The closed feedback that is not solved, as its client says in the check from which this one was taken."""
    own = FeedbackSource.select(FeedbackSource.response).where(FeedbackSource.feedback == feedback)
    checked = ClosingCheck.select(ClosingCheck.feedback).where(ClosingCheck.response.in_(select_unsolved(own)))
    return list(Feedback.select().where(Feedback.id.in_(checked)).order_by(Feedback.id))


def _expand_matters(closed: Iterable[Feedback]) -> list[Feedback]:
    """With each of them whatever else is closed of the same matter."""
    whole = Feedback.in_matters({one.matter_id for one in closed})
    return list(Feedback.select().where(whole, Feedback.state == FeedbackState.CONFIRMED))


def _mark_recurrence(feedback: Feedback, earlier: Feedback, told: bool, by: Person, now: datetime) -> None:
    Recurrence.create(feedback=feedback, earlier=earlier, told=told)
    Feedback.update(recurred=True).where(Feedback.id == earlier.id).execute()
    _record_both(Step.RECUR, feedback, earlier, by, now)


def _lift_recurrence(feedback: Feedback, earlier: Feedback, by: Person, now: datetime) -> None:
    Recurrence.delete().where(Recurrence.feedback == feedback, Recurrence.earlier == earlier).execute()
    if not list_later(earlier):
        Feedback.update(recurred=False).where(Feedback.id == earlier.id).execute()
    _record_both(Step.LIFT, feedback, earlier, by, now)


def _record_both(step: Step, feedback: Feedback, earlier: Feedback, by: Person, now: datetime) -> None:
    """Both histories name the other one."""
    add_history_entry(step, earlier, by, now, feedback.number, {"feedback": feedback.id})
    add_history_entry(step, feedback, by, now, earlier.number, {"feedback": earlier.id})
    audit.record(by, AUDIT_ACTIONS[step], earlier, now, feedback=feedback.id)
