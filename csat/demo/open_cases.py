"""The demo's last weeks: feedback from telephone and meetings stands at every step, some of it late (P15)."""

from __future__ import annotations

from datetime import datetime, timedelta

from csat.demo.feedback import classify_comment, take_step
from csat.demo.timeline import Timeline
from csat.models.base import Json
from csat.models.feedback import FeedbackOrigin
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback import classification, escalation

NOTICE_DAYS = 130  # so long before the end the daily round tells of what is overdue
STEPS_PART = 0.8  # of its days a case has had for its steps


def plan_open_cases(timeline: Timeline) -> None:
    """Let them happen; and who is to be told of what is overdue be told, as the daily round does."""
    for case in timeline.content["open"]["cases"]:
        timeline.at(timeline.ends - timedelta(days=case["days"]), enter_case, case)
    for day in range(NOTICE_DAYS):
        timeline.at(timeline.ends - timedelta(days=day, hours=10), escalate)


def enter_case(timeline: Timeline, now: datetime, case: Json) -> None:
    """Somebody told it; the steps it has come by the end are spread over the days it has had."""
    comment = next(one for one in timeline.content["comment"] if one.get("title") == case["title"])
    taken = classification.create_feedback(
        comment["title"],
        comment["zh"],
        FeedbackOrigin(case["origin"]),
        timeline.cast.client_named(case["client"]).record,
        quarter=Quarter.of(now, timeline.zone),
        now=now,
        **classify_comment(timeline, comment, case.get("assigned", True)),
    )
    for number, name in enumerate(case["steps"], 1):
        had = timedelta(days=case["days"] * STEPS_PART * number / len(case["steps"]))
        timeline.at(now + had, take_step, name, taken.id, comment)


def escalate(timeline: Timeline, now: datetime) -> None:
    """The daily round tells of what is overdue."""
    escalation.escalate_overdue(now, timeline.zone)
