"""The board of all feedback (I6): whose turn it is, what presses, and what can be looked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from peewee import JOIN, Case, ModelSelect, fn

from csat.models.base import Condition
from csat.models.clients import Client
from csat.models.feedback import Feedback, FeedbackState, FeedbackStep, IssueType, Severity, Step
from csat.models.people import Department, Person
from csat.models.roles import Role
from csat.procedure.clients.merging import client_family
from csat.procedure.core import settings
from csat.procedure.feedback.access import select_visible
from csat.procedure.feedback.due import closing_overdue_condition, due_soon_condition, overdue_condition
from csat.procedure.feedback.workflow import DEPARTMENT, IMPROVEMENT, QA, SUPERVISOR, turn_condition
from csat.procedure.people import permissions, separation_of_duties

LEFT_PERIOD = timedelta(days=14)  # how long a department reads where its feedback went


@dataclass(frozen=True)
class FeedbackFilter:
    """What the board is filtered by; None or False leaves it open."""

    state: FeedbackState | None = None
    department: int | None = None
    severity: Severity | None = None
    issue_type: int | None = None
    client: int | None = None
    quarter: int | None = None
    overdue: bool = False
    late: bool = False  # past its closing instant, whatever of its call-back: as the figure counts
    open: bool = False
    once: bool = False  # without what is linked: the same matter counts once
    soon: bool = False
    recurred: bool = False
    mine: bool = False
    supervised: int | None = None
    words: str = ""


def my_turn_condition(person: Person, today: date) -> Condition:
    """The condition for feedback whose next step is this person's."""
    mine, turn = permissions.roles_of(person), Feedback.id.is_null()
    if Role.DEPARTMENT in mine:
        turn |= turn_condition(DEPARTMENT) & _own_departments_condition(person, today)
    if Role.QA in mine:
        turn |= turn_condition(QA) | (turn_condition(SUPERVISOR) & (Feedback.supervisor == person))
    if Role.IMPROVEMENT in mine:
        turn |= turn_condition(IMPROVEMENT)
    return turn


class PressingCounts(NamedTuple):
    """How much of what a person sees presses: overdue, and due soon."""

    overdue: int
    soon: int


def count_pressing_concerns(person: Person, today: date, now: datetime) -> PressingCounts:
    """How much presses that a person has to do with: their department's, what they assign, supervise or confirm."""
    late, soon = select_pressing_concerns(person, today, now)
    return PressingCounts(late.count(), soon.count())


def select_pressing_concerns(
    person: Person, today: date, now: datetime
) -> tuple[ModelSelect[Feedback], ModelSelect[Feedback]]:
    """Queries of the same: what is overdue, and what is due soon."""
    mine, concerns = permissions.roles_of(person), Feedback.id.is_null()
    if Role.DEPARTMENT in mine:
        concerns |= _own_departments_condition(person, today)
    if Role.QA in mine:
        concerns |= (Feedback.supervisor == person) | turn_condition(QA)
    if Role.IMPROVEMENT in mine:
        concerns |= turn_condition(IMPROVEMENT)
    late = concerns & overdue_condition(now)
    if Role.DIRECTOR in mine:  # theirs is what was overdue so long that they are told (I2)
        late |= overdue_condition(now - timedelta(days=settings.get_whole_number("escalate_director")))
    seen = select_visible(person, today)
    return seen.where(late), seen.where(concerns & due_soon_condition(now))


def search_board(person: Person, wanted: FeedbackFilter, today: date, now: datetime) -> ModelSelect[Feedback]:
    """What a person looked for: their own turn first, then what is due first; what was closed comes last."""
    turn = my_turn_condition(person, today)
    query = join_names(select_visible(person, today)).where(*_filter_conditions(wanted, now))
    if wanted.mine:
        query = query.where(turn)
    over, owed = Feedback.state == FeedbackState.CONFIRMED, Feedback.called_back_at.is_null()
    # Of what is closed the latest first; of the rest what is due first.
    due = [(over, Feedback.closed_at * -1), (owed, Feedback.call_back_due_at)]
    rank = Case(None, [(over, 2), (turn, 0)], 1)
    return query.order_by(rank, Case(None, due, Feedback.close_due_at), Feedback.id)


def find_my_turns(person: Person, today: date) -> set[int]:
    """The keys of all feedback whose next step is this person's."""
    rows = select_visible(person, today).where(my_turn_condition(person, today))
    return {row[0] for row in rows.select(Feedback.id).tuples()}


def count_pressing(person: Person, today: date, now: datetime) -> PressingCounts:
    """How many a person sees that are overdue or will be before long."""
    seen = select_visible(person, today)
    return PressingCounts(seen.where(overdue_condition(now)).count(), seen.where(due_soon_condition(now)).count())


def count_by_state(person: Person, wanted: FeedbackFilter, today: date, now: datetime) -> dict[FeedbackState, int]:
    """How many a person sees in each state, under the other filters."""
    rows = select_visible(person, today).where(*_filter_conditions(wanted, now))
    counted = rows.select(Feedback.state, fn.COUNT(Feedback.id)).group_by(Feedback.state).tuples()
    return {FeedbackState(state): number for state, number in counted}


def _filter_conditions(wanted: FeedbackFilter, now: datetime) -> list[Condition]:
    same = {
        Feedback.state: wanted.state,
        Feedback.department: wanted.department,
        Feedback.severity: wanted.severity,
        Feedback.issue_type: wanted.issue_type,
        Feedback.quarter: wanted.quarter,
        Feedback.supervisor: wanted.supervised,
        Feedback.recurred: wanted.recurred or None,
    }
    conditions: list[Condition] = [column == value for column, value in same.items() if value is not None]
    narrowing = (
        (wanted.overdue, overdue_condition(now)),
        (wanted.late, closing_overdue_condition(now)),
        (wanted.open, Feedback.closed_at.is_null()),
        (wanted.once, Feedback.linked_to.is_null()),
    )
    conditions += [condition for asked, condition in narrowing if asked]
    if wanted.soon:  # asks the store for a setting: not for each column of the board
        conditions.append(due_soon_condition(now))
    if wanted.client is not None:  # with those merged into it, as its figures
        conditions.append(Feedback.client.in_(client_family(wanted.client)))
    if wanted.words:
        conditions.append(Feedback.title.contains(wanted.words) | Feedback.words.contains(wanted.words))
    return conditions or [Feedback.id.is_null(False)]


def list_left(person: Person, today: date, now: datetime) -> list[FeedbackStep]:
    """What left a person's departments lately, the latest first: the step that took each away (P9, P10)."""
    own = separation_of_duties.departments_of(person, today)
    had = FeedbackStep.select(FeedbackStep.feedback).where(FeedbackStep.department.in_(own))
    elsewhere = Feedback.department.is_null() | Feedback.department.not_in(own)
    steps = FeedbackStep.select(FeedbackStep, Feedback, Person).join(Feedback).join_from(FeedbackStep, Person)
    moves = steps.where(
        FeedbackStep.step.in_((Step.ASSIGN, Step.PASS_ON)),
        FeedbackStep.at > now - LEFT_PERIOD,
        Feedback.id.in_(had),
        elsewhere,
    )
    last = {step.feedback_id: step for step in moves.order_by(FeedbackStep.id)}
    return sorted(last.values(), key=lambda step: step.id, reverse=True)


def join_names(query: ModelSelect[Feedback]) -> ModelSelect[Feedback]:
    """The same feedback, with client, department and type read along for a list."""
    named = query.select(Feedback, Client, Department, IssueType)
    named = named.join(Client, JOIN.LEFT_OUTER).join_from(Feedback, Department, JOIN.LEFT_OUTER)
    return named.join_from(Feedback, IssueType)


def _own_departments_condition(person: Person, today: date) -> Condition:
    return Feedback.department.in_(separation_of_duties.departments_of(person, today))
