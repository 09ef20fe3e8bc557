"""How the demo's feedback goes its way, from QA to the department to the improvement group (P8–P10)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TypedDict

from csat.demo.asides import ASIDES, PLAN_DAYS
from csat.demo.evidence import create_evidence
from csat.demo.post import deliver_mails
from csat.demo.timeline import Timeline
from csat.demo.working_hours import add_workdays, next_desk_time
from csat.models.base import Json
from csat.models.feedback import ActionKind, CallBackOutcome, Feedback, FeedbackState, IssueType, Severity
from csat.models.people import Department, Person
from csat.procedure.feedback import actions, callbacks, classification, confirmation
from csat.procedure.feedback.view import FeedbackView

PREVENTIVE_DAYS = 7  # so many more days for the prevention
SOONEST = timedelta(minutes=20)  # between two steps


class Classification(TypedDict):
    """What QA decides of a feedback, as `create_feedback` takes it."""

    issue_type: IssueType
    severity: Severity
    department: Department | None
    supervisor: Person | None
    by: Person


def classify_comment(timeline: Timeline, comment: Json, assigned: bool = True) -> Classification:
    """QA takes up one of the story's comments, and assigns it unless told otherwise."""
    name = comment.get("department") or timeline.content["feedback"]["department"]
    return {
        "issue_type": IssueType.get(IssueType.code == comment["type"]),
        "severity": Severity(comment["severity"]),
        "department": timeline.cast.departments[name].record if assigned else None,
        "supervisor": timeline.cast.people["qa2"] if assigned else None,
        "by": timeline.cast.people["qa"],
    }


def find_comment(timeline: Timeline, words: str) -> Json | None:
    """The story's comment that somebody's words hold."""
    comments = timeline.content["comment"]
    return next((one for one in comments if one["zh"] in words or one["en"] in words), None)


def plan_steps(
    timeline: Timeline, now: datetime, taken: Feedback, comment: Json, days: float, dice: random.Random
) -> None:
    """Spread the steps of a feedback over so many days, each while people work and after the one before."""
    steps = [(0.1, "call_back")]
    if taken.severity == Severity.SUGGESTION and timeline.happens("explained", dice):
        steps += [(0.4, "explain"), (0.6, "confirm")]
    else:
        steps += [(0.25, "propose"), (0.35, "accept"), (0.4, "start"), (0.7, "finish")]
        if timeline.happens("returned", dice):
            steps += [(0.8, "hand_back"), (0.85, "ask_rework"), (0.9, "agree_change"), (0.95, "finish")]
        steps.append((1.0, "confirm"))
    before = now
    for part, name in steps:
        hours = max(days * part * 24, 2 + part * 20)
        wished = next_desk_time(now + timedelta(hours=hours), timeline.zone, dice)
        before = max(wished, before + SOONEST)
        timeline.at(before, take_step, name, taken.id, comment)


def take_step(timeline: Timeline, now: datetime, name: str, key: int, comment: Json) -> None:
    """One step of a feedback, by whoever takes it."""
    taken, words = Feedback.get_by_id(key), timeline.content["call_back"]
    if aside := ASIDES.get(name):
        aside(timeline, now, taken)
        return
    people, head = timeline.cast.people, timeline.cast.head_of(taken.department_id)
    match name:
        case "call_back":
            unknown = FeedbackView(taken).fully_anonymous  # then the reply stands on the receipt page
            outcome = CallBackOutcome.REPLIED if unknown else CallBackOutcome.REACHED
            callbacks.record_call_back(taken, outcome, words["reply" if unknown else "words"], head, now)
        case "propose":
            _propose(timeline, now, taken, comment, head)
        case "accept":
            classification.accept_plan(taken, people["qa2"], now)
        case "start":
            actions.start_work(taken, head, now)
        case "finish":
            _finish(timeline, now, taken, head)
        case "explain":
            callbacks.explain_feedback(taken, words["explained"], head, now)
        case "pass_on":
            to = timeline.cast.departments[words["pass_on_to"]].record
            callbacks.pass_on_feedback(taken, to, words["passed_on"], head, now)
        case "confirm" if taken.state in (FeedbackState.DONE, FeedbackState.EXPLAINED):
            confirmation.confirm_feedback(taken, words["confirmed"], people["improvement"], now, timeline.zone)
            deliver_mails(timeline, now)


def _propose(timeline: Timeline, now: datetime, taken: Feedback, comment: Json, by: Person) -> None:
    """The department proposes two actions, and shares what it does already for others in the same words."""
    due = add_workdays(now.astimezone(timeline.zone), PLAN_DAYS).date()
    plan = [
        (ActionKind.CORRECTIVE, comment["corrective"], by, due),
        (ActionKind.PREVENTIVE, comment["preventive"], by, due + timedelta(days=PREVENTIVE_DAYS)),
    ]
    going = {action.what: action for action in actions.list_shareable_actions(taken)}
    shared = [going[what] for _, what, _, _ in plan if what in going]
    new = [line for line in plan if line[1] not in going]
    actions.propose_plan(taken, comment["cause"], new, by, now, timeline.zone, shared)


def _finish(timeline: Timeline, now: datetime, taken: Feedback, by: Person) -> None:
    """Every action is done, and the department says so."""
    words = timeline.content["call_back"]
    for link in [one for one in taken.action_links if one.action.done_at is None]:
        kept = create_evidence(timeline, now, link.action)
        actions.finish_action(link.action, words["evidence"], by, now, timeline.zone, kept)
    actions.finish_work(taken, words["done"], by, now)
