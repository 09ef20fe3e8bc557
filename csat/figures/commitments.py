"""Commitments of a quarter (§9): what was reached against which target, from where, and the trend (docs/figures.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from csat.database import reading
from csat.figures import labels
from csat.figures.audience import Audience
from csat.figures.commitment_sources import NOT_MEASURED, CommitmentReader, MeasuredValue
from csat.figures.issued import ALL, NAMED, read_told_rates
from csat.figures.quarterly import TREND_QUARTERS, compute_quarter_figures
from csat.figures.types import LocalisedName, QuarterFigures
from csat.models.base import Json
from csat.models.commitments import Commitment, CommitmentAnswer, Judgement, Origin
from csat.procedure.commitments import commitments, missed
from csat.procedure.core.quarter import Quarter


@dataclass(frozen=True)
class CommitmentFigure:
    """One commitment in one quarter; `value` and `target` in its unit (percent, minutes, hours)."""

    code: str
    name: LocalisedName
    description: LocalisedName
    source: str  # "entered" | "incidents" | "responses" | "feedback" | "actions"
    period: str  # "quarter" | "year_to_date"
    unit: str
    direction: str  # "at_least" | "at_most"
    target: float
    value: float | None
    n: int | None
    verdict: str  # "reached" | "missed" | "no_data"
    so_far: bool  # the quarter is not over
    hidden: bool  # F4: too few anonymous answers
    parts: dict[str, object]  # see commitment_sources.PARTS
    trend: tuple[Json, ...]  # quarter, value, target, verdict, hidden; oldest first
    department: LocalisedName | None
    answer: Json | None = field(default=None)  # action, number, state; or reason
    answers: str = ALL  # whose answers it counts: all, named ones alone, or as an issued report tells them


def measure_commitments(
    quarter: Quarter, now: datetime, zone: tzinfo, audience: Audience, whole: QuarterFigures | None = None
) -> tuple[CommitmentFigure, ...]:
    """The commitments and their targets (C1, C2), as an audience is told; `whole`: its figures, if at hand."""
    quarters = quarter.back(TREND_QUARTERS)
    with reading():
        whole = whole or compute_quarter_figures(quarter, now, zone, audience)
        sources = CommitmentReader(quarters, now, zone, read_told_rates(whole))
        targets = commitments.TargetTable()
        answered = missed.find_answers([int(quarter)])
        return tuple(
            _build_figure(one, quarters, targets, sources.read_values(one.code), answered, quarter.end(zone) > now)
            for one in commitments.list_commitments()
        )


def list_commitment_verdicts(quarter: Quarter, now: datetime, zone: tzinfo) -> dict[str, str]:
    """What a quarter came to, by the code of each commitment."""
    figures = measure_commitments(quarter, now, zone, Audience.RESPONSE_READERS)  # quality control answers for them
    return {one.code: one.verdict for one in figures}


def _build_figure(
    one: Commitment,
    quarters: list[Quarter],
    targets: commitments.TargetTable,
    measured: Mapping[int, MeasuredValue],
    answered: Mapping[tuple[str, int], CommitmentAnswer],
    so_far: bool,
) -> CommitmentFigure:
    trend = tuple(_build_point(one, quarter, targets, measured) for quarter in quarters)
    now, last = measured.get(int(quarters[-1]), NOT_MEASURED), trend[-1]
    untold = one.source == Origin.RESPONSES and now.answers == NAMED  # that it was missed would tell of the others
    return CommitmentFigure(
        code=one.code,
        name=dict(one.name),
        description=dict(one.description),
        source=str(one.source),
        period=str(one.period),
        unit=str(one.unit),
        direction=str(one.direction),
        target=last["target"],
        value=now.value,
        n=now.n,
        verdict=last["verdict"],
        so_far=so_far,
        hidden=now.hidden,
        parts=now.parts,
        trend=trend,
        department=None if one.department is None else labels.localise_record(one.department),
        answer=None if untold else _describe_answer(answered.get((one.code, int(quarters[-1])))),
        answers=now.answers,
    )


def _build_point(
    one: Commitment, quarter: Quarter, targets: commitments.TargetTable, measured: Mapping[int, MeasuredValue]
) -> Json:
    found, target = measured.get(int(quarter), NOT_MEASURED), targets.of_quarter(one.code, quarter)
    verdict = commitments.judge_value(found.value, target, one.direction)
    return {
        "quarter": int(quarter),
        "value": found.value,
        "n": found.n,
        "target": target,
        "verdict": str(Judgement.MISSED if found.fails else verdict),
        "hidden": found.hidden,
        "answers": found.answers,
    }


def _describe_answer(answer: CommitmentAnswer | None) -> dict[str, object] | None:
    """What QA answered to a missed quarter: always with both keys, one of them None."""
    if answer is None:
        return None
    if answer.feedback is None:
        return {"action": None, "reason": answer.reason}
    said = {"number": answer.feedback.number, "state": str(answer.feedback.state)}
    return {"action": answer.feedback.title, "reason": None, **said}
