"""What became of feedback and its actions (F6). Linked feedback counts once: as the one it is linked to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from statistics import median

from csat.figures import labels
from csat.figures.action_effectiveness import rate_effectiveness
from csat.figures.rates import count_severities, make_rate
from csat.figures.types import FeedbackFigures, FeedbackRow, LocalisedName, Rate
from csat.models.base import Condition
from csat.models.feedback import Action, ActionFeedback, Feedback, IssueType, RiskDomain
from csat.models.people import Department
from csat.procedure.feedback import due, due_moves

SECONDS_PER_DAY = 24 * 60 * 60


def compute_feedback_figures(quarter: int, now: datetime, zone: tzinfo, *which: Condition) -> FeedbackFigures:
    """The feedback of a quarter (or some of it): its call-backs, its closing, and the actions it led to."""
    rows = list(Feedback.select().where(Feedback.quarter == quarter, Feedback.linked_to.is_null(), *which))
    actions = _list_actions(rows, *which)
    overdue = [row for row in rows if due.is_closing_overdue(row, now)]
    closed = [row for row in rows if row.closed_at is not None]
    moves = due_moves.list_standing_moves(rows)
    return FeedbackFigures(
        rows=tuple(_list_by_type(rows, now)),
        total=len(rows),
        open=len(rows) - len(closed),
        closed=len(closed),
        overdue=len(overdue),
        called_back_in_time=_rate_called_back(rows, now),
        handled_in_time=rate_closed_in_time("feedback/handled_in_time", rows, now),
        median_days=_compute_median_days(closed),
        actions=len(actions),
        actions_in_time=_rate_done_in_time(actions, now.astimezone(zone).date()),
        actions_effective=rate_effectiveness(actions),
        recurred=sum(1 for row in rows if row.recurred),
        overdue_by_department=tuple(
            {"name": name, "number": number} for _, name, number in _count_by_department(overdue)
        ),
        moved=len({row.id for row, _ in moves}),
        late_by_first=len({row.id for row, move in moves if due_moves.is_late_by_first(row, move, now)}),
    )


def _list_by_type(rows: Sequence[Feedback], now: datetime) -> Iterable[FeedbackRow]:
    for kind in IssueType.select(IssueType, RiskDomain).join(RiskDomain).order_by(IssueType.position):
        mine = [row for row in rows if row.issue_type_id == kind.id]
        if mine:
            in_time = rate_closed_in_time(f"feedback/type/{kind.code}/handled_in_time", mine, now)
            told = (kind.code, dict(kind.name), kind.domain.code, *count_severities(row.severity for row in mine))
            yield FeedbackRow(*told, total=len(mine), in_time=in_time)


def rate_closed_in_time(id_: str, rows: Sequence[Feedback], now: datetime) -> Rate:
    """Closed by their due instant ÷ closed or past it."""
    return _rate_in_time(id_, ((row.closed_in_time, due.is_closing_overdue(row, now)) for row in rows))


def _rate_called_back(rows: Sequence[Feedback], now: datetime) -> Rate:
    """Called back by their due instant ÷ called back or past it."""
    told = ((row.called_back_in_time, due.is_call_back_overdue(row, now)) for row in rows)
    return _rate_in_time("feedback/called_back_in_time", told)


def _rate_done_in_time(actions: Sequence[Action], today: date) -> Rate:
    """Actions done by their due day ÷ done or past it."""
    told = ((action.done_in_time, due.is_action_overdue(action, today)) for action in actions)
    return _rate_in_time("feedback/actions_in_time", told)


def _rate_in_time(id_: str, told: Iterable[tuple[bool | None, bool]]) -> Rate:
    """In time ÷ done or overdue, of (was it in time, None before it is done; is it overdue)."""
    counted = [bool(in_time) for in_time, overdue in told if in_time is not None or overdue]
    return make_rate(id_, sum(counted), len(counted))


def _compute_median_days(closed: Sequence[Feedback]) -> float | None:
    days = [(row.closed_at - row.created_at).total_seconds() / SECONDS_PER_DAY for row in closed if row.closed_at]
    return round(median(days), 1) if days else None


def _list_actions(rows: Sequence[Feedback], *which: Condition) -> list[Action]:
    """The actions that these feedbacks led to, each once, with what others do about the same matter; none dropped."""
    keys = [row.id for row in rows]
    linked = Feedback.select(Feedback.id).where(Feedback.linked_to.in_(keys), *which)
    served = ActionFeedback.feedback.in_(keys) | ActionFeedback.feedback.in_(linked)
    of_these = Action.id.in_(ActionFeedback.select(ActionFeedback.action).where(served))
    return list(Action.select().where(of_these, Action.dropped_at.is_null()))


def list_overdue_by_department(quarter: int | None, now: datetime) -> list[tuple[int, LocalisedName, int]]:
    """Who has feedback (of a quarter) past its closing: (department, its name, how many), most first."""
    which = [] if quarter is None else [Feedback.quarter == quarter]
    return _count_by_department(list(Feedback.select().where(due.overdue_matter_condition(now), *which)))


def _count_by_department(overdue: Sequence[Feedback]) -> list[tuple[int, LocalisedName, int]]:
    late = Counter(row.department_id for row in overdue if row.department_id is not None)
    departments = {department.id: department for department in Department.select()}
    ordered = sorted(late.items(), key=lambda pair: (-pair[1], departments[pair[0]].name))
    return [(key, labels.localise_record(departments[key]), number) for key, number in ordered]
