"""What the figures of commitments count, and the pages list: incidents, feedback and actions, by quarter (F8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo

from peewee import Case, ColumnBase, ModelSelect, fn

from csat.models.base import Condition
from csat.models.clients import Incident
from csat.models.feedback import Action, ActionFeedback, Feedback, FeedbackState
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback import due

FIRST_RESPONSE, MAJOR_RESOLUTION, SOLVED = "first_response", "major_resolution", "solved"
END_COLUMNS = {FIRST_RESPONSE: Incident.responded_at, MAJOR_RESOLUTION: Incident.resolved_at}
UNIT_MICROSECONDS = {"minutes": 60 * 10**6, "hours": 3600 * 10**6}
MET, MISSED, MISSING, STILL_OPEN = "met", "missed", "missing", "open"
# What is only proposed is promised by nobody yet.
ACCEPTED_PLAN_STATES = (FeedbackState.PLANNED, FeedbackState.IN_PROGRESS, FeedbackState.DONE, FeedbackState.CONFIRMED)


def list_spans(code: str, quarters: Iterable[int]) -> list[tuple[int, int]]:
    """(quarter, microseconds) from opening to first response, or to solving a major problem, where known."""
    span = (_stored_number(END_COLUMNS[code]) - _stored_number(Incident.opened_at)).alias("span")
    query = Incident.select(Incident.quarter, span)
    chosen = query.where(Incident.quarter.in_(list(quarters)), times_known_condition(code), *_priority_conditions(code))
    return [(quarter, int(length)) for quarter, length in chosen.tuples()]


def count_closed(code: str, quarters: Iterable[int]) -> dict[int, int]:
    """How many incidents (of a major priority) first closed in each quarter."""
    query = Incident.select(Incident.quarter, fn.COUNT(Incident.id))
    chosen = query.where(Incident.quarter.in_(list(quarters)), *_priority_conditions(code))
    return dict(chosen.group_by(Incident.quarter).tuples())


def count_resolved(quarters: Iterable[int]) -> dict[int, tuple[int, int, int]]:
    """By quarter: incidents resolved, incidents of systems that tell, and all that closed."""
    tells = Case(None, [(Incident.source.in_(list_telling_sources()), 1)], 0)
    done = Case(None, [(Incident.resolved_at.is_null(False), 1)], 0)
    query = Incident.select(Incident.quarter, fn.SUM(done), fn.SUM(tells), fn.COUNT(Incident.id))
    chosen = query.where(Incident.quarter.in_(list(quarters))).group_by(Incident.quarter)
    return {quarter: (int(good), int(of), whole) for quarter, good, of, whole in chosen.tuples()}


def list_telling_sources() -> list[str]:
    """The ticket systems that have told of any incident when it was resolved: others never say."""
    query = Incident.select(Incident.source).where(Incident.resolved_at.is_null(False)).distinct()
    return [row.source for row in query]


def select_incidents(code: str, quarter: int, which: str, target: float, unit: str) -> ModelSelect[Incident]:
    """A query of the incidents that met or missed a promise, or say nothing of it."""
    query = Incident.select().where(Incident.quarter == quarter, *_priority_conditions(code)).order_by(Incident.id)
    if code == SOLVED:
        return query.where(_solved_condition(which))
    if which == MISSING:
        return query.where(~times_known_condition(code))
    limit = round(target * UNIT_MICROSECONDS[unit])
    within = _stored_number(END_COLUMNS[code]) <= _stored_number(Incident.opened_at) + limit
    return query.where(times_known_condition(code), within if which == MET else ~within)


def times_known_condition(code: str) -> Condition:
    """Whether an incident has both times of a promise."""
    return Incident.opened_at.is_null(False) & END_COLUMNS[code].is_null(False)


def _priority_conditions(code: str) -> tuple[Condition, ...]:
    return (Incident.major,) if code == MAJOR_RESOLUTION else ()


def _solved_condition(which: str) -> Condition:
    tells, done = Incident.source.in_(list_telling_sources()), Incident.resolved_at.is_null(False)
    return {MET: done, MISSED: tells & ~done, MISSING: ~tells}[which]


def _stored_number(instant: ColumnBase) -> ColumnBase:
    """An instant as the number that the store keeps."""
    # A bare column would turn what is computed from it into instants; numbers can be subtracted and compared.
    return fn.COALESCE(instant, 0).coerce(False)


def feedback_due_condition(first: Quarter, last: Quarter, zone: tzinfo) -> Condition:
    """What makes a feedback due for closing in these quarters; linked feedback counts once."""
    started, over = Feedback.close_due_at >= first.start(zone), Feedback.close_due_at >= last.end(zone)
    return Feedback.linked_to.is_null() & started & ~over


def feedback_outcome_condition(which: str, now: datetime) -> Condition:
    """What makes a feedback closed in time, not closed in time, or still within its time."""
    over = due.closing_overdue_condition(now)
    return {
        MET: Feedback.closed_in_time,
        MISSED: (Feedback.closed_at.is_null(False) & ~Feedback.closed_in_time) | over,
        STILL_OPEN: Feedback.closed_at.is_null() & ~over,
    }[which]


def actions_due_condition(first: Quarter, last: Quarter) -> Condition:
    """What makes an action of an accepted plan due in these quarters; shared ones count once."""
    planned = (
        ActionFeedback.select(ActionFeedback.action).join(Feedback).where(Feedback.state.in_(ACCEPTED_PLAN_STATES))
    )
    return Action.id.in_(planned) & Action.dropped_at.is_null() & Action.due.between(first.first_day, last.last_day)


def action_outcome_condition(which: str, today: date) -> Condition:
    """What makes an action carried out, overdue, or still within its time."""
    return {
        MET: Action.done_at.is_null(False),
        MISSED: due.action_overdue_condition(today),
        STILL_OPEN: Action.done_at.is_null() & ~due.action_overdue_condition(today),
    }[which]


def select_visible_actions(
    quarter: Quarter, which: str, today: date, links: Iterable[ActionFeedback]
) -> ModelSelect[Action]:
    """A query of the actions due in a quarter, of those that these links to feedback reach."""
    seen = Action.id.in_([link.action_id for link in links])
    query = Action.select().where(actions_due_condition(quarter, quarter), action_outcome_condition(which, today), seen)
    return query.order_by(Action.due, Action.id)
