"""The demo's commitments: entered and accepted each quarter, missed ones answered by an action or a reason.

This system's own back-ups and drills stand on record as a real one's would. Of the last quarter some is left
for the visitor: a measurement that waits for QA, and a missed commitment without an answer.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from csat.database import write
from csat.demo.feedback import plan_steps
from csat.demo.timeline import Timeline
from csat.figures.commitments import list_commitment_verdicts
from csat.models.base import Json
from csat.models.commitments import Commitment
from csat.models.feedback import Feedback, IssueType, Severity
from csat.models.records import BackupKind
from csat.procedure.commitments import commitments, measurements, missed
from csat.procedure.commitments.measurements import EnteredFigure
from csat.procedure.core.quarter import Quarter
from csat.procedure.upkeep import backups

A_WEEK, ACTION_DAYS = 7, 12


def plan_commitments(timeline: Timeline) -> None:
    """Enter, accept and answer after each quarter; back up each week, and drill before each quarter's end."""
    zone, quarters = timeline.zone, timeline.quarters
    begins = quarters[0].start(zone)
    timeline.at(begins + timedelta(days=2, hours=11), assign_commitments)
    for index, quarter in enumerate(quarters):
        over = quarter.end(zone)
        timeline.at(over - timedelta(days=20, hours=7), drill_restoring, index)
        timeline.at(over + timedelta(days=6, hours=10), enter_measurements, quarter, index)
        timeline.at(over + timedelta(days=8, hours=14), accept_measurements, quarter)
        timeline.at(over + timedelta(days=9, hours=11), answer_missed, quarter)
    week = begins + timedelta(days=A_WEEK, hours=-5)
    while week < timeline.ends:
        timeline.at(week, back_up, A_WEEK)
        week += timedelta(days=A_WEEK)
    timeline.at(timeline.ends, back_up, (timeline.ends - week).days + A_WEEK)


def assign_commitments(timeline: Timeline, now: datetime) -> None:
    """QA says which department answers for which commitment."""
    for code, name in timeline.content["commitments"]["departments"].items():
        one, department = commitments.get_commitment(code), timeline.cast.departments[name].record
        commitments.edit_commitment(one, one.name, one.description, department, timeline.cast.people["qa"], now)


def back_up(timeline: Timeline, now: datetime, days: int) -> None:
    """The daily back-ups of a week, or of what is left of the last one: they went well."""
    with write():
        for day in range(days - 1, -1, -1):
            at = now - timedelta(days=day)
            name = f"csat-{at:%Y-%m-%d}.backup"
            done = backups.BackupOutcome(name, seconds=9, size=48_000_000, copied=True)
            backups.record_backup(BackupKind.BACKUP, done, None, at)


def drill_restoring(timeline: Timeline, now: datetime, index: int) -> None:
    """A restore drill, a little longer each quarter as the store grows."""
    done = backups.BackupOutcome(f"csat-{now:%Y-%m-%d}.backup", seconds=41 + 3 * index)
    backups.record_backup(BackupKind.DRILL, done, None, now)


def enter_measurements(timeline: Timeline, now: datetime, quarter: Quarter, index: int) -> None:
    """The departments enter what this system cannot measure by itself."""
    about = timeline.content["commitments"]
    for code, words in about["words"].items():
        figure = EnteredFigure(**about["figures"][code][index], **about["parts"].get(code, {}))
        _enter(timeline, now, code, quarter, figure, words)


def _enter(timeline: Timeline, now: datetime, code: str, quarter: Quarter, figure: EnteredFigure, words: str) -> None:
    one = commitments.get_commitment(code)
    head = timeline.cast.head_of(one.department_id)
    measurements.enter_measurement(one, quarter, figure, words, head, now, timeline.zone)


def accept_measurements(timeline: Timeline, now: datetime, quarter: Quarter) -> None:
    """QA accepts; in the last quarter one is sent back and entered anew, and one still waits."""
    about, qa = timeline.content["commitments"], timeline.cast.people["qa"]
    last, back = quarter == timeline.last_quarter, about["sent_back"]
    for row in measurements.list_to_accept():
        code = row.commitment.code
        if last and code == about["waiting"]["code"]:
            continue
        if last and code == back["code"]:
            measurements.return_measurement(row, back["why"], qa, now, timeline.zone)
            figure, words = EnteredFigure(value=row.value), about["words"][code]
            _enter(timeline, now + timedelta(hours=3), code, quarter, figure, words)
            row = measurements.list_measurements(row.commitment, quarter)[0]
        measurements.accept_measurement(row, qa, now + timedelta(hours=4), timeline.zone)


def answer_missed(timeline: Timeline, now: datetime, quarter: Quarter) -> None:
    """What was missed is put down, and answered; of the last quarter one is left."""
    about = timeline.content["commitments"]
    missed.record_verdicts(quarter, list_commitment_verdicts(quarter, now, timeline.zone), now)
    unanswered = missed.list_unanswered()
    for miss in unanswered[:-1] if quarter == timeline.last_quarter else unanswered:
        code = miss.commitment.code
        if code == about["action"]["code"]:
            taken = _open_action(timeline, now, about["action"], miss.commitment, quarter)
            plan_steps(timeline, now, taken, about["action"], ACTION_DAYS, random.Random(taken.title))
        else:
            qa = timeline.cast.people["qa"]
            missed.answer_with_reason(miss.commitment, quarter, about["reasons"][code], qa, now)


def _open_action(timeline: Timeline, now: datetime, about: Json, commitment: Commitment, quarter: Quarter) -> Feedback:
    """The department gets a feedback."""
    return missed.answer_with_feedback(
        commitment,
        quarter,
        about["title"],
        about["words"],
        IssueType.get(IssueType.code == about["type"]),
        Severity(about["severity"]),
        commitment.department,
        timeline.cast.people["qa2"],
        timeline.cast.people["qa"],
        now,
        Quarter.of(now, timeline.zone),
    )
