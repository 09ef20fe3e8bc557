"""The order of a feedback's steps (I1): which step from which state, who acts next, and the history of it.

Every step of every verb goes through `taking`: one transaction, refused when out of order, with its
row in the history and in the audit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from peewee import fn

from csat.database import write
from csat.models.answers import Response
from csat.models.base import Condition
from csat.models.feedback import (
    Action,
    ActionFeedback,
    Feedback,
    FeedbackSource,
    FeedbackState,
    FeedbackStep,
    Step,
)
from csat.models.people import Person
from csat.procedure.core import audit
from csat.procedure.core.refusals import OutOfOrder
from csat.words import N_

# What the history calls a step.
AUDIT_ACTIONS = {
    Step.ASSIGN: N_("feedback assigned"),
    Step.RECLASSIFY: N_("feedback classified anew"),
    Step.SUPERVISE: N_("supervisor of a feedback changed"),
    Step.CALL_BACK: N_("client called back"),
    Step.REPLY: N_("reply to a feedback given"),
    Step.PROPOSE: N_("plan proposed"),
    Step.ACCEPT: N_("plan accepted"),
    Step.SEND_BACK: N_("plan sent back"),
    Step.START: N_("work on a feedback started"),
    Step.ACTION: N_("action done"),
    Step.FINISH: N_("feedback reported as done"),
    Step.RETURN: N_("feedback returned"),
    Step.PASS_ON: N_("feedback passed on"),
    Step.EXPLAIN: N_("feedback explained to the client"),
    Step.CONFIRM: N_("feedback confirmed"),
    Step.RECUR: N_("feedback recurred"),
    Step.LIFT: N_("feedback no repeat after all"),
    Step.LINK: N_("feedback linked"),
    Step.UNLINK: N_("feedback unlinked"),
    Step.EVIDENCE: N_("evidence added to a feedback"),
}

NEW, ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, EXPLAINED, CONFIRMED = FeedbackState
STATE_PATH = (NEW, ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, CONFIRMED)
OPEN_FEEDBACK_STATES = (NEW, ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, EXPLAINED)

# step → the states from which it can be taken. What also depends on a plan that waits stands in `possible`.
ALLOWED_STATES: dict[Step, tuple[FeedbackState, ...]] = {
    Step.ASSIGN: (NEW,),
    Step.SUPERVISE: (ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, EXPLAINED),
    Step.RECLASSIFY: OPEN_FEEDBACK_STATES,
    Step.LINK: OPEN_FEEDBACK_STATES,
    Step.UNLINK: OPEN_FEEDBACK_STATES,
    Step.EVIDENCE: (ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, EXPLAINED),
    Step.CALL_BACK: (ASSIGNED, CALLED_BACK),
    Step.REPLY: (ASSIGNED, CALLED_BACK),
    Step.PROPOSE: (CALLED_BACK,),
    Step.ACCEPT: (CALLED_BACK,),
    Step.SEND_BACK: (CALLED_BACK,),
    Step.START: (PLANNED,),
    Step.ACTION: (IN_PROGRESS,),
    Step.FINISH: (IN_PROGRESS,),
    Step.PASS_ON: (ASSIGNED, CALLED_BACK),
    Step.EXPLAIN: (ASSIGNED, CALLED_BACK),
    Step.RETURN: (DONE, EXPLAINED),
    Step.CONFIRM: (DONE, EXPLAINED),
}
SUPERVISOR_STEPS = (Step.ACCEPT, Step.SEND_BACK)
# Steps after which a plan that was proposed before no longer waits, and the proposal itself.
PLAN_SETTLING_STEPS = (Step.PROPOSE, Step.ACCEPT, Step.SEND_BACK, Step.ASSIGN, Step.PASS_ON, Step.EXPLAIN)
PLAN_INDEPENDENT_STEPS = (Step.SUPERVISE, Step.RECLASSIFY, Step.LINK, Step.UNLINK, Step.EVIDENCE)

NOBODY = N_("Nobody")
QA = N_("Quality control group")
DEPARTMENT = N_("The department")
SUPERVISOR = N_("The QA supervisor")
IMPROVEMENT = N_("Service improvement group")

NEXT_BY_STATE: dict[FeedbackState, tuple[str, str]] = {
    NEW: (QA, N_("assigns it to a department and names a supervisor")),
    ASSIGNED: (DEPARTMENT, N_("calls the client back")),
    CALLED_BACK: (DEPARTMENT, N_("finds the cause and proposes actions")),
    PLANNED: (DEPARTMENT, N_("starts the work")),
    IN_PROGRESS: (DEPARTMENT, N_("carries out the actions")),
    DONE: (IMPROVEMENT, N_("checks what was done, and confirms or returns it")),
    EXPLAINED: (IMPROVEMENT, N_("checks the explanation, and confirms or returns it")),
    CONFIRMED: (NOBODY, N_("it is closed")),
}
NEXT_REPLY = (DEPARTMENT, N_("replies on the receipt page, because the client answered anonymously"))
NEXT_SUPERVISION = (SUPERVISOR, N_("accepts the call-back and the plan, or sends them back"))
NEXT_FINISH = (DEPARTMENT, N_("reports the work as done"))


class StepNotPossible(OutOfOrder):
    sentence = N_(
        "This feedback stands at “%(state)s”, so this step is not possible. Next: %(who)s %(what)s."
    )


def describe_next_step(feedback: Feedback) -> tuple[str, str]:
    """Who acts next, and what they do: two texts to translate."""
    if feedback.state == ASSIGNED and is_fully_anonymous(feedback):
        return NEXT_REPLY
    if feedback.state == CALLED_BACK and is_plan_waiting(feedback):
        return NEXT_SUPERVISION
    if feedback.state == IN_PROGRESS and not count_open_actions(feedback):
        return NEXT_FINISH
    return NEXT_BY_STATE[feedback.state]


def find_possible_steps(feedback: Feedback) -> set[Step]:
    """The steps that can be taken now, by whomever."""
    steps = {step for step, states in ALLOWED_STATES.items() if feedback.state in states}
    if feedback.state == CALLED_BACK:
        waits = is_plan_waiting(feedback)
        steps -= set() if waits else set(SUPERVISOR_STEPS)
        steps &= {*SUPERVISOR_STEPS, *PLAN_INDEPENDENT_STEPS} if waits else steps
    if feedback.state == IN_PROGRESS:
        steps.discard(Step.FINISH if count_open_actions(feedback) else Step.ACTION)
    return steps


@contextmanager
def take_step(
    step: Step,
    feedback: Feedback,
    by: Person,
    now: datetime,
    words: str = "",
    detail: Mapping[str, object] | None = None,
    **facts: object,
) -> Iterator[Feedback]:
    """Take one step: yields the feedback as it stands in the store; what the verb changes on it is kept.

    Raises NotNow, naming where it stands and who acts next. The caller's record is brought up to date.
    """
    with write():
        fresh = Feedback.get_by_id(feedback.id)
        refuse_impossible_step(step, fresh)
        before = fresh.state
        yield fresh
        fresh.save()
        add_history_entry(step, fresh, by, now, words, detail)
        audit.record(by, AUDIT_ACTIONS[step], fresh, now, before=before, after=fresh.state, **facts)
    for name in fresh._meta.fields:
        setattr(feedback, name, fresh.__data__[name])


def refuse_impossible_step(step: Step, feedback: Feedback) -> None:
    """Raise NotNow unless the step can be taken now."""
    if step not in find_possible_steps(feedback):
        who, what = describe_next_step(feedback)
        raise StepNotPossible(state=feedback.state, who=who, what=what)


def add_history_entry(
    step: Step,
    feedback: Feedback,
    by: Person,
    now: datetime,
    words: str = "",
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add a row to the history of a feedback, with the department that has it now."""
    FeedbackStep.create(
        feedback=feedback,
        step=step,
        state=feedback.state,
        by=by,
        at=now,
        words=words.strip(),
        department=feedback.department_id,
        detail=detail or None,
    )


def is_plan_waiting(feedback: Feedback) -> bool:
    """Whether a proposed plan waits for the supervisor's word."""
    steps = FeedbackStep.select().where(
        FeedbackStep.feedback == feedback, FeedbackStep.step.in_(PLAN_SETTLING_STEPS)
    )
    last = steps.order_by(FeedbackStep.id.desc()).first()
    return last is not None and last.step == Step.PROPOSE


def plan_waiting_condition() -> Condition:
    """The same as a condition on Feedback in a query."""
    last, step = FeedbackStep.alias(), FeedbackStep.alias()
    settled = last.select(fn.MAX(last.id)).where(
        last.feedback == Feedback.id, last.step.in_(PLAN_SETTLING_STEPS)
    )
    return fn.EXISTS(step.select(step.id).where(step.id == settled, step.step == Step.PROPOSE))


def list_actions(feedback: Feedback) -> list[Action]:
    """The actions of a feedback, the earliest due first."""
    query = Action.select(Action, Person).join(Person, on=(Action.owner == Person.id)).switch(Action)
    query = query.join(ActionFeedback).where(ActionFeedback.feedback == feedback)
    return list(query.order_by(Action.due, Action.id))


def count_open_actions(feedback: Feedback) -> int:
    """How many actions of a feedback are still to be done."""
    links = ActionFeedback.select().join(Action)
    return links.where(ActionFeedback.feedback == feedback, Action.done_at.is_null()).count()


def list_history(feedback: Feedback) -> list[FeedbackStep]:
    """All that happened, the newest first."""
    steps = FeedbackStep.select(FeedbackStep, Person).join(Person)
    return list(steps.where(FeedbackStep.feedback == feedback).order_by(FeedbackStep.id.desc()))


def list_responses(feedback: Feedback) -> list[Response]:
    """The responses a feedback was taken from."""
    keys = FeedbackSource.select(FeedbackSource.response).where(FeedbackSource.feedback == feedback)
    return list(Response.select().where(Response.id.in_(keys)).order_by(Response.id))


def has_anonymous_respondent(feedback: Feedback) -> bool:
    """Whether somebody among its respondents is anonymous, so that a reply can be read by them (I3)."""
    return any(response.anonymous for response in list_responses(feedback))


def is_fully_anonymous(feedback: Feedback) -> bool:
    """Whether nobody can be called, because every respondent is anonymous (I3)."""
    responses = list_responses(feedback)
    return bool(responses) and all(response.anonymous for response in responses)
