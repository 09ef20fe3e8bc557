"""The demo's last weeks: feedback from telephone and meetings stands at every step, some late (P15); and thanks."""

from __future__ import annotations

from datetime import datetime, timedelta

from csat.demo.feedback import classify_comment, take_step
from csat.demo.timeline import Timeline
from csat.models.base import Json
from csat.models.feedback import FeedbackOrigin
from csat.models.people import Person
from csat.procedure.feedback import classification, entering, escalation, praise
from csat.procedure.feedback.entering import Telling

NOTICE_DAYS = 130  # so long before the end the daily round tells of what is overdue
STEPS_PART = 0.8  # of its days a case has had for its steps


def plan_open_cases(timeline: Timeline) -> None:
    """Let them happen; and who is to be told of what is overdue be told, as the daily round does."""
    for case in timeline.content["open"]["cases"]:
        timeline.at(timeline.ends - timedelta(days=case["days"]), enter_case, case)
    for case in timeline.content["open"]["thanks"]:
        timeline.at(timeline.ends - timedelta(days=case["days"]), enter_thanks, case)
    for day in range(NOTICE_DAYS):
        timeline.at(timeline.ends - timedelta(days=day, hours=10), escalate)


def enter_case(timeline: Timeline, now: datetime, case: Json) -> None:
    """Somebody told it; the steps it has come by the end are spread over the days it has had."""
    comment = next(one for one in timeline.content["comment"] if one.get("title") == case["title"])
    decided = classify_comment(timeline, comment, case.get("assigned", True))
    told = (comment["title"], comment["zh"], decided["issue_type"], decided["severity"])
    by = _who_enters(timeline, case)
    taken = entering.enter_feedback(_tell(timeline, now, case), *told, by, now, timeline.zone)
    if decided["department"] is not None:
        wrong = case.get("wrong")
        first = timeline.cast.departments[wrong].record if wrong else decided["department"]
        classification.assign_feedback(taken, first, decided["supervisor"], decided["by"], now)
    for number, name in enumerate(case["steps"], 1):
        had = timedelta(days=case["days"] * STEPS_PART * number / len(case["steps"]))
        timeline.at(now + had, take_step, name, taken.id, comment)


def enter_thanks(timeline: Timeline, now: datetime, case: Json) -> None:
    """Somebody thanked a department by mail or in a meeting, and a colleague enters it (P16)."""
    department = timeline.cast.departments[case["department"]]
    told, by = _tell(timeline, now, case), _who_enters(timeline, case)
    person = timeline.cast.people[case["person"]] if "person" in case else department.head
    praise.enter_praise(told, case["words"], department.record, [person], by, now, timeline.zone)


def _tell(timeline: Timeline, now: datetime, case: Json) -> Telling:
    """The client's first contact said it the same day; what our own staff saw nobody said."""
    client, origin = timeline.cast.client_named(case["client"]), FeedbackOrigin(case["origin"])
    contact = None if origin == FeedbackOrigin.OBSERVATION else client.contacts[0]
    by, zone = _who_enters(timeline, case), timeline.zone
    known = entering.list_recent_incidents(by, client.record, now, zone) if "incident" in case else []
    incident = known[0] if known else None
    return Telling(origin, now.astimezone(zone).date(), client.record, contact, incident=incident)


def _who_enters(timeline: Timeline, case: Json) -> Person:
    """The desk what came to it, QA what was said in a meeting, others what they were told or saw."""
    if user := case.get("by"):
        return timeline.cast.people[user]
    return timeline.cast.people["qa"] if case["origin"] == "meeting" else timeline.cast.agents[0]


def escalate(timeline: Timeline, now: datetime) -> None:
    """The daily round tells of what is overdue."""
    escalation.escalate_overdue(now, timeline.zone)
