"""What feedback is overdue, due soon or due next (I2), and which actions are overdue (F6): for rows and for queries."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from csat.models.base import Condition
from csat.models.feedback import Action, Feedback
from csat.procedure.core import settings
from csat.procedure.feedback.workflow import OPEN_FEEDBACK_STATES

CALL_BACK, CLOSE = "call_back", "close"  # the two instants, as mails and histories name them


def list_missed_instants(feedback: Feedback, now: datetime) -> list[tuple[str, datetime]]:
    """Which of its instants an open feedback is past: (which, the instant)."""
    if feedback.state not in OPEN_FEEDBACK_STATES:
        return []
    owed = [] if feedback.called_back_at else [(CALL_BACK, feedback.call_back_due_at)]  # until the client was reached
    return [(which, at) for which, at in (*owed, (CLOSE, feedback.close_due_at)) if at < now]


def is_overdue(feedback: Feedback, now: datetime) -> bool:
    """Whether a feedback is past its call-back or its closing instant."""
    return bool(list_missed_instants(feedback, now))


def overdue_condition(now: datetime) -> Condition:
    """The condition for feedback past its call-back or its closing instant."""
    return call_back_overdue_condition(now) | closing_overdue_condition(now)


def is_call_back_overdue(feedback: Feedback, now: datetime) -> bool:
    """Whether nobody reached the client of a feedback by its call-back instant."""
    return CALL_BACK in dict(list_missed_instants(feedback, now))


def call_back_overdue_condition(now: datetime) -> Condition:
    """The condition for feedback whose client nobody reached by its call-back instant."""
    return _open_condition() & Feedback.called_back_at.is_null() & (Feedback.call_back_due_at < now)


def is_closing_overdue(feedback: Feedback, now: datetime) -> bool:
    """Whether a feedback is open past its closing instant, whatever of its call-back (F6)."""
    return CLOSE in dict(list_missed_instants(feedback, now))


def closing_overdue_condition(now: datetime) -> Condition:
    """The condition for feedback open past its closing instant, whatever of its call-back (F6)."""
    return _open_condition() & (Feedback.close_due_at < now)


def overdue_matter_condition(now: datetime) -> Condition:
    """The condition for matters open past their closing instant."""
    # Figures count a matter once; board and mails show every department its own part of it.
    return closing_overdue_condition(now) & Feedback.linked_to.is_null()


def due_soon_condition(now: datetime) -> Condition:
    """The condition for feedback that is not overdue yet, but will be within the warning period."""
    return overdue_condition(now + get_warning_period()) & ~overdue_condition(now)


def get_warning_period() -> timedelta:
    """How long before it is due a feedback counts as due soon (setting)."""
    return timedelta(days=settings.get_whole_number("warn_days"))


def find_owed_due(feedback: Feedback) -> tuple[str, datetime] | None:
    """What is due next: the call-back while it is owed, then the closing; None when it is closed."""
    if feedback.state not in OPEN_FEEDBACK_STATES:
        return None
    calls = feedback.called_back_at is None and feedback.call_back_due_at <= feedback.close_due_at
    return (CALL_BACK, feedback.call_back_due_at) if calls else (CLOSE, feedback.close_due_at)


class NextDue(NamedTuple):
    """What is due next of a feedback, and how near it is: 'overdue', 'soon' or ''."""

    step: str
    at: datetime
    standing: str


def find_next_due(feedback: Feedback, now: datetime, warning: timedelta) -> NextDue | None:
    """What is due next, and how near it is; None when it is closed."""
    owed = find_owed_due(feedback)
    if owed is None:
        return None
    step, at = owed
    near = "soon" if is_overdue(feedback, now + warning) else ""
    return NextDue(step, at, "overdue" if is_overdue(feedback, now) else near)


def is_action_overdue(action: Action, today: date) -> bool:
    """Whether an action is not done though its due day is over, by the local calendar."""
    return action.done_at is None and action.dropped_at is None and action.due < today


def action_overdue_condition(today: date) -> Condition:
    """The condition for actions that are not done though their due day is over."""
    return Action.done_at.is_null() & Action.dropped_at.is_null() & (Action.due < today)


def _open_condition() -> Condition:
    # By state, not by closed_at: confirming sets both, and the state has an index.
    return Feedback.state.in_(OPEN_FEEDBACK_STATES)
