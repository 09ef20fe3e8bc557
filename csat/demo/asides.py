"""What happens beside a feedback's straight way in the demo: put right, moved, changed, returned (P9, I1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from csat.demo.timeline import Timeline
from csat.demo.working_hours import add_workdays
from csat.models.feedback import ActionKind, ChangeKind, DueDate, Feedback
from csat.models.people import Person
from csat.procedure.feedback import classification, confirmation, due_moves, notes, plan_changes
from csat.procedure.feedback.plan_changes import WantedChange

PLAN_DAYS = 12  # working days for an action


def assign_again(timeline: Timeline, now: datetime, taken: Feedback) -> None:
    """It went to the wrong department; QA puts that right."""
    words, people = timeline.content["aside"], timeline.cast.people
    to = timeline.cast.departments[words["assign_again_to"]].record
    classification.assign_feedback(taken, to, people["qa2"], people["qa"], now, words["assigned_again"])


def leave_note(timeline: Timeline, now: datetime, taken: Feedback) -> None:
    """The supervisor knows something that the department should."""
    notes.add_note(taken, timeline.content["aside"]["note"], timeline.cast.people["qa2"], now)


def ask_later_due(timeline: Timeline, now: datetime, taken: Feedback) -> None:
    """The department asks to close some days later."""
    words = timeline.content["aside"]
    day = (taken.close_due_at.astimezone(timeline.zone) + timedelta(days=words["due_days"])).date()
    due_moves.ask_due_move(taken, DueDate.CLOSE, day, words["due_reason"], _head(timeline, taken), now, timeline.zone)


def move_due(timeline: Timeline, now: datetime, taken: Feedback) -> None:
    """The supervisor lets it move."""
    due_moves.move_due(taken, timeline.cast.people["qa2"], now)


def keep_due(timeline: Timeline, now: datetime, taken: Feedback) -> None:
    """Or does not."""
    due_moves.keep_due(taken, timeline.content["aside"]["due_kept"], timeline.cast.people["qa2"], now)


def ask_other_plan(timeline: Timeline, now: datetime, taken: Feedback) -> None:
    """The department wants an action done by somebody else, some days later."""
    words, head = timeline.content["aside"], _head(timeline, taken)
    action = next(link.action for link in taken.action_links if link.action.done_at is None)
    due = action.due + timedelta(days=words["plan_days"])
    _ask(timeline, now, taken, WantedChange(ChangeKind.MOVE, words["plan_reason"], action, head, due))


def keep_plan(timeline: Timeline, now: datetime, taken: Feedback) -> None:
    """The supervisor keeps the plan as it is."""
    plan_changes.keep_plan(taken, timeline.content["aside"]["plan_kept"], timeline.cast.people["qa2"], now)


def hand_back(timeline: Timeline, now: datetime, taken: Feedback) -> None:
    """What does not convince is returned."""
    confirmation.return_feedback(taken, timeline.content["aside"]["returned"], timeline.cast.people["improvement"], now)


def ask_rework(timeline: Timeline, now: datetime, taken: Feedback) -> None:
    """What was returned needs a new action."""
    words = timeline.content["aside"]
    due = add_workdays(now.astimezone(timeline.zone), PLAN_DAYS).date()
    new = None, _head(timeline, taken), due, words["rework"], ActionKind.PREVENTIVE
    _ask(timeline, now, taken, WantedChange(ChangeKind.ADD, words["rework_reason"], *new))


def agree_change(timeline: Timeline, now: datetime, taken: Feedback) -> None:
    """The supervisor agrees to what the department asked of the plan."""
    plan_changes.accept_change(taken, timeline.cast.people["qa2"], now)


def _ask(timeline: Timeline, now: datetime, taken: Feedback, wanted: WantedChange) -> None:
    plan_changes.ask_change(taken, wanted, _head(timeline, taken), now, timeline.zone)


def _head(timeline: Timeline, taken: Feedback) -> Person:
    return timeline.cast.head_of(taken.department_id)


ASIDES: dict[str, Callable[[Timeline, datetime, Feedback], None]] = {
    step.__name__: step
    for step in (
        *(assign_again, leave_note, ask_later_due, move_due, keep_due),
        *(ask_other_plan, keep_plan, hand_back, ask_rework, agree_change),
    )
}
