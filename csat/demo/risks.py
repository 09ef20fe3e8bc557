"""The demo's risk assessments: departments say each quarter what is in place, QA reviews (K1).

Of the last quarter some is left for the visitor: a department still owes points, another waits for review.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from csat.demo.timeline import QUARTERS, Timeline
from csat.models.base import Json
from csat.models.people import Department
from csat.models.risks import PreventionPoint, Standing
from csat.procedure.core.quarter import Quarter
from csat.procedure.risks import assessments
from csat.procedure.risks import points as risk_points
from csat.procedure.risks.assessments import AssessmentDraft

LATE, UNREVIEWED = "网络部", "数据中心部"
OWED_POINTS = 3  # points that the late department has not assessed yet


def plan_risks(story: Timeline) -> None:
    """Enter the assessments of every quarter into the story."""
    lines = story.content["risks"]
    story.at(story.first.start(story.zone) + timedelta(days=3, hours=2), _assign, story, lines)
    for index in range(QUARTERS):
        quarter = story.first.plus(index)
        last = index == QUARTERS - 1
        story.at(quarter.end(story.zone) + timedelta(days=9, hours=3), _assess, story, lines, quarter, last)
        story.at(quarter.end(story.zone) + timedelta(days=13, hours=4), _review, story, quarter, last)


def _assign(now: datetime, story: Timeline, lines: Json) -> None:
    for domain in risk_points.list_domains():
        names = lines["departments"][domain.code]
        pairs = {
            (point.id, story.cast.departments[name].id)
            for point in risk_points.points_of(domain)
            for name in names
        }
        risk_points.assign_points(domain, pairs, story.cast.people["qa2"], now)


def _assess(now: datetime, story: Timeline, lines: dict[str, object], quarter: Quarter, last: bool) -> None:
    for name, department in story.cast.departments.items():
        points = [line.point for _, sheet in assessments.build_sheet(department, quarter) for line in sheet]
        if last and name == LATE:
            points = points[:-OWED_POINTS]
        said = {point.id: _said(point, department, quarter, lines, now.date()) for point in points}
        assessments.assess_points(
            department, quarter, said, story.cast.owners[department.id], now, story.zone
        )


def _said(
    point: PreventionPoint, department: Department, quarter: Quarter, lines: Json, day: date
) -> AssessmentDraft:
    """How far a point is by now: nobody falls back, and most get better with the quarters."""
    dice = random.Random(f"{point.code}:{department.name}")
    since = dice.choice([0, 0, 0, 0, 1, 3, 5, 7, 9])  # the quarter in which it came into place
    index = (quarter.year * 4 + quarter.number) - (2024 * 4 + 4)
    standing = Standing.IN_PLACE if index >= since else Standing.PARTLY
    if index + 3 < since:
        standing = Standing.MISSING
    evidence = "" if standing == Standing.MISSING else dice.choice(lines["evidence"][standing])
    step = "" if standing == Standing.IN_PLACE else dice.choice(lines["next_step"])
    return AssessmentDraft(standing, evidence, step, day + timedelta(days=60) if step else None)


def _review(now: datetime, story: Timeline, quarter: Quarter, last: bool) -> None:
    waiting = [
        one
        for one in assessments.list_assessments_to_review(quarter)
        if not (last and one.department.name == UNREVIEWED)
    ]
    assessments.accept_assessments(waiting, story.cast.people["qa2"], now)
