"""A plan in progress changes with the supervisor's word (I1): asked for by the department, accepted or not."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import NamedTuple

from csat.models.base import expect_value
from csat.models.feedback import Action, ActionChange, ActionFeedback, ActionKind, ChangeKind, Feedback, Step
from csat.models.people import Person
from csat.procedure.core.guards import need_text
from csat.procedure.core.refusals import InputWrong, ValueMissing
from csat.procedure.feedback.access import refuse_other_supervisor
from csat.procedure.feedback.actions import DayOver
from csat.procedure.feedback.evidence import select_served
from csat.procedure.feedback.steps import add_history_entry, take_step
from csat.procedure.feedback.view import FeedbackView, list_actions
from csat.procedure.feedback.workflow import AT_WORK_STATES, IN_PROGRESS
from csat.words import N_


class ActionNotOpen(InputWrong):
    sentence = N_(
        "This action is done or dropped already, so its plan cannot change. It can be reopened when it is done."
    )


class ActionStillOpen(InputWrong):
    sentence = N_("Only an action that is done can be reopened.")


class NothingChanges(InputWrong):
    sentence = N_("Please choose another owner or another day.")


class LastAction(InputWrong):
    sentence = N_("At least one action must remain. Please ask for a new one first.")


class ServesOthers(InputWrong):
    sentence = N_("This action also serves feedback that is past this step, so please add a new one instead.")


class WantedChange(NamedTuple):
    """What a department wants to change; a new action has words and a sort, any other names the action."""

    kind: ChangeKind
    reason: str
    action: Action | None = None
    owner: Person | None = None
    due: date | None = None
    what: str = ""
    sort: ActionKind = ActionKind.CORRECTIVE


def ask_change(feedback: Feedback, wanted: WantedChange, by: Person, now: datetime, zone: tzinfo) -> None:
    """Ask the supervisor to let the plan change."""
    reason, detail = need_text(wanted.reason), dict[str, object]()
    if wanted.due is not None and wanted.due < now.astimezone(zone).date():
        raise DayOver(field="due")
    with take_step(Step.ASK_CHANGE, feedback, by, now, reason, detail, change=wanted.kind) as fresh:
        action = _make_action(wanted, by) if wanted.kind == ChangeKind.ADD else _check_action(fresh, wanted)
        asked = ActionChange.create(
            action=action,
            feedback=fresh,
            kind=wanted.kind,
            owner=wanted.owner,
            due=wanted.due,
            reason=reason,
            asked_by=by,
            asked_at=now,
        )
        detail.update(_describe_change(asked))


def accept_change(feedback: Feedback, by: Person, now: datetime) -> None:
    """Let the plan change, as the named supervisor: it holds for everything that the action serves."""
    detail: dict[str, object] = {}
    with take_step(Step.CHANGE_PLAN, feedback, by, now, "", detail) as fresh:
        asked = _decide(fresh, True, by, now)
        detail.update(_describe_change(asked))
        _apply_change(asked, now)
        for other in select_served("action", asked.action_id):
            if other.id != fresh.id and other.state in AT_WORK_STATES:
                add_history_entry(Step.CHANGE_PLAN, other, by, now, "", detail)


def keep_plan(feedback: Feedback, reason: str, by: Person, now: datetime) -> None:
    """Keep the plan as it is, as the named supervisor, with the reason."""
    detail: dict[str, object] = {}
    with take_step(Step.KEEP_PLAN, feedback, by, now, need_text(reason), detail) as fresh:
        detail.update(_describe_change(_decide(fresh, False, by, now)))


def _make_action(wanted: WantedChange, by: Person) -> Action:
    """A new action, which belongs to the feedback only once it is accepted."""
    what = need_text(wanted.what, "what")
    if wanted.owner is None or wanted.due is None:
        raise ValueMissing(field="owner" if wanted.owner is None else "due")
    return Action.create(kind=wanted.sort, what=what, owner=wanted.owner, due=wanted.due, made_by=by)


def _check_action(feedback: Feedback, wanted: WantedChange) -> Action:
    """The action as stored, if it can change so."""
    own = {action.id: action for action in list_actions(feedback)}
    if wanted.action is None or wanted.action.id not in own:
        raise ValueMissing(field="action")
    action = own[wanted.action.id]
    if wanted.kind == ChangeKind.REOPEN:
        return _check_reopening(action, wanted)
    _refuse_settled(action)
    if wanted.kind == ChangeKind.DROP:
        _refuse_dropping_last(action)
    elif wanted.owner in (None, action.owner) and wanted.due in (None, action.due):
        raise NothingChanges(field="due")
    return action


def _check_reopening(action: Action, wanted: WantedChange) -> Action:
    if action.done_at is None or action.dropped_at is not None:
        raise ActionStillOpen(field="action")
    if wanted.due is None:
        raise ValueMissing(field="due")
    if any(one.state != IN_PROGRESS for one in select_served("action", action.id)):
        raise ServesOthers(field="action")
    return action


def _refuse_settled(action: Action) -> None:
    if action.done_at is not None or action.dropped_at is not None:
        raise ActionNotOpen(field="action")


def _refuse_dropping_last(action: Action) -> None:
    for served in select_served("action", action.id):
        if all(one.id == action.id or one.dropped_at is not None for one in list_actions(served)):
            raise LastAction(field="action")


def _decide(feedback: Feedback, accepted: bool, by: Person, now: datetime) -> ActionChange:
    refuse_other_supervisor(feedback, by)
    asked = expect_value(FeedbackView(feedback).waiting_change)
    asked.accepted, asked.decided_by, asked.decided_at = accepted, by, now
    asked.save()
    return asked


def _apply_change(asked: ActionChange, now: datetime) -> None:
    action = Action.get_by_id(asked.action_id)
    if asked.kind == ChangeKind.ADD:
        ActionFeedback.create(action=action, feedback=asked.feedback_id)
    elif asked.kind == ChangeKind.REOPEN:
        action.done_at = action.done_in_time = None
    else:
        _refuse_settled(action)  # it may have been done for other feedback meanwhile
        if asked.kind == ChangeKind.DROP:
            _refuse_dropping_last(action)
            action.dropped_at = now
    action.owner, action.due = asked.owner or action.owner, asked.due or action.due  # in time goes by this day
    action.save()


def _describe_change(asked: ActionChange) -> dict[str, object]:
    """What the history keeps: the action, and from whom and which day to whom and which."""
    action, owner = asked.action, asked.owner or asked.action.owner
    line = {"what": action.what, "owner": owner.name, "due": (asked.due or action.due).isoformat()}
    was = {} if asked.kind == ChangeKind.ADD else {"was": [action.owner.name, action.due.isoformat()]}
    return {"change": asked.kind, "plan": [line], **was}
