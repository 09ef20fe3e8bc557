"""One client, department, engineer or questionnaire in a quarter: its page never tells more than the overview (F4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from peewee import fn

from csat.database import reading
from csat.figures import choices, questions, response_rates, staff
from csat.figures.audience import Audience, tallied_conditions
from csat.figures.cells import TOTAL
from csat.figures.feedback import compute_feedback_figures
from csat.figures.labels import ClientIndex, client_key
from csat.figures.quarter_counts import TREND_QUARTERS, QuarterCounts, build_trend
from csat.figures.rates import make_rate
from csat.figures.tally_queries import OVERALL
from csat.figures.types import (
    ChoiceRow,
    CutRow,
    FeedbackFigures,
    QuestionRow,
    Rate,
    ResponseRateRow,
    SurveyedInTime,
    TrendPoint,
)
from csat.models.answers import Response
from csat.models.base import Condition
from csat.models.clients import Incident
from csat.models.feedback import Feedback
from csat.models.reporting import Tally
from csat.procedure.commitments.commitments import get_satisfaction_target
from csat.procedure.core.quarter import Quarter
from csat.procedure.review.drilldown import handled_by


@dataclass(frozen=True)
class Portrait:
    """What a page of one shows. What does not belong to its sort is empty or None."""

    quarter: int
    target: float
    row: CutRow
    trend: tuple[TrendPoint, ...]
    distribution: tuple[int, ...] | None  # of the overall ratings 1–5; None where they must not show
    asked: ResponseRateRow | None = None
    named: Rate | None = None  # answers with a name ÷ incidents surveyed: who did not answer, or without a name
    surveyed: SurveyedInTime | None = None
    feedback: FeedbackFigures | None = None
    dimensions: tuple[CutRow, ...] = ()
    questionnaires: tuple[CutRow, ...] = ()
    clients: tuple[CutRow, ...] = ()
    engineers: tuple[CutRow, ...] = ()
    questions: tuple[QuestionRow, ...] = ()
    choices: tuple[ChoiceRow, ...] = ()


def portray_client(quarter: Quarter, key: int, now: datetime, zone: tzinfo, audience: Audience) -> Portrait:
    """A client: by questionnaire and dimension, who was asked, incidents, and feedback."""
    with reading():
        counted, number = QuarterCounts.read(quarter, audience), int(quarter)
        cell, merged = f"{TOTAL}/client/{key}", counted.clients.counting_as(key)
        return Portrait(
            quarter=number,
            target=counted.target,
            row=counted.client_row(key),
            trend=tuple(build_trend(cell, quarter, counted.clients, counted.questions, audience)),
            distribution=_spread(counted, cell, Tally.client.in_(merged)),
            asked=_find_row(response_rates.compute_response_rates(number, counted.clients).clients, str(key)),
            surveyed=response_rates.count_surveyed_in_time(number, now, Incident.client.in_(merged)),
            feedback=compute_feedback_figures(number, now, zone, Feedback.client.in_(merged)),
            dimensions=tuple(counted.dimension_rows(f"/client/{key}")),
            questionnaires=tuple(counted.questionnaire_rows(f"/client/{key}")),
        )


def portray_questionnaire(quarter: Quarter, code: str, audience: Audience) -> Portrait:
    """A questionnaire: every question, its choices, by client, and who was asked with it."""
    with reading():
        counted, number = QuarterCounts.read(quarter, audience), int(quarter)
        cell = f"{TOTAL}/questionnaire/{code}"
        given = questions.read_distributions(number, audience)
        every = questions.build_question_rows(given, counted.questions, counted.hidden)
        chosen = choices.build_choice_rows(counted.chosen, counted.questions, counted.hidden)
        return Portrait(
            quarter=number,
            target=counted.target,
            row=counted.row(cell, code, counted.questions.titles[code]),
            trend=tuple(build_trend(cell, quarter, counted.clients, counted.questions, audience)),
            distribution=_spread(counted, cell, Tally.questionnaire == code),
            asked=_find_row(response_rates.compute_response_rates(number, counted.clients).questionnaires, code),
            clients=tuple(_clients(counted, code)),
            questions=tuple(row for row in every if row.questionnaire == code),
            choices=tuple(row for row in chosen if row.questionnaire == code),
        )


def portray_department(quarter: Quarter, key: int, now: datetime, zone: tzinfo) -> Portrait:
    """A department: its engineers and clients, its incidents, and the feedback assigned to it."""
    with reading():
        feedback = compute_feedback_figures(int(quarter), now, zone, Feedback.department == key)
        engineers = tuple(staff.build_rows(quarter, staff.ENGINEER, department=key))
        which = Incident.department == key
        return _of_staff(quarter, staff.DEPARTMENT, key, now, which, feedback=feedback, engineers=engineers)


def portray_engineer(quarter: Quarter, key: int, now: datetime) -> Portrait:
    """An engineer: the clients whose incidents they resolved (or hold, where nobody is said to have)."""
    with reading():
        return _of_staff(quarter, staff.ENGINEER, key, now, handled_by(key))


def _of_staff(quarter: Quarter, sort: str, key: int, now: datetime, incidents: Condition, **more: Any) -> Portrait:
    number, clients = int(quarter), ClientIndex()
    counts = staff.count_ratings([int(one) for one in quarter.back(TREND_QUARTERS)], sort)
    of = counts[number].get(key), counts[int(quarter.plus(-1))].get(key)
    surveyed = response_rates.count_surveyed_in_time(number, now, incidents)
    return Portrait(
        quarter=number,
        target=get_satisfaction_target(quarter),
        row=staff.build_row(sort, key, staff.list_staff_names(sort)[key], *of),
        trend=tuple(staff.build_staff_trend(counts, sort, key)),
        distribution=staff.count_distribution(number, sort, key),
        surveyed=surveyed,
        named=make_rate(f"named/{sort}/{key}", _with_a_name(number, incidents), surveyed.surveyed),
        clients=tuple(staff.build_client_rows(clients, quarter, **{sort: key})),
        **more,
    )


def _with_a_name(quarter: int, incidents: object) -> int:
    """How many surveyed incidents were answered with a name, whatever QA said of the answer."""
    query = Response.select().join(Incident).where(Incident.quarter == quarter, incidents)
    return int(query.where(Incident.surveyed_at.is_null(False)).count())


def _spread(counted: QuarterCounts, cell: str, which: Condition) -> tuple[int, ...] | None:
    """How often each overall rating was given in a cell; it shows where the cell does."""
    if cell in counted.hidden:
        return None
    rows = (
        Tally.select(Tally.value, fn.SUM(Tally.n))
        .where(Tally.quarter == int(counted.quarter), Tally.dimension == OVERALL, Tally.question != "", which)
        .where(*tallied_conditions(counted.audience))
        .where(Tally.value >= 1)
        .group_by(Tally.value)
    )
    found = dict(rows.tuples())
    return tuple(found.get(value, 0) for value in range(1, 6))


def _clients(counted: QuarterCounts, code: str) -> Iterable[CutRow]:
    within = f"/questionnaire/{code}"
    for client in counted.counted_clients():
        if counted.now.of(f"{TOTAL}/client/{client_key(client)}{within}").of:
            yield counted.client_row(client, within)


def _find_row(rows: Iterable[ResponseRateRow], key: str) -> ResponseRateRow | None:
    return next((row for row in rows if row.key == key), None)
