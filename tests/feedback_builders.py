"""Feedback in each state, led there by the steps themselves: for every test that is about feedback."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from csat.models.answers import Answer, Response, Verdict
from csat.models.effect import ClosingCheck
from csat.models.feedback import (
    Action,
    ActionFeedback,
    ActionKind,
    CallBackOutcome,
    ChangeKind,
    DueDate,
    Feedback,
    FeedbackOrigin,
    FeedbackState,
    IssueType,
    Severity,
)
from csat.models.people import Department, Person
from csat.models.roles import Role
from csat.procedure.feedback import actions, callbacks, classification, confirmation, due_moves, plan_changes, view
from csat.procedure.feedback.classification import SourcePassage
from csat.procedure.questionnaires import questionnaires
from tests.builders import NOW, ZONE, a_client, a_contact, a_department, a_person, a_response

DAY = timedelta(days=1)
TODAY = date(2026, 9, 14)
REACHED, NOBODY, REPLIED = CallBackOutcome


def of_type(code: str) -> IssueType:
    return IssueType.get(IssueType.code == code)


def a_stored_feedback(**more) -> Feedback:
    """A row at any state and instant, without the steps that lead there."""
    instants = {"created_at": NOW - 9 * DAY, "call_back_due_at": NOW, "close_due_at": NOW + 30 * DAY}
    facts = {"title": "同一故障反复发生", "origin": FeedbackOrigin.TELEPHONE, "quarter": 20263, **instants}
    facts |= {"severity": Severity.MINOR, "state": FeedbackState.ASSIGNED, **more}
    return Feedback.create(
        **{"issue_type": IssueType.get(), "created_by": more.get("created_by") or a_person(), **facts}
    )


def a_stored_action(*feedback: Feedback, due=TODAY, done_at: datetime | None = NOW, **more) -> Action:
    """A corrective action of some feedback, in time if it is done, without the steps that lead there."""
    facts = {"what": "更换电源模块", "owner": more.get("owner") or a_person(), **more}
    facts |= {"due": due, "done_at": done_at, "done_in_time": done_at and True}
    action = Action.create(kind=ActionKind.CORRECTIVE, made_by=facts["owner"], **facts)
    for one in feedback:
        ActionFeedback.create(action=action, feedback=one)
    return action


def told_unsolved(feedback: Feedback, verdict: Verdict = Verdict.VALID, solved: int = 0) -> None:
    """What the client said when asked after the closing whether the matter is solved: no, unless told otherwise."""
    version = questionnaires.get_newest_version("check")
    asked = next(one for one in questionnaires.questions_of(version) if one.code == "solved")
    details = {"quarter": 20263, "channel": "link", "anonymous": False, "verdict": verdict}
    response = Response.create(version=version, contact=a_contact(a_client(f"客户{feedback.id}")), **details)
    Answer.create(response=response, question=asked, value=solved)
    ClosingCheck.create(feedback=feedback, response=response, at=NOW)


def staffed(name: str = "软件部") -> Department:
    """A department with somebody who deals with its feedback: only such can be given any."""
    department = a_department(name)
    a_person(f"{name}的人", Role.DEPARTMENT, department=department)
    return department


def returned(cast, zone, **more) -> Feedback:
    """One that was done, and does not convince."""
    found = done(cast, zone, **more)
    confirmation.return_feedback(found, "没有复查", cast.improvement, NOW)
    return found


def change_asked(cast, found: Feedback, kind=ChangeKind.ADD, action: Action | None = None, **more) -> Feedback:
    """The same, with a change of its plan asked for."""
    facts = {"what": "复查", "owner": cast.owner, "due": TODAY} if kind == ChangeKind.ADD else {}
    wanted = plan_changes.WantedChange(kind, "说得有理", action, **{**facts, **more})
    plan_changes.ask_change(found, wanted, cast.owner, NOW, ZONE)
    return found


def due_asked(cast, found: Feedback, about=DueDate.CLOSE, later=timedelta(days=60)) -> Feedback:
    """The same, with another due date asked for."""
    day = (found.created_at + later).date()
    due_moves.ask_due_move(found, about, day, "备件未到", cast.owner, NOW, ZONE)
    return found


def a_feedback(cast, severity=Severity.MINOR, **more) -> Feedback:
    details = {
        "title": "同一故障反复发生",
        "words": "一个月报了三次",
        "origin": FeedbackOrigin.TELEPHONE,
        "client": None,
        "issue_type": of_type("slow_reply"),
        "quarter": 20263,
        "by": cast.qa,
        "now": NOW,
        **more,
    }
    return classification.create_feedback(severity=severity, **details)


def assigned(cast, **more) -> Feedback:
    return a_feedback(cast, department=cast.department, supervisor=cast.qa, **more)


def called_back(cast, **more) -> Feedback:
    found = assigned(cast, **more)
    callbacks.record_call_back(found, REACHED, "客户要根本原因", cast.owner, NOW)
    return found


def planned_actions(cast, due=TODAY):
    return [
        (ActionKind.CORRECTIVE, "更换电源模块", cast.engineer, due),
        (ActionKind.PREVENTIVE, "同型号逐台检查", cast.owner, due),
    ]


def proposed(cast, **more) -> Feedback:
    found = called_back(cast, **more)
    actions.propose_plan(found, "电源模块老化", planned_actions(cast), cast.owner, NOW, ZONE)
    return found


def in_progress(cast, **more) -> Feedback:
    found = proposed(cast, **more)
    classification.accept_plan(found, cast.qa, NOW)
    actions.start_work(found, cast.owner, NOW)
    return found


def done(cast, zone, **more) -> Feedback:
    found = in_progress(cast, **more)
    for action in view.list_actions(found):
        actions.finish_action(action, "验收单", cast.owner, NOW, zone)
    actions.finish_work(found, "全部完成", cast.owner, NOW)
    return found


def closed(cast, zone, now=NOW, **more) -> Feedback:
    found = done(cast, zone, **more)
    confirmation.confirm_feedback(found, "一个月未再发生", cast.improvement, now, ZONE)
    return found


def in_every_state(cast, zone) -> list[Feedback]:
    """One at each state, the new one first."""
    explained = assigned(cast)
    callbacks.explain_feedback(explained, "做不到", cast.owner, NOW)
    open_ones = [a_feedback(cast), assigned(cast), called_back(cast), proposed(cast), in_progress(cast)]
    return [*open_ones, done(cast, zone), explained, closed(cast, zone)]


def raised(cast, contact=None, **more) -> Feedback:
    """One that was taken from a response with a name."""
    contact = contact or a_contact(a_client())
    response = a_response(contact=contact, client=contact.client, verdict=Verdict.VALID, respondent_name=contact.name)
    return assigned(cast, sources=[SourcePassage(response)], **more)


def explained_away(cast, found: Feedback, at=NOW) -> Feedback:
    """The same, closed: explained and confirmed."""
    callbacks.explain_feedback(found, "合同里不含这项服务。", cast.owner, at)
    confirmation.confirm_feedback(found, "客户已知情", cast.improvement, at, ZONE)
    return found


def anonymous(cast, **more):
    response = a_response(anonymous=True, verdict=Verdict.VALID, receipt_hash=7, **more)
    return assigned(cast, sources=[SourcePassage(response)]), response


def confirm(feedback: Feedback, words: str, by: Person, now: datetime) -> None:
    """Confirm as the provider's clock has it."""
    confirmation.confirm_feedback(feedback, words, by, now, ZONE)
