"""The order of a feedback's steps (I1, P9), in two tables, STEP_RULES and TURNS; every verb goes by `take_step`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from csat.models.base import Condition
from csat.models.feedback import Feedback, FeedbackState, Step
from csat.procedure.core.refusals import OutOfOrder
from csat.procedure.feedback.view import (
    FeedbackView,
    change_waiting_condition,
    due_move_waiting_condition,
    plan_waiting_condition,
    work_left_condition,
)
from csat.words import N_

NEW, ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, EXPLAINED, CONFIRMED = FeedbackState
STATE_PATH = (NEW, ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, CONFIRMED)
EXPLAINED_PATH = (NEW, ASSIGNED, EXPLAINED, CONFIRMED)
OPEN_FEEDBACK_STATES = (NEW, ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, EXPLAINED)
UNCONFIRMED_STATES = (DONE, EXPLAINED)
AT_WORK_STATES = OPEN_FEEDBACK_STATES[1:]  # with a department, until it is confirmed
UNPLANNED_STATES = (ASSIGNED, CALLED_BACK)
DEPARTMENT_STATES = AT_WORK_STATES[:4]  # while the department has something to do

# Who acts on a feedback: as its page names them.
NOBODY = N_("Nobody")
QA = N_("Quality control group")
DEPARTMENT = N_("The department")
SUPERVISOR = N_("The QA supervisor")
IMPROVEMENT = N_("Service improvement group")
EVERYBODY = N_("Everybody at work on it")


class StepRule(NamedTuple):
    """Whose a step is, and from which states it can be taken."""

    who: str
    states: tuple[FeedbackState, ...]


# What also depends on what waits for the supervisor or on open actions stands in `find_possible_steps`.
STEP_RULES: dict[Step, StepRule] = {
    Step.ASSIGN: StepRule(QA, (NEW, *UNPLANNED_STATES)),  # again where it went to the wrong department (P9)
    Step.SUPERVISE: StepRule(QA, AT_WORK_STATES),
    Step.RECLASSIFY: StepRule(QA, OPEN_FEEDBACK_STATES),  # no department says how bad is what is about it (I4)
    Step.LINK: StepRule(QA, OPEN_FEEDBACK_STATES),
    Step.UNLINK: StepRule(QA, OPEN_FEEDBACK_STATES),
    Step.NOTE: StepRule(EVERYBODY, OPEN_FEEDBACK_STATES),
    Step.EVIDENCE: StepRule(DEPARTMENT, AT_WORK_STATES),
    Step.ASK_DUE: StepRule(DEPARTMENT, DEPARTMENT_STATES),
    Step.MOVE_DUE: StepRule(SUPERVISOR, AT_WORK_STATES),
    Step.KEEP_DUE: StepRule(SUPERVISOR, AT_WORK_STATES),
    Step.CALL_BACK: StepRule(DEPARTMENT, UNPLANNED_STATES),
    Step.REPLY: StepRule(DEPARTMENT, UNPLANNED_STATES),
    Step.PASS_ON: StepRule(DEPARTMENT, UNPLANNED_STATES),
    Step.EXPLAIN: StepRule(DEPARTMENT, UNPLANNED_STATES),
    Step.PROPOSE: StepRule(DEPARTMENT, (CALLED_BACK,)),
    Step.ACCEPT: StepRule(SUPERVISOR, (CALLED_BACK,)),
    Step.SEND_BACK: StepRule(SUPERVISOR, (CALLED_BACK,)),
    Step.START: StepRule(DEPARTMENT, (PLANNED,)),
    Step.ACTION: StepRule(DEPARTMENT, (IN_PROGRESS,)),
    Step.ASK_CHANGE: StepRule(DEPARTMENT, (IN_PROGRESS,)),
    Step.CHANGE_PLAN: StepRule(SUPERVISOR, (IN_PROGRESS,)),
    Step.KEEP_PLAN: StepRule(SUPERVISOR, (IN_PROGRESS,)),
    Step.FINISH: StepRule(DEPARTMENT, (IN_PROGRESS,)),
    Step.RETURN: StepRule(IMPROVEMENT, UNCONFIRMED_STATES),
    Step.CONFIRM: StepRule(IMPROVEMENT, UNCONFIRMED_STATES),
}
PLAN_STEPS = {Step.ACCEPT, Step.SEND_BACK}
CHANGE_STEPS = {Step.CHANGE_PLAN, Step.KEEP_PLAN}
DUE_STEPS = {Step.MOVE_DUE, Step.KEEP_DUE}
# Nothing else may happen to a plan while its supervisor reads it (P9).
PLAN_INDEPENDENT_STEPS = {
    *(Step.SUPERVISE, Step.RECLASSIFY, Step.LINK, Step.UNLINK, Step.EVIDENCE, Step.NOTE, Step.ASK_DUE),
    *DUE_STEPS,
}


class Turn(NamedTuple):
    """Who acts next on a feedback at a state, and what they do; None: whatever holds of the fact."""

    state: FeedbackState
    who: str
    what: str
    plan_waits: bool | None = None
    fully_anonymous: bool | None = None
    work_left: bool | None = None
    change_waits: bool | None = None
    rework_owed: bool | None = None
    due_move_waits: bool | None = None


JUDGES_CHANGE = N_("accepts the change of the plan, or keeps the plan")
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
    Turn(IN_PROGRESS, SUPERVISOR, JUDGES_CHANGE, work_left=False, change_waits=True),
    Turn(
        IN_PROGRESS,
        DEPARTMENT,
        N_("adds an action or reopens one, because it was returned"),
        work_left=False,
        change_waits=False,
        rework_owed=True,
    ),
    Turn(IN_PROGRESS, DEPARTMENT, N_("reports the work as done"), work_left=False, change_waits=False),
    Turn(DONE, IMPROVEMENT, N_("checks what was done, and confirms or returns it")),
    Turn(EXPLAINED, IMPROVEMENT, N_("checks the explanation, and confirms or returns it")),
    Turn(CONFIRMED, NOBODY, N_("it is closed")),
)
# Beside it: what the department asked of the supervisor while it goes on with the rest.
REQUEST_TURNS = (
    Turn(IN_PROGRESS, SUPERVISOR, JUDGES_CHANGE, work_left=True, change_waits=True),
    *(Turn(state, SUPERVISOR, N_("moves the due date, or keeps it"), due_move_waits=True) for state in AT_WORK_STATES),
)
FACTS = ("plan_waits", "fully_anonymous", "work_left", "change_waits", "rework_owed", "due_move_waits")
# The facts that change whose turn it is; the others change what is to be done.
FACT_CONDITIONS: dict[str, Callable[[], Condition]] = {
    "plan_waits": plan_waiting_condition,
    "work_left": work_left_condition,
    "change_waits": change_waiting_condition,
    "due_move_waits": due_move_waiting_condition,
}


class StepNotPossible(OutOfOrder):
    sentence = N_("This feedback stands at “%(state)s”, so this step is not possible. Next: %(who)s %(what)s.")


def find_turn(view: FeedbackView) -> Turn:
    """Whose turn it is, and what they do: two texts to translate."""
    return next(turn for turn in TURNS if turn.state == view.feedback.state and _holds(turn, view))


def list_turns(view: FeedbackView) -> list[Turn]:
    """The same, and beside it what waits for the supervisor's word."""
    state = view.feedback.state
    return [find_turn(view), *(turn for turn in REQUEST_TURNS if turn.state == state and _holds(turn, view))]


def _holds(turn: Turn, view: FeedbackView) -> bool:
    return all(getattr(turn, name) in (None, getattr(view, name)) for name in FACTS)


def turn_condition(who: str) -> Condition:
    """The condition for feedback whose next step is theirs."""
    facts, mine = {name: build() for name, build in FACT_CONDITIONS.items()}, Feedback.id.is_null()
    for turn in (*TURNS, *REQUEST_TURNS):
        if turn.who == who:
            at = Feedback.state == turn.state
            for name, holds in facts.items():
                wanted = getattr(turn, name)
                if wanted is not None:
                    at &= holds if wanted else ~holds
            mine |= at
    return mine


def find_possible_steps(view: FeedbackView) -> set[Step]:
    """The steps that can be taken now, by whomever."""
    state = view.feedback.state
    steps = {step for step, rule in STEP_RULES.items() if state in rule.states}
    if state == CALLED_BACK:
        steps = steps & (PLAN_STEPS | PLAN_INDEPENDENT_STEPS) if view.plan_waits else steps - PLAN_STEPS
    if state == IN_PROGRESS:
        steps -= {Step.ASK_CHANGE, Step.FINISH} if view.change_waits else CHANGE_STEPS
        steps.discard(Step.FINISH if view.work_left else Step.ACTION)
        if view.rework_owed:  # what was returned is not done again by saying so
            steps.discard(Step.FINISH)
    if not view.due_move_waits:
        steps -= DUE_STEPS
    if not view.movable_dues:
        steps.discard(Step.ASK_DUE)
    return steps


def refuse_impossible_step(step: Step, feedback: Feedback) -> None:
    """Raise StepNotPossible unless the step can be taken now."""
    view = FeedbackView(feedback)
    if step not in find_possible_steps(view):
        turn = find_turn(view)
        raise StepNotPossible(state=feedback.state, who=turn.who, what=turn.what)
