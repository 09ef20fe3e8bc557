"""What a feedback consists of: its history, its actions, the responses it was taken from."""

from __future__ import annotations

from functools import cached_property

from peewee import fn

from csat.models.answers import Response
from csat.models.base import Condition
from csat.models.feedback import (
    Action,
    ActionChange,
    ActionFeedback,
    ChangeKind,
    DueDate,
    DueMove,
    Feedback,
    FeedbackSource,
    FeedbackState,
    FeedbackStep,
    Step,
)
from csat.models.people import Person

REWORK_KINDS = (ChangeKind.ADD, ChangeKind.REOPEN)  # what a returned feedback asks for
# Steps after which a plan that was proposed before no longer waits, and the proposal itself.
PLAN_SETTLING_STEPS = (Step.PROPOSE, Step.ACCEPT, Step.SEND_BACK, Step.ASSIGN, Step.PASS_ON, Step.EXPLAIN)


class FeedbackView:
    """A feedback and what belongs to it, each read once, when it is first asked for."""

    def __init__(self, feedback: Feedback) -> None:
        self.feedback = feedback

    @cached_property
    def history(self) -> list[FeedbackStep]:
        """All that happened, the newest first."""
        return list_history(self.feedback)

    @cached_property
    def actions(self) -> list[Action]:
        """Its actions, the earliest due first."""
        return list_actions(self.feedback)

    @cached_property
    def responses(self) -> list[Response]:
        """The responses it was taken from."""
        return list_responses(self.feedback)

    @cached_property
    def due_moves(self) -> list[DueMove]:
        """What was asked about its due dates, the newest first."""
        return list(DueMove.select().where(DueMove.feedback == self.feedback).order_by(DueMove.id.desc()))

    @cached_property
    def waiting_change(self) -> ActionChange | None:
        """What the department asks to change in the plan, until the supervisor has answered."""
        asked = ActionChange.select(ActionChange, Action).join(Action)
        return asked.where(ActionChange.feedback == self.feedback, ActionChange.decided_at.is_null()).first()

    @property
    def plan_waits(self) -> bool:
        """Whether a proposed plan waits for the supervisor's word."""
        last = next((step.step for step in self.history if step.step in PLAN_SETTLING_STEPS), None)
        return last == Step.PROPOSE

    @property
    def last_end(self) -> FeedbackStep | None:
        """The last time that the department said that it is done or explained."""
        return next((step for step in self.history if step.step in (Step.FINISH, Step.EXPLAIN)), None)

    @property
    def open_actions(self) -> list[Action]:
        """The actions that are still to be done."""
        return [action for action in self.actions if action.done_at is None and action.dropped_at is None]

    @property
    def work_left(self) -> bool:
        """Whether an action is still to be done."""
        return bool(self.open_actions)

    @property
    def change_waits(self) -> bool:
        """Whether a change of the plan in progress waits for the supervisor's word."""
        return self.waiting_change is not None

    @property
    def rework_owed(self) -> bool:
        """Whether it was returned, and no action was added or reopened since (I1)."""
        for step in self.history:
            if step.step == Step.CHANGE_PLAN and (step.detail or {}).get("change") in REWORK_KINDS:
                return False
            if step.step == Step.RETURN:
                return step.state == FeedbackState.IN_PROGRESS
        return False

    @property
    def waiting_due_move(self) -> DueMove | None:
        """Another due date that waits for the supervisor's word; none once the client was called back after all."""
        waiting = (one for one in self.due_moves if one.decided_at is None)
        return next((one for one in waiting if self._is_due_owed(one.about)), None)

    @property
    def due_move_waits(self) -> bool:
        """Whether another due date waits for the supervisor's word."""
        return self.waiting_due_move is not None

    @property
    def movable_dues(self) -> list[DueDate]:
        """The due dates that can be asked to move: each once, one at a time (P9)."""
        moved = {one.about for one in self.due_moves if one.accepted}
        free = [one for one in DueDate if one not in moved and self._is_due_owed(one)]
        return [] if self.due_move_waits else free

    def _is_due_owed(self, about: DueDate) -> bool:
        return about == DueDate.CLOSE or self.feedback.called_back_at is None

    @property
    def has_anonymous(self) -> bool:
        """Whether somebody among its respondents is anonymous, so that a reply can be read by them (I3)."""
        return any(response.anonymous for response in self.responses)

    @property
    def fully_anonymous(self) -> bool:
        """Whether nobody can be called, because every respondent is anonymous (I3)."""
        return bool(self.responses) and all(response.anonymous for response in self.responses)


def plan_waiting_condition() -> Condition:
    """The condition for feedback whose proposed plan waits for the supervisor's word."""
    last, step = FeedbackStep.alias(), FeedbackStep.alias()
    settled = last.select(fn.MAX(last.id)).where(last.feedback == Feedback.id, last.step.in_(PLAN_SETTLING_STEPS))
    return fn.EXISTS(step.select(step.id).where(step.id == settled, step.step == Step.PROPOSE))


def work_left_condition() -> Condition:
    """The condition for feedback of which an action is still to be done."""
    link, action = ActionFeedback.alias(), Action.alias()
    served = link.select(link.id).join(action, on=(link.action == action.id)).where(link.feedback == Feedback.id)
    return fn.EXISTS(served.where(action.done_at.is_null(), action.dropped_at.is_null()))


def change_waiting_condition() -> Condition:
    """The condition for feedback of which a change of the plan waits for the supervisor's word."""
    asked = ActionChange.alias()
    return fn.EXISTS(asked.select(asked.id).where(asked.feedback == Feedback.id, asked.decided_at.is_null()))


def due_move_waiting_condition() -> Condition:
    """The condition for feedback of which another due date waits for the supervisor's word."""
    asked = DueMove.alias()
    matters = (asked.about == DueDate.CLOSE) | Feedback.called_back_at.is_null()
    return fn.EXISTS(asked.select(asked.id).where(asked.feedback == Feedback.id, asked.decided_at.is_null(), matters))


def list_actions(feedback: Feedback) -> list[Action]:
    """The actions of a feedback, the earliest due first."""
    query = Action.select(Action, Person).join(Person, on=(Action.owner == Person.id)).switch(Action)
    query = query.join(ActionFeedback).where(ActionFeedback.feedback == feedback)
    return list(query.order_by(Action.due, Action.id))


def list_history(feedback: Feedback) -> list[FeedbackStep]:
    """All that happened, the newest first."""
    steps = FeedbackStep.select(FeedbackStep, Person).join(Person)
    return list(steps.where(FeedbackStep.feedback == feedback).order_by(FeedbackStep.id.desc()))


def list_responses(feedback: Feedback) -> list[Response]:
    """The responses a feedback was taken from."""
    keys = FeedbackSource.select(FeedbackSource.response).where(FeedbackSource.feedback == feedback)
    return list(Response.select().where(Response.id.in_(keys)).order_by(Response.id))
