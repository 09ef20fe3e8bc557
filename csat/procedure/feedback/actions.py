"""A feedback's plan and its actions (I1): proposed, shared with other feedback, carried out on evidence.

Callers find the steps in `feedback`, beside the department's others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from csat.database import write
from csat.models.evidence import Evidence
from csat.models.feedback import Action, ActionFeedback, ActionKind, Feedback, FeedbackState, Step
from csat.models.people import Person
from csat.procedure.core.refusals import InputWrong, Missing, NotFound, OutOfOrder
from csat.procedure.feedback.board import visible, works_on
from csat.procedure.feedback.workflow import OPEN, actions_of, put_down, taking
from csat.procedure.people import attachments
from csat.procedure.people.attachments import Kept
from csat.words import N_

UNDER_WAY = (FeedbackState.PLANNED, FeedbackState.IN_PROGRESS)


class PlanEmpty(InputWrong):
    sentence = N_("Please plan at least one action.")


class DayOver(InputWrong):
    sentence = N_("An action cannot be due on a day that is over.")


class ActionNotUnderWay(InputWrong):
    sentence = N_("Only an action that the same department is carrying out for other feedback can be shared.")


class NoFile(InputWrong):
    sentence = N_("Please choose a file.")


class Planned(NamedTuple):
    """An action of a plan."""

    kind: ActionKind
    what: str
    owner: Person
    due: date


# --- the plan ------------------------------------------------------------------------------------------


def propose(
    feedback: Feedback,
    cause: str,
    actions: Sequence[tuple],
    by: Person,
    now: datetime,
    zone: tzinfo,
    shared: Sequence[Action] = (),
    files: Sequence[Kept] = (),
) -> list[Action]:
    """Propose a plan to the supervisor: the cause, and actions (kind, what, owner, due day of the `zone`).

    `shared` are actions that go on for other feedback and serve this one too. A plan that was sent back is
    replaced; the history keeps both.
    """
    plan = [Planned(*action) for action in actions]
    _refuse_thin_plan(cause, plan, shared, now.astimezone(zone).date())
    detail: dict[str, Any] = {"plan": [*map(_told_shared, shared), *map(_told, plan)]}
    with taking(Step.PROPOSE, feedback, by, now, cause, detail) as fresh:
        _refuse_foreign(fresh, shared)
        drop_plan(fresh)
        made = [
            Action.create(kind=one.kind, what=one.what.strip(), owner=one.owner, due=one.due, made_by=by)
            for one in plan
        ]
        for action in [*shared, *made]:
            ActionFeedback.create(action=action, feedback=fresh)
        detail.update(_attached(fresh, files, by, now))
    return made


def shareable(feedback: Feedback) -> list[Action]:
    """Open actions that the department carries out for other feedback; and those this one shares already."""
    here = Feedback.alias()
    others = (
        ActionFeedback.select(ActionFeedback.action)
        .join(here, on=(ActionFeedback.feedback == here.id))
        .where(here.department == feedback.department_id, here.state.in_(UNDER_WAY), here.id != feedback.id)
    )
    query = Action.select(Action, Person).join(Person, on=(Action.owner == Person.id))
    offered = query.where(Action.id.in_(others), Action.done_at.is_null())
    found = {action.id: action for action in [*shared_of(feedback), *offered]}
    return sorted(found.values(), key=lambda action: (action.due, action.id))


def shared_of(feedback: Feedback) -> list[Action]:
    """The actions of a feedback that serve other feedback too."""
    also = also_for(feedback)
    return [action for action in actions_of(feedback) if action.id in also]


def also_for(feedback: Feedback) -> dict[int, list[Feedback]]:
    """By action: the other feedback it serves."""
    links = ActionFeedback.select(ActionFeedback, Feedback).join(Feedback)
    keys = [action.id for action in actions_of(feedback)]
    found: dict[int, list[Feedback]] = {}
    for link in links.where(ActionFeedback.action.in_(keys or [0]), Feedback.id != feedback.id):
        found.setdefault(link.action_id, []).append(link.feedback)
    return found


def drop_plan(feedback: Feedback) -> None:
    """Forget actions that were proposed and never started; what they said stays in the history.

    An action that serves other feedback goes on for that.
    """
    keys = [action.id for action in actions_of(feedback)]
    ActionFeedback.delete().where(
        ActionFeedback.feedback == feedback, ActionFeedback.action.in_(keys)
    ).execute()
    needed = ActionFeedback.select(ActionFeedback.action)
    Action.delete().where(Action.id.in_(keys), Action.id.not_in(needed), Action.done_at.is_null()).execute()


# --- the work ------------------------------------------------------------------------------------------


def start(feedback: Feedback, by: Person, now: datetime) -> None:
    """Start the work on an accepted plan."""
    with taking(Step.START, feedback, by, now) as fresh:
        fresh.state = FeedbackState.IN_PROGRESS


def finish_action(
    action: Action, words: str, by: Person, now: datetime, zone: tzinfo, files: Sequence[Kept] = ()
) -> None:
    """Report an action as done, with evidence; in time until its due day ends, by the local calendar.

    It is done for every feedback that shares it, those included whose own work has not started.
    """
    if not words.strip():
        raise Missing(field="evidence")
    with write():
        if Action.get_by_id(action.id).done_at is not None:
            raise OutOfOrder
        linked = list(_served_by(action.id))
        working = [one for one in linked if one.state == FeedbackState.IN_PROGRESS] or linked
        said, detail = f"{action.what}\n{words.strip()}", _attached(action, files, by, now)
        for feedback in working:
            with taking(Step.ACTION, feedback, by, now, said, detail, done=action.id):
                pass
        for feedback in [one for one in linked if one not in working]:
            put_down(Step.ACTION, feedback, by, now, said, detail)
        action.done_at, action.evidence = now, words.strip()
        action.done_in_time = now.astimezone(zone).date() <= action.due
        action.save()


def finish(feedback: Feedback, words: str, by: Person, now: datetime, files: Sequence[Kept] = ()) -> None:
    """Report the work as done, once every action is."""
    if not words.strip():
        raise Missing(field="words")
    detail: dict[str, Any] = {}
    with taking(Step.FINISH, feedback, by, now, words, detail) as fresh:
        fresh.state = FeedbackState.DONE
        detail.update(_attached(fresh, files, by, now))


def add_files(
    feedback: Feedback,
    action: Action | None,
    words: str,
    by: Person,
    now: datetime,
    files: Sequence[Kept],
) -> None:
    """Add evidence to a feedback, or to one of its actions, until it is confirmed."""
    if not files:
        raise NoFile(field="files")
    detail: dict[str, Any] = {}
    with taking(Step.EVIDENCE, feedback, by, now, words, detail) as fresh:
        detail.update(_attached(action or fresh, files, by, now, words))


def action_of(feedback: Feedback, key: int) -> Action:
    """An action of this feedback; raise NotFound for any other."""
    found = next((action for action in actions_of(feedback) if action.id == key), None)
    if found is None:
        raise NotFound
    return found


# --- small print -------------------------------------------------------------------------------------


def _refuse_thin_plan(cause: str, plan: list[Planned], shared: Sequence[Action], today: date) -> None:
    if not cause.strip():
        raise Missing(field="cause")
    if not (plan or shared) or not all(action.what.strip() for action in plan):
        raise PlanEmpty(field="actions")
    if any(action.due < today for action in plan):
        raise DayOver(field="actions")


def _refuse_foreign(feedback: Feedback, shared: Sequence[Action]) -> None:
    offered = {action.id for action in shareable(feedback)}
    if not {action.id for action in shared} <= offered:
        raise ActionNotUnderWay(field="shared")


def _told(one: Planned) -> dict[str, Any]:
    return {"what": one.what.strip(), "owner": one.owner.name, "due": one.due.isoformat()}


def _told_shared(one: Action) -> dict[str, Any]:
    return {"what": one.what, "owner": one.owner.name, "due": one.due.isoformat(), "shared": True}


def _attached(
    record: Any, files: Sequence[Kept], by: Person, now: datetime, words: str = ""
) -> dict[str, Any]:
    """Attach files; what the history notes of it."""
    made = attachments.attach(record, files, by, now, words)
    return {"files": [one.id for one in made]} if made else {}


def _served_by(action: int) -> Any:
    """The feedback that an action serves."""
    return Feedback.select().join(ActionFeedback).where(ActionFeedback.action == action).order_by(Feedback.id)


# --- who sees and changes the files ----------------------------------------------------------------------


def _sees_action(person: Person, key: int, today: date) -> bool:
    keys = [one.id for one in _served_by(key)]
    return visible(person, today).where(Feedback.id.in_(keys or [0])).exists()


def _changes_action(person: Person, key: int, today: date) -> bool:
    return _changes(person, list(_served_by(key)), today)


def _sees_feedback(person: Person, key: int, today: date) -> bool:
    return visible(person, today).where(Feedback.id == key).exists()


def _changes_feedback(person: Person, key: int, today: date) -> bool:
    return _changes(person, list(Feedback.select().where(Feedback.id == key)), today)


def _changes(person: Person, served: Iterable[Feedback], today: date) -> bool:
    """The department's, until the first of them is confirmed: on what was judged nothing changes any more."""
    served = list(served)
    is_open = all(one.state in OPEN for one in served)
    return is_open and any(works_on(person, one, today) for one in served)


def _put_down_withdrawal(found: Evidence, person: Person, now: datetime) -> None:
    kind, _, key = found.about.partition(":")
    served = _served_by(int(key)) if kind == "action" else Feedback.select().where(Feedback.id == int(key))
    for feedback in served:
        put_down(Step.WITHDRAW, feedback, person, now, found.withdrawn_because, {"files": [found.id]})


attachments.about("action", _sees_action, _changes_action, _put_down_withdrawal)
attachments.about("feedback", _sees_feedback, _changes_feedback, _put_down_withdrawal)
