"""What stands behind a figure, one by one: the responses it counts, and the incidents (F4, F5).

Responses are listed only for those who may read single ones: to everybody else a list would say what the
figure hides. Lists of incidents hold our own acts, which are no secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, ColumnBase, ModelSelect

from csat.models.answers import Answer, Response
from csat.models.asking import RECORDED_CHANNELS, Channel
from csat.models.base import Condition, expect_value
from csat.models.clients import Client, Contact, Incident
from csat.models.people import Department, Person
from csat.models.questionnaires import Dimension, Kind, Question, Questionnaire, QuestionnaireVersion
from csat.procedure.clients.merging import client_family
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.incidents.beginning import IS_HISTORY
from csat.procedure.people import link_holders, permissions
from csat.procedure.review.tally import counted_condition

SPOKEN, WRITTEN = "telephone", "link"  # the two sides of a mixed rate (F5)
GOOD, BAD = "good", "bad"  # ratings of 4–5, and of 1–3


@dataclass(frozen=True)
class DrilldownCell:
    """Which cell: of what quarter, about whom, and which answers it counts; None leaves it open."""

    quarter: int
    client: int | None = None
    nobody: bool = False  # those that were opened without their client
    manager: int | None = None
    department: int | None = None
    engineer: int | None = None
    recorder: int | None = None
    questionnaire: str = ""
    side: str = ""  # SPOKEN or WRITTEN
    channel: Channel | None = None
    dimension: Dimension | None = None  # without it or a question: the overall rating, as in the satisfaction rate
    question: str = ""
    value: int | None = None
    grade: str = ""  # GOOD or BAD
    option: str = ""


def list_responses(person: Person, behind: DrilldownCell) -> ModelSelect[Response]:
    """The responses that a cell counts, newest first; raise NotPermitted for who may not read single ones."""
    if not permissions.has_permission(person, "responses.read"):
        raise NotPermitted
    return (
        Response.select(Response, QuestionnaireVersion, Client)
        .join(QuestionnaireVersion)
        .join(Questionnaire)
        .join_from(Response, Client, JOIN.LEFT_OUTER)
        .where(*_response_conditions(behind), Response.id.in_(_select_answering(behind)))
        .where(*link_holders.readable_conditions(person))
        .order_by(Response.received_at.is_null(), Response.received_at.desc(), Response.id)
    )


def overall_ratings_of(listed: list[Response]) -> dict[int, int]:
    """The overall rating of each of these responses."""
    rows = _select_answers(listed, (Question.dimension == Dimension.OVERALL) & Answer.value.is_null(False))
    return {answer.response_id: expect_value(answer.value) for answer in rows}


def given_ratings_of(listed: list[Response], behind: DrilldownCell) -> dict[int, list[int]]:
    """What each of these responses gave to the question or dimension of the cell, in the form's order."""
    found: dict[int, list[int]] = {}
    rows = _select_answers(listed, _question_condition(behind) & Answer.value.is_null(False))
    for answer in rows.order_by(Question.position):
        found.setdefault(answer.response_id, []).append(expect_value(answer.value))
    return found


def comments_of(listed: list[Response]) -> dict[int, list[str]]:
    """The respondent's own words in each of these responses."""
    found: dict[int, list[str]] = {}
    for answer in _select_answers(listed, Question.kind == Kind.TEXT).order_by(Question.position):
        if answer.words:
            found.setdefault(answer.response_id, []).append(answer.words)
    return found


def incident_conditions(now: datetime) -> dict[str, Condition]:
    """How closed incidents stand with their survey (P1), by what a list of them is called."""
    done, due = Incident.surveyed_at.is_null(False), Incident.survey_due_at <= now
    skipped = Incident.skipped_because != ""
    in_time = done & (Incident.surveyed_at <= Incident.survey_due_at)
    nowhere = Contact.id.is_null() | ((Contact.email == "") & (Contact.telephone == ""))
    return {
        "counted": done | due,
        "in_time": in_time,
        "late": done & (Incident.surveyed_at > Incident.survey_due_at),
        "surveyed": done,
        "overdue": ~done & due & ~skipped,
        "skipped": skipped,
        "without_contact": ~done & nowhere,
    }


def list_incidents(quarter: int, state: str, now: datetime, *which: Condition) -> ModelSelect[Incident]:
    """The closed incidents of a quarter that stand so with their survey, those due first."""
    return (
        Incident.select(Incident, Client, Department, Contact)
        .join(Client, JOIN.LEFT_OUTER)
        .join_from(Incident, Department, JOIN.LEFT_OUTER)
        .join_from(Incident, Contact, JOIN.LEFT_OUTER)
        .where(Incident.quarter == quarter, ~IS_HISTORY, incident_conditions(now)[state], *which)
        .order_by(Incident.survey_due_at, Incident.id)
    )


def handled_by(engineer: int) -> Condition:
    """The incidents an engineer resolved, or holds where nobody is said to have resolved them."""
    return (Incident.resolved_by == engineer) | (Incident.resolved_by.is_null() & (Incident.assigned_to == engineer))


def _response_conditions(behind: DrilldownCell) -> list[Condition]:
    same: dict[ColumnBase, object] = {
        Response.manager: behind.manager,
        Response.department: behind.department,
        Response.engineer: behind.engineer,
        Response.recorder: behind.recorder,
        Response.channel: behind.channel,
        Questionnaire.code: behind.questionnaire or None,
    }
    conditions: list[Condition] = [column == value for column, value in same.items() if value is not None]
    if behind.client is not None:
        conditions.append(Response.client.in_(client_family(behind.client)))
    if behind.nobody:
        conditions.append(Response.client.is_null())
    if behind.recorder is not None:
        conditions.append(Response.channel.in_(RECORDED_CHANNELS))
    if behind.side:
        spoken = Response.channel.in_(RECORDED_CHANNELS) & ~Response.anonymous
        conditions.append(spoken if behind.side == SPOKEN else ~spoken)
    return [Response.quarter == behind.quarter, counted_condition(), *conditions]


def _select_answering(behind: DrilldownCell) -> ModelSelect[Answer]:
    """The responses with an answer that the cell counts."""
    conditions: list[Condition] = [Answer.value.is_null(False)]
    if behind.option:
        codes = "," + Answer.words + ","  # so that no code is found inside another one
        conditions = [codes.contains(f",{behind.option},")]
    conditions.append(_question_condition(behind))
    if behind.value is not None:
        conditions.append(Answer.value == behind.value)
    if behind.grade:
        conditions.append(Answer.value >= 4 if behind.grade == GOOD else Answer.value <= 3)
    return Answer.select(Answer.response).join(Question).where(*conditions)


def _question_condition(behind: DrilldownCell) -> Condition:
    """The question of a cell, or the ratings of its dimension."""
    if behind.question:
        return Question.code == behind.question
    return (Question.dimension == (behind.dimension or Dimension.OVERALL)) & (Question.kind == Kind.RATING)


def _select_answers(listed: list[Response], which: Condition) -> ModelSelect[Answer]:
    keys = [response.id for response in listed]
    return Answer.select(Answer, Question).join(Question).where(Answer.response.in_(keys), which)
