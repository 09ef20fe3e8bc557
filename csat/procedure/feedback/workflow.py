"""The order of a feedback's steps (I1, P9), in two tables, STEP_RULES and TURNS; every verb goes by `take_step`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from csat.database import write
from csat.models.base import Condition
from csat.models.feedback import Feedback, FeedbackState, FeedbackStep, Step
from csat.models.people import Person
from csat.procedure.core import audit
from csat.procedure.core.refusals import OutOfOrder
from csat.procedure.feedback.view import FeedbackView, plan_waiting_condition
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
EXPLAINED_PATH = (NEW, ASSIGNED, EXPLAINED, CONFIRMED)
OPEN_FEEDBACK_STATES = (NEW, ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, EXPLAINED)
UNCONFIRMED_STATES = (DONE, EXPLAINED)
AT_WORK_STATES = OPEN_FEEDBACK_STATES[1:]  # with a department, until it is confirmed
UNPLANNED_STATES = (ASSIGNED, CALLED_BACK)

# Who acts on a feedback: as its page names them.
NOBODY = N_("Nobody")
QA = N_("Quality control group")
DEPARTMENT = N_("The department")
SUPERVISOR = N_("The QA supervisor")
IMPROVEMENT = N_("Service improvement group")


class StepRule(NamedTuple):
    """Whose a step is, and from which states it can be taken."""

    who: str
    states: tuple[FeedbackState, ...]


# What also depends on a plan that waits or on open actions stands in `find_possible_steps`.
STEP_RULES: dict[Step, StepRule] = {
    Step.ASSIGN: StepRule(QA, (NEW,)),
    Step.SUPERVISE: StepRule(QA, AT_WORK_STATES),
    Step.RECLASSIFY: StepRule(QA, OPEN_FEEDBACK_STATES),  # no department says how bad is what is about it (I4)
    Step.LINK: StepRule(QA, OPEN_FEEDBACK_STATES),
    Step.UNLINK: StepRule(QA, OPEN_FEEDBACK_STATES),
    Step.EVIDENCE: StepRule(DEPARTMENT, AT_WORK_STATES),
    Step.CALL_BACK: StepRule(DEPARTMENT, UNPLANNED_STATES),
    Step.REPLY: StepRule(DEPARTMENT, UNPLANNED_STATES),
    Step.PASS_ON: StepRule(DEPARTMENT, UNPLANNED_STATES),
    Step.EXPLAIN: StepRule(DEPARTMENT, UNPLANNED_STATES),
    Step.PROPOSE: StepRule(DEPARTMENT, (CALLED_BACK,)),
    Step.ACCEPT: StepRule(SUPERVISOR, (CALLED_BACK,)),
    Step.SEND_BACK: StepRule(SUPERVISOR, (CALLED_BACK,)),
    Step.START: StepRule(DEPARTMENT, (PLANNED,)),
    Step.ACTION: StepRule(DEPARTMENT, (IN_PROGRESS,)),
    Step.FINISH: StepRule(DEPARTMENT, (IN_PROGRESS,)),
    Step.RETURN: StepRule(IMPROVEMENT, UNCONFIRMED_STATES),
    Step.CONFIRM: StepRule(IMPROVEMENT, UNCONFIRMED_STATES),
}
# Nothing else may happen to a plan while its supervisor reads it (P9).
PLAN_INDEPENDENT_STEPS = {Step.SUPERVISE, Step.RECLASSIFY, Step.LINK, Step.UNLINK, Step.EVIDENCE}


class Turn(NamedTuple):
    """Who acts next on a feedback at a state, and what they do; None: whatever holds of the fact."""

    state: FeedbackState
    who: str
    what: str
    plan_waits: bool | None = None
    fully_anonymous: bool | None = None
    work_left: bool | None = None


# Whose turn it is: the first row that holds. What each can do stands in STEP_RULES.
TURNS = (
    Turn(NEW, QA, N_("assigns it to a department and names a supervisor")),
    Turn(
        ASSIGNED,
        DEPARTMENT,
        N_("replies on the receipt page, because the client answered anonymously"),
        fully_anonymous=True,
    ),
    Turn(ASSIGNED, DEPARTMENT, N_("calls the client back")),
    Turn(CALLED_BACK, SUPERVISOR, N_("accepts the call-back and the plan, or sends them back"), plan_waits=True),
    Turn(CALLED_BACK, DEPARTMENT, N_("finds the cause and proposes actions"), plan_waits=False),
    Turn(PLANNED, DEPARTMENT, N_("starts the work")),
    Turn(IN_PROGRESS, DEPARTMENT, N_("carries out the actions"), work_left=True),
    Turn(IN_PROGRESS, DEPARTMENT, N_("reports the work as done"), work_left=False),
    Turn(DONE, IMPROVEMENT, N_("checks what was done, and confirms or returns it")),
    Turn(EXPLAINED, IMPROVEMENT, N_("checks the explanation, and confirms or returns it")),
    Turn(CONFIRMED, NOBODY, N_("it is closed")),
)


class StepNotPossible(OutOfOrder):
    sentence = N_("This feedback stands at “%(state)s”, so this step is not possible. Next: %(who)s %(what)s.")


def find_turn(view: FeedbackView) -> Turn:
    """Whose turn it is, and what they do: two texts to translate."""
    return next(turn for turn in TURNS if turn.state == view.feedback.state and _holds(turn, view))


def _holds(turn: Turn, view: FeedbackView) -> bool:
    facts = ("plan_waits", "fully_anonymous", "work_left")
    return all(getattr(turn, name) in (None, getattr(view, name)) for name in facts)


def turn_condition(who: str) -> Condition:
    """The condition for feedback whose next step is theirs."""
    # Of the facts only a waiting plan changes whose turn it is; the others change what is to be done.
    waits, mine = plan_waiting_condition(), Feedback.id.is_null()
    for turn in TURNS:
        if turn.who == who:
            at = Feedback.state == turn.state
            if turn.plan_waits is not None:
                at &= waits if turn.plan_waits else ~waits
            mine |= at
    return mine


def find_possible_steps(view: FeedbackView) -> set[Step]:
    """The steps that can be taken now, by whomever."""
    state = view.feedback.state
    steps = {step for step, rule in STEP_RULES.items() if state in rule.states}
    if state == CALLED_BACK:
        supervising = {step for step in steps if STEP_RULES[step].who == SUPERVISOR}
        steps = steps & (supervising | PLAN_INDEPENDENT_STEPS) if view.plan_waits else steps - supervising
    if state == IN_PROGRESS:
        steps.discard(Step.FINISH if view.work_left else Step.ACTION)
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
    """Take one step, on record: yields the feedback as stored, keeps what the verb changes; or StepNotPossible."""
    with write():
        fresh = Feedback.get_by_id(feedback.id)  # the page that asks may have been open for days
        refuse_impossible_step(step, fresh)
        before = fresh.state
        yield fresh
        fresh.save()
        add_history_entry(step, fresh, by, now, words, detail)
        audit.record(by, AUDIT_ACTIONS[step], fresh, now, before=before, after=fresh.state, **facts)
    for name in fresh._meta.fields:  # the caller goes on with its own record
        setattr(feedback, name, fresh.__data__[name])


def refuse_impossible_step(step: Step, feedback: Feedback) -> None:
    """Raise StepNotPossible unless the step can be taken now."""
    view = FeedbackView(feedback)
    if step not in find_possible_steps(view):
        turn = find_turn(view)
        raise StepNotPossible(state=feedback.state, who=turn.who, what=turn.what)


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
