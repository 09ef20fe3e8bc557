"""The order of a feedback's steps (I1): which step from which state, who acts next, and the history of it.

Every step of every verb goes through `taking`: one transaction, refused when out of order, with its
row in the history and in the audit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from peewee import fn

from csat.database import write
from csat.models.answers import Response
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
ACTS = {
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
WAY = (NEW, ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, CONFIRMED)
OPEN = (NEW, ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, EXPLAINED)

# step → the states from which it can be taken. What also depends on a plan that waits stands in `possible`.
ORDER: dict[Step, tuple[FeedbackState, ...]] = {
    Step.ASSIGN: (NEW,),
    Step.SUPERVISE: (ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, EXPLAINED),
    Step.RECLASSIFY: OPEN,
    Step.LINK: OPEN,
    Step.UNLINK: OPEN,
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
SUPERVISOR_SAYS = (Step.ACCEPT, Step.SEND_BACK)
# Steps after which a plan that was proposed before no longer waits, and the proposal itself.
SETTLING = (Step.PROPOSE, Step.ACCEPT, Step.SEND_BACK, Step.ASSIGN, Step.PASS_ON, Step.EXPLAIN)
UNTOUCHED_BY_PLAN = (Step.SUPERVISE, Step.RECLASSIFY, Step.LINK, Step.UNLINK, Step.EVIDENCE)

NOBODY = N_("Nobody")
QA = N_("Quality control group")
DEPARTMENT = N_("The department")
SUPERVISOR = N_("The QA supervisor")
IMPROVEMENT = N_("Service improvement group")

NEXT: dict[FeedbackState, tuple[str, str]] = {
    NEW: (QA, N_("assigns it to a department and names a supervisor")),
    ASSIGNED: (DEPARTMENT, N_("calls the client back")),
    CALLED_BACK: (DEPARTMENT, N_("finds the cause and proposes actions")),
    PLANNED: (DEPARTMENT, N_("starts the work")),
    IN_PROGRESS: (DEPARTMENT, N_("carries out the actions")),
    DONE: (IMPROVEMENT, N_("checks what was done, and confirms or returns it")),
    EXPLAINED: (IMPROVEMENT, N_("checks the explanation, and confirms or returns it")),
    CONFIRMED: (NOBODY, N_("it is closed")),
}
REPLY_NEXT = (DEPARTMENT, N_("replies on the receipt page, because the client answered anonymously"))
WORD_NEXT = (SUPERVISOR, N_("accepts the call-back and the plan, or sends them back"))
FINISH_NEXT = (DEPARTMENT, N_("reports the work as done"))


class NotNow(OutOfOrder):
    sentence = N_(
        "This feedback stands at “%(state)s”, so this step is not possible. Next: %(who)s %(what)s."
    )


def next_step(feedback: Feedback) -> tuple[str, str]:
    """Who acts next, and what they do: two texts to translate."""
    if feedback.state == ASSIGNED and is_anonymous(feedback):
        return REPLY_NEXT
    if feedback.state == CALLED_BACK and plan_waits(feedback):
        return WORD_NEXT
    if feedback.state == IN_PROGRESS and not open_actions(feedback):
        return FINISH_NEXT
    return NEXT[feedback.state]


def possible(feedback: Feedback) -> set[Step]:
    """The steps that can be taken now, by whomever."""
    steps = {step for step, states in ORDER.items() if feedback.state in states}
    if feedback.state == CALLED_BACK:
        waits = plan_waits(feedback)
        steps -= set() if waits else set(SUPERVISOR_SAYS)
        steps &= {*SUPERVISOR_SAYS, *UNTOUCHED_BY_PLAN} if waits else steps
    if feedback.state == IN_PROGRESS:
        steps.discard(Step.FINISH if open_actions(feedback) else Step.ACTION)
    return steps


@contextmanager
def taking(
    step: Step,
    feedback: Feedback,
    by: Person,
    now: datetime,
    words: str = "",
    detail: dict[str, Any] | None = None,
    **facts: Any,
) -> Iterator[Feedback]:
    """Take one step: yields the feedback as it stands in the store; what the verb changes on it is kept.

    Raises NotNow, naming where it stands and who acts next. The caller's record is brought up to date.
    """
    with write():
        fresh = Feedback.get_by_id(feedback.id)
        refuse_out_of_order(step, fresh)
        before = fresh.state
        yield fresh
        fresh.save()
        put_down(step, fresh, by, now, words, detail)
        audit.record(by, ACTS[step], fresh, now, before=before, after=fresh.state, **facts)
    for name in fresh._meta.fields:
        setattr(feedback, name, fresh.__data__[name])


def refuse_out_of_order(step: Step, feedback: Feedback) -> None:
    """Raise NotNow unless the step can be taken now."""
    if step not in possible(feedback):
        who, what = next_step(feedback)
        raise NotNow(state=feedback.state, who=who, what=what)


def put_down(
    step: Step,
    feedback: Feedback,
    by: Person,
    now: datetime,
    words: str = "",
    detail: dict[str, Any] | None = None,
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


def plan_waits(feedback: Feedback) -> bool:
    """Whether a proposed plan waits for the supervisor's word."""
    steps = FeedbackStep.select().where(FeedbackStep.feedback == feedback, FeedbackStep.step.in_(SETTLING))
    last = steps.order_by(FeedbackStep.id.desc()).first()
    return last is not None and last.step == Step.PROPOSE


def plan_waits_condition() -> Any:
    """The same as a condition on Feedback in a query."""
    last, step = FeedbackStep.alias(), FeedbackStep.alias()
    settled = last.select(fn.MAX(last.id)).where(last.feedback == Feedback.id, last.step.in_(SETTLING))
    return fn.EXISTS(step.select(step.id).where(step.id == settled, step.step == Step.PROPOSE))


def actions_of(feedback: Feedback) -> list[Action]:
    """The actions of a feedback, the earliest due first."""
    query = Action.select(Action, Person).join(Person, on=(Action.owner == Person.id)).switch(Action)
    query = query.join(ActionFeedback).where(ActionFeedback.feedback == feedback)
    return list(query.order_by(Action.due, Action.id))


def open_actions(feedback: Feedback) -> int:
    """How many actions of a feedback are still to be done."""
    links = ActionFeedback.select().join(Action)
    return links.where(ActionFeedback.feedback == feedback, Action.done_at.is_null()).count()


def history_of(feedback: Feedback) -> list[FeedbackStep]:
    """All that happened, the newest first."""
    steps = FeedbackStep.select(FeedbackStep, Person).join(Person)
    return list(steps.where(FeedbackStep.feedback == feedback).order_by(FeedbackStep.id.desc()))


def responses_of(feedback: Feedback) -> list[Response]:
    """The responses a feedback was taken from."""
    keys = FeedbackSource.select(FeedbackSource.response).where(FeedbackSource.feedback == feedback)
    return list(Response.select().where(Response.id.in_(keys)).order_by(Response.id))


def has_anonymous(feedback: Feedback) -> bool:
    """Whether somebody among its respondents is anonymous, so that a reply can be read by them (I3)."""
    return any(response.anonymous for response in responses_of(feedback))


def is_anonymous(feedback: Feedback) -> bool:
    """Whether nobody can be called, because every respondent is anonymous (I3)."""
    responses = responses_of(feedback)
    return bool(responses) and all(response.anonymous for response in responses)
