"""A feedback's plan and its actions (I1): proposed, shared with other feedback, carried out on evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from csat.database import write
from csat.models.feedback import Action, ActionChange, ActionFeedback, ActionKind, Feedback, FeedbackState, Step
from csat.models.people import Person
from csat.procedure.core.guards import found_or_refuse, need_text
from csat.procedure.core.refusals import InputWrong, OutOfOrder
from csat.procedure.feedback.evidence import select_served, store_files
from csat.procedure.feedback.steps import add_history_entry, take_step
from csat.procedure.feedback.view import list_actions
from csat.procedure.people.attachments import FileToAttach
from csat.words import N_

UNDER_WAY_STATES = (FeedbackState.PLANNED, FeedbackState.IN_PROGRESS)


class PlanEmpty(InputWrong):
    sentence = N_("Please plan at least one action.")


class DayOver(InputWrong):
    sentence = N_("An action cannot be due on a day that is over.")


class ActionNotUnderWay(InputWrong):
    sentence = N_("Only an action that the same department is carrying out for other feedback can be shared.")


class ChangeWaits(OutOfOrder):
    sentence = N_("What was asked to change in this action waits for the supervisor's word. Please wait for it.")


class PlannedAction(NamedTuple):
    kind: ActionKind
    what: str
    owner: Person
    due: date


def propose_plan(
    feedback: Feedback,
    cause: str,
    actions: Sequence[tuple],
    by: Person,
    now: datetime,
    zone: tzinfo,
    shared: Sequence[Action] = (),
    files: Sequence[FileToAttach] = (),
) -> list[Action]:
    """Propose a plan: the cause, actions (kind, what, owner, due day), and `shared` ones of other feedback."""
    plan = [PlannedAction(*action) for action in actions]
    _refuse_thin_plan(cause, plan, shared, now.astimezone(zone).date())
    detail: dict[str, object] = {"plan": [*map(_describe_shared, shared), *map(_describe_planned, plan)]}
    with take_step(Step.PROPOSE, feedback, by, now, cause, detail) as fresh:
        _refuse_foreign_actions(fresh, shared)
        drop_plan(fresh)  # one that was sent back: the history keeps both
        made = [Action.create(**{**one._asdict(), "what": one.what.strip()}, made_by=by) for one in plan]
        for action in [*shared, *made]:
            ActionFeedback.create(action=action, feedback=fresh)
        detail.update(store_files(fresh, files, by, now))
    return made


def list_shareable_actions(feedback: Feedback) -> list[Action]:
    """Open actions that the department carries out for other feedback; and those this one shares already."""
    also = find_other_feedback(feedback)
    own = [action for action in list_actions(feedback) if action.id in also]
    here = Feedback.alias()
    others = (
        ActionFeedback.select(ActionFeedback.action)
        .join(here, on=(ActionFeedback.feedback == here.id))
        .where(here.department == feedback.department_id, here.state.in_(UNDER_WAY_STATES), here.id != feedback.id)
    )
    query = Action.select(Action, Person).join(Person, on=(Action.owner == Person.id))
    offered = query.where(Action.id.in_(others), Action.done_at.is_null(), Action.dropped_at.is_null())
    found = {action.id: action for action in [*own, *offered]}
    return sorted(found.values(), key=lambda action: (action.due, action.id))


def find_other_feedback(feedback: Feedback) -> dict[int, list[Feedback]]:
    """By action: the other feedback it serves."""
    links = ActionFeedback.select(ActionFeedback, Feedback).join(Feedback)
    keys = [action.id for action in list_actions(feedback)]
    found: dict[int, list[Feedback]] = {}
    for link in links.where(ActionFeedback.action.in_(keys), Feedback.id != feedback.id):
        found.setdefault(link.action_id, []).append(link.feedback)
    return found


def drop_plan(feedback: Feedback) -> None:
    """Forget actions that were proposed and never started; what they said stays in the history."""
    keys = [action.id for action in list_actions(feedback)]
    ActionFeedback.delete().where(ActionFeedback.feedback == feedback, ActionFeedback.action.in_(keys)).execute()
    needed = ActionFeedback.select(ActionFeedback.action)  # what is shared goes on for the other feedback
    Action.delete().where(Action.id.in_(keys), Action.id.not_in(needed), Action.done_at.is_null()).execute()


def start_work(feedback: Feedback, by: Person, now: datetime) -> None:
    """Start the work on an accepted plan."""
    with take_step(Step.START, feedback, by, now) as fresh:
        fresh.state = FeedbackState.IN_PROGRESS


def finish_action(
    action: Action, words: str, by: Person, now: datetime, zone: tzinfo, files: Sequence[FileToAttach] = ()
) -> None:
    """Report an action as done, with evidence; in time until its due day ends, by the local calendar."""
    words = need_text(words, "evidence")
    with write():
        stored = Action.get_by_id(action.id)
        if stored.done_at is not None or stored.dropped_at is not None:
            raise OutOfOrder
        if ActionChange.select().where(ActionChange.action == action, ActionChange.decided_at.is_null()).exists():
            raise ChangeWaits
        action.due = stored.due
        # Done for all that share it; but only those whose own work has started take a step.
        linked = list(select_served("action", action.id))
        working = [one for one in linked if one.state == FeedbackState.IN_PROGRESS] or linked
        said, detail = f"{action.what}\n{words}", store_files(action, files, by, now)
        for feedback in working:
            with take_step(Step.ACTION, feedback, by, now, said, detail, done=action.id):
                pass
        for feedback in [one for one in linked if one not in working]:
            add_history_entry(Step.ACTION, feedback, by, now, said, detail)
        action.done_at, action.evidence = now, words
        action.done_in_time = now.astimezone(zone).date() <= action.due
        action.save()


def finish_work(feedback: Feedback, words: str, by: Person, now: datetime, files: Sequence[FileToAttach] = ()) -> None:
    """Report the work as done, once every action is."""
    words = need_text(words, "words")
    detail: dict[str, object] = {}
    with take_step(Step.FINISH, feedback, by, now, words, detail) as fresh:
        fresh.state = FeedbackState.DONE
        detail.update(store_files(fresh, files, by, now))


def get_action(feedback: Feedback, key: int) -> Action:
    """An action of this feedback; raise NotFound for any other."""
    return found_or_refuse(next((action for action in list_actions(feedback) if action.id == key), None))


def _refuse_thin_plan(cause: str, plan: list[PlannedAction], shared: Sequence[Action], today: date) -> None:
    need_text(cause, "cause")
    if not (plan or shared) or not all(action.what.strip() for action in plan):
        raise PlanEmpty(field="actions")
    if any(action.due < today for action in plan):
        raise DayOver(field="actions")


def _refuse_foreign_actions(feedback: Feedback, shared: Sequence[Action]) -> None:
    if not {action.id for action in shared} <= {action.id for action in list_shareable_actions(feedback)}:
        raise ActionNotUnderWay(field="shared")


def _describe_planned(one: PlannedAction) -> dict[str, object]:
    return {"what": one.what.strip(), "owner": one.owner.name, "due": one.due.isoformat()}


def _describe_shared(one: Action) -> dict[str, object]:
    return {"what": one.what, "owner": one.owner.name, "due": one.due.isoformat(), "shared": True}
