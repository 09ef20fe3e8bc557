"""What a feedback consists of: its history, its actions, the responses it was taken from."""

from __future__ import annotations

from functools import cached_property

from peewee import fn

from csat.models.answers import Response
from csat.models.base import Condition
from csat.models.feedback import Action, ActionFeedback, Feedback, FeedbackSource, FeedbackStep, Step
from csat.models.people import Person

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
    def work_left(self) -> bool:
        """Whether an action is still to be done."""
        return any(action.done_at is None for action in self.actions)

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
