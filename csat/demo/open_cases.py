"""The demo's last weeks: feedback by telephone or out of a meeting stands at every step, some of it late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from csat.models.base import Json
from csat.models.feedback import Feedback, FeedbackOrigin, IssueType, Severity
from csat.models.people import Person
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback import callbacks, classification, escalation

if TYPE_CHECKING:
    from csat.demo.feedback import WholeStory

NOTICE_DAYS = 130
CASE_STEPS = ("call_back", "propose", "accept", "start", "finish")


class OpenCase(NamedTuple):
    """One matter: which of the story's comments, whose, how it came, when, and how far it is by now."""

    title: str
    client: int
    origin: FeedbackOrigin
    days: float
    steps: int = 0
    assigned: bool = True
    end: str = ""
    severity: Severity | None = None


OPEN_CASES = (
    OpenCase("专线故障一再发生", 0, FeedbackOrigin.TELEPHONE, 5.3),
    OpenCase("恢复时间比说好的长", 4, FeedbackOrigin.EMAIL, 1.4),
    OpenCase("无线反复掉线", 2, FeedbackOrigin.MEETING, 16.2, steps=1),
    OpenCase("改出来的不是我们要的", 1, FeedbackOrigin.MEETING, 6.1, steps=2),
    OpenCase("可疑邮件上报后没有下文", 5, FeedbackOrigin.TELEPHONE, 8.2, steps=3),
    OpenCase("中断期间没人告知进展", 3, FeedbackOrigin.TELEPHONE, 13.6, steps=4),
    OpenCase("中断期间没人告知进展", 6, FeedbackOrigin.EMAIL, 5.2, steps=1),
    OpenCase("操作说明对不上版本", 7, FeedbackOrigin.OBSERVATION, 11.3, steps=5),
    OpenCase("希望能在手机上查进度", 8, FeedbackOrigin.MEETING, 9.4, end="explain"),
    OpenCase("报表问题回复慢", 9, FeedbackOrigin.EMAIL, 6.6, end="pass_on"),
    OpenCase("维护时间撞上月结", 1, FeedbackOrigin.TELEPHONE, 1.1, assigned=False),
    OpenCase("希望有月度小结", 10, FeedbackOrigin.MEETING, 0.6, assigned=False),
    OpenCase("操作说明对不上版本", 11, FeedbackOrigin.OBSERVATION, 0.2, assigned=False),
)


def plan_open_cases(story: WholeStory) -> None:
    """Let them happen; and who is to be told of what is overdue be told, as the daily round does."""
    for case in OPEN_CASES:
        story.at(story.ends - timedelta(days=case.days), _enter, story, case)
    for day in range(NOTICE_DAYS):
        story.at(story.ends - timedelta(days=day, hours=10), _tell, story)


def _enter(now: datetime, story: WholeStory, case: OpenCase) -> None:
    comment = next(one for one in story.content["comment"] if one["title"] == case.title)
    department = story.cast.departments[comment["department"] or "应用支持部"]
    clients = story.cast.clients
    taken = classification.create_feedback(
        comment["title"],
        comment["zh"],
        case.origin,
        clients[case.client % len(clients)].record,
        IssueType.get(IssueType.code == comment["type"]),
        case.severity or Severity(comment["severity"]),
        Quarter.of(now, story.zone),
        story.cast.people["qa"],
        now,
        department=department if case.assigned else None,
        supervisor=story.cast.people["qa2"] if case.assigned else None,
    )
    _go_on(now, story, case, taken, comment, story.cast.owners[department.id])


def _go_on(
    now: datetime, story: WholeStory, case: OpenCase, taken: Feedback, comment: Json, owner: Person
) -> None:
    """The steps it has come by the end of the story, spread over the days it has had."""
    supervisor = story.cast.people["qa2"]
    names = CASE_STEPS[: case.steps] or ([case.end] if case.end else [])
    for number, name in enumerate(names, 1):
        at = now + timedelta(days=case.days * 0.8 * number / len(names))
        by = supervisor if name == "accept" else owner
        if name == "pass_on":
            story.at(at, _pass_on, story, taken.id, by)
        else:
            story.at(at, getattr(story, name), taken.id, comment, by)


def _pass_on(now: datetime, story: WholeStory, key: int, by: Person) -> None:
    to = story.cast.departments["数据中心部"]
    callbacks.pass_on_feedback(Feedback.get_by_id(key), to, story.content["flow"]["passed_on"], by, now)


def _tell(now: datetime, story: WholeStory) -> None:
    escalation.escalate_overdue(now, story.zone)
