"""The demo's commitments: entered and accepted each quarter, missed ones answered by an action or a reason.

This system's own back-ups and drills stand on record as a real one's would. Of the last quarter some is left
for the visitor: a measurement that waits for QA, and a missed commitment without an answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from csat.database import write
from csat.demo.timeline import QUARTERS, Timeline
from csat.figures.commitments import list_commitment_verdicts
from csat.models.base import Json, expect_value
from csat.models.commitments import Commitment
from csat.models.feedback import Feedback, IssueType, Severity
from csat.models.records import BackupKind
from csat.procedure.commitments import commitments, measurements, missed
from csat.procedure.commitments.measurements import EnteredFigure
from csat.procedure.core.quarter import Quarter
from csat.procedure.upkeep import backups

WAITING_CODE = "recovery_time"  # of the last quarter, for QA
A_WEEK, ACTION_DAYS = 7, 12


def plan_commitments(story: Timeline, follow: Callable[..., None]) -> None:
    """Enter what happens to the commitments into the story; `follow` lets a feedback go its way."""
    said = story.content["commitments"]
    story.at(story.first.start(story.zone) + timedelta(days=2, hours=11), _assign, story, said)
    for index in range(QUARTERS):
        quarter = story.first.plus(index)
        over, last = quarter.end(story.zone), index == QUARTERS - 1
        story.at(over - timedelta(days=20, hours=7), _drill, index)
        story.at(over + timedelta(days=6, hours=10), _enter, story, said, quarter, index)
        story.at(over + timedelta(days=8, hours=14), _accept, story, said, quarter, last)
        story.at(over + timedelta(days=9, hours=11), _answer, story, said, quarter, last, follow)
    week = story.first.start(story.zone) + timedelta(days=A_WEEK, hours=-5)
    while week < story.ends:
        story.at(week, _back_up, A_WEEK)
        week += timedelta(days=A_WEEK)
    story.at(story.ends, _back_up, (story.ends - week).days + A_WEEK)


def _assign(now: datetime, story: Timeline, said: Json) -> None:
    for code, name in said["departments"].items():
        one, department = commitments.get_commitment(code), story.cast.departments[name]
        commitments.edit_commitment(one, one.name, one.description, department, story.cast.people["qa"], now)


def _back_up(now: datetime, days: int) -> None:
    """The daily back-ups of a week, or of what is left of the last one: they went well."""
    with write():
        for day in range(days - 1, -1, -1):
            at = now - timedelta(days=day)
            done = backups.BackupOutcome(
                f"csat-{at:%Y-%m-%d}.backup", seconds=9, size=48_000_000, copied=True
            )
            backups.record_backup(BackupKind.BACKUP, done, None, at)


def _drill(now: datetime, index: int) -> None:
    done = backups.BackupOutcome(f"csat-{now:%Y-%m-%d}.backup", seconds=41 + 3 * index)
    backups.record_backup(BackupKind.DRILL, done, None, now)


def _enter(now: datetime, story: Timeline, said: Json, quarter: Quarter, index: int) -> None:
    for code, words in said["words"].items():
        _measure(now, story, code, quarter, _figure(said, code, index), words)


def _measure(
    now: datetime, story: Timeline, code: str, quarter: Quarter, figure: EnteredFigure, words: str
) -> None:
    one = commitments.get_commitment(code)
    owner = story.cast.owners[expect_value(one.department_id)]
    measurements.enter_measurement(one, quarter, figure, words, owner, now, story.zone)


def _figure(said: Json, code: str, index: int) -> EnteredFigure:
    if code in said["values"]:
        return EnteredFigure(value=float(said["values"][code][index]))
    shares = said["security"]
    return EnteredFigure(
        numerator=float(shares["numerator"][index]),
        base=float(shares["base"][index]),
        numerator_name=shares["numerator_name"],
        base_name=shares["base_name"],
    )


def _accept(now: datetime, story: Timeline, said: Json, quarter: Quarter, last: bool) -> None:
    """QA accepts; in the last quarter one is sent back and entered anew, and one still waits."""
    back = said["sent_back"]
    for row in measurements.list_to_accept():
        code = row.commitment.code
        if last and code == WAITING_CODE:
            continue
        if last and code == back["code"]:
            measurements.return_measurement(row, back["why"], story.cast.people["qa"], now, story.zone)
            again = now + timedelta(hours=3)
            figure, words = EnteredFigure(value=row.value), said["words"][code]
            _measure(again, story, code, quarter, figure, words)
            row = measurements.list_measurements(row.commitment, quarter)[0]
        measurements.accept_measurement(row, story.cast.people["qa"], now + timedelta(hours=4), story.zone)


def _answer(
    now: datetime,
    story: Timeline,
    said: Json,
    quarter: Quarter,
    last: bool,
    follow: Callable[..., None],
) -> None:
    """What was missed is put down, and answered; of the last quarter one is left."""
    missed.record_verdicts(quarter, list_commitment_verdicts(quarter, now, story.zone), now)
    open_ = missed.list_unanswered()
    for miss in open_[:-1] if last else open_:
        code, qa = miss.commitment.code, story.cast.people["qa"]
        if code == said["action"]["code"]:
            made = _open_action(now, story, said["action"], miss.commitment, quarter)
            owner, dice = story.cast.owners[expect_value(made.department_id)], random.Random(made.title)
            follow(made, said["action"], owner, ACTION_DAYS, dice, now)
        else:
            missed.answer_with_reason(miss.commitment, quarter, said["reasons"][code], qa, now)


def _open_action(
    now: datetime, story: Timeline, about: Json, commitment: Commitment, quarter: Quarter
) -> Feedback:
    """The department gets a feedback."""
    return missed.answer_with_feedback(
        commitment,
        quarter,
        about["title"],
        about["words"],
        IssueType.get(IssueType.code == about["type"]),
        Severity(about["severity"]),
        commitment.department,
        story.cast.people["qa2"],
        story.cast.people["qa"],
        now,
        Quarter.of(now, story.zone),
    )
