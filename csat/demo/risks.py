"""The demo's risk assessments: departments say each quarter what is in place, QA reviews (K1).

Of the last quarter some is left for the visitor: a department still owes points, another waits for review.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from csat.demo.timeline import Timeline
from csat.models.base import Json
from csat.models.risks import PreventionPoint, Standing
from csat.procedure.core.quarter import Quarter
from csat.procedure.risks import assessments, points
from csat.procedure.risks.assessments import AssessmentDraft

OWED_POINTS = 3  # points that the late department has not assessed yet
SINCE = (0, 0, 0, 0, 1, 3, 5, 7, 9)  # quarters in which a point may have come into place
BEGUN = 3  # so many quarters before, it is partly in place


def plan_risks(timeline: Timeline) -> None:
    """Points are assigned once, and assessed and reviewed after each quarter."""
    zone, quarters = timeline.zone, timeline.quarters
    timeline.at(quarters[0].start(zone) + timedelta(days=3, hours=2), assign_points)
    for index, quarter in enumerate(quarters):
        timeline.at(quarter.end(zone) + timedelta(days=9, hours=3), assess_points, quarter, index)
        timeline.at(quarter.end(zone) + timedelta(days=13, hours=4), review_assessments, quarter)


def assign_points(timeline: Timeline, now: datetime) -> None:
    """QA says which department answers for which domain."""
    for domain in points.list_domains():
        names = timeline.content["risks"]["departments"][domain.code]
        pairs = {
            (point.id, timeline.cast.departments[name].record.id)
            for point in points.points_of(domain)
            for name in names
        }
        points.assign_points(domain, pairs, timeline.cast.people["qa2"], now)


def assess_points(timeline: Timeline, now: datetime, quarter: Quarter, index: int) -> None:
    """Each department says what is in place."""
    lines = timeline.content["risks"]
    for name, one in timeline.cast.departments.items():
        asked = [line.point for _, sheet in assessments.build_sheet(one.record, quarter) for line in sheet]
        if quarter == timeline.last_quarter and name == lines["owes"]:
            asked = asked[:-OWED_POINTS]
        drafts = {point.id: _assess(point, name, index, lines, now.date()) for point in asked}
        assessments.assess_points(one.record, quarter, drafts, one.head, now, timeline.zone)


def _assess(point: PreventionPoint, department: str, index: int, lines: Json, day: date) -> AssessmentDraft:
    """How far a point is by now: nobody falls back, and most get better with the quarters."""
    dice = random.Random(f"{point.code}:{department}")
    since = dice.choice(SINCE)
    standing = Standing.IN_PLACE if index >= since else Standing.PARTLY
    if index + BEGUN < since:
        standing = Standing.MISSING
    evidence = "" if standing == Standing.MISSING else dice.choice(lines["evidence"][standing])
    step = "" if standing == Standing.IN_PLACE else dice.choice(lines["next_step"])
    return AssessmentDraft(standing, evidence, step, day + timedelta(days=60) if step else None)


def review_assessments(timeline: Timeline, now: datetime, quarter: Quarter) -> None:
    """QA accepts what was assessed; in the last quarter one department still waits."""
    waiting = assessments.list_assessments_to_review(quarter)
    if quarter == timeline.last_quarter:
        left = timeline.content["risks"]["unreviewed"]
        waiting = [one for one in waiting if one.department.name != left]
    assessments.accept_assessments(waiting, timeline.cast.people["qa2"], now)
