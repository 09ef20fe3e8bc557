"""How far the feedback of a manager's clients is: state and due date of all, the title where nobody stays anonymous."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from peewee import JOIN, Case, fn

from csat.models.clients import Client
from csat.models.feedback import Feedback, FeedbackState
from csat.models.people import Department
from csat.procedure.clients.merging import client_family, map_roots
from csat.procedure.feedback.due import NextDue, find_next_due, get_warning_period, overdue_condition
from csat.procedure.feedback.workflow import OPEN_FEEDBACK_STATES
from csat.procedure.review.matters import find_speaking


@dataclass(frozen=True)
class FeedbackStanding:
    """A feedback as its client's manager sees it; `title` is '' where it could retell an anonymous answer (F4)."""

    feedback: Feedback
    title: str
    due: NextDue | None


class OpenFeedback(NamedTuple):
    """How much of a client's feedback is open, and how much of that is overdue."""

    number: int = 0
    overdue: int = 0


def list_client_feedback(client: Client, now: datetime) -> list[FeedbackStanding]:
    """A client's feedback: what is open first, what is due first of that; then what was closed last."""
    query = Feedback.select(Feedback, Department).join(Department, JOIN.LEFT_OUTER)
    over = Feedback.state == FeedbackState.CONFIRMED
    own = query.where(Feedback.client.in_(client_family(client.id)))
    turn = (Case(None, [(over, 1)], 0), Case(None, [(over, Feedback.closed_at * -1)], Feedback.close_due_at))
    rows = list(own.order_by(*turn, Feedback.id))
    speaking, warning = find_speaking(rows), get_warning_period()
    return [
        FeedbackStanding(row, row.title if row.id in speaking else "", find_next_due(row, now, warning)) for row in rows
    ]


def count_open_feedback(keys: Iterable[int], now: datetime) -> dict[int, OpenFeedback]:
    """How much is open of each of these clients, with those that count as them."""
    roots, wanted = map_roots(Client), set(keys)
    members = wanted | {key for key, root in roots.items() if root in wanted}
    late = fn.SUM(Case(None, [(overdue_condition(now), 1)], 0))
    rows = Feedback.select(Feedback.client, fn.COUNT(Feedback.id), late).group_by(Feedback.client)
    open_ = rows.where(Feedback.client.in_(members), Feedback.state.in_(OPEN_FEEDBACK_STATES))
    found = dict.fromkeys(wanted, OpenFeedback())
    for key, number, overdue in open_.tuples():
        root = roots.get(key, key)
        found[root] = OpenFeedback(found[root].number + number, found[root].overdue + int(overdue))
    return found
