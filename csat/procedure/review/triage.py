"""The desk's first sorting of named responses, and its summary of a quarter for QA (P6).

QA need not wait for either.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from peewee import JOIN, ModelSelect, fn

from csat.database import write
from csat.models.answers import Answer, Response, Verdict
from csat.models.base import Condition
from csat.models.clients import Client, Incident
from csat.models.feedback import IssueType
from csat.models.people import Person
from csat.models.questionnaires import Kind, Question, QuestionnaireVersion
from csat.models.reporting import Report, ReportState
from csat.models.sorting import QuarterSummary, Sorting
from csat.procedure.core import audit
from csat.procedure.core.guards import need_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import DutyConflict, InputWrong, NotFound, ValueMissing
from csat.procedure.people import separation_of_duties
from csat.procedure.risks.issue_types import refuse_retired_type
from csat.words import N_

MAX_SUMMARY_LENGTH = 200


class SummaryTooLong(InputWrong):
    sentence = N_("That is %(over)s characters too long: %(most)s fit. Please shorten it.")


def list_untriaged(quarter: Quarter | None = None) -> ModelSelect[Response]:
    """Named responses the desk has not sorted, oldest first: a quarter's, or of all without an issued report."""
    # Refused ones need no sorting: they are in no figure.
    query = _select_named_responses(quarter).where(Sorting.id.is_null(), Response.verdict != Verdict.REFUSED)
    if quarter is None:
        issued = Report.select(Report.quarter).where(Report.state == ReportState.ISSUED)
        query = query.where(Response.quarter.not_in(issued))
    return query.order_by(Response.received_at, Response.id)


def list_triaged(quarter: Quarter | None = None) -> ModelSelect[Response]:
    """A query of what the desk has sorted, the latest first."""
    query = _select_named_responses(quarter).where(Sorting.id.is_null(False))
    return query.order_by(Sorting.at.desc(), Sorting.id.desc())


def commented_condition() -> Condition:
    """A condition on responses: those that hold words of the client."""
    texts = Question.select(Question.id).where(Question.kind == Kind.TEXT)
    return Response.id.in_(Answer.select(Answer.response).where(Answer.words != "", Answer.question.in_(texts)))


def responses_to_triage_for(person: Person, keys: Iterable[int]) -> list[Response]:
    """The named responses of these keys, for the desk; raise NotFound if one is not among them."""
    wanted = set(keys)
    found = list(_select_named_responses(None).where(Response.id.in_(wanted)))
    if len(found) != len(wanted):
        raise NotFound
    return found


def triage_response(
    response: Response, issue_type: IssueType | None, summary: str, by: Person, now: datetime
) -> Sorting:
    """Put down, or replace, the desk's first look: the type of problem, if any, and a line; not by who handled it."""
    separation_of_duties.ensure_may_triage(by, response)
    summary = " ".join(summary.split())
    if response.anonymous:  # single anonymous responses are not for the desk (F4)
        raise NotFound
    if not summary:
        raise ValueMissing(field="summary")
    if issue_type is not None:
        refuse_retired_type(issue_type)
    if len(summary) > MAX_SUMMARY_LENGTH:
        raise SummaryTooLong(field="summary", over=len(summary) - MAX_SUMMARY_LENGTH, most=MAX_SUMMARY_LENGTH)
    with write():
        Sorting.delete().where(Sorting.response == response).execute()
        made = Sorting.create(response=response, issue_type=issue_type, summary=summary, by=by, at=now)
        audit.record(by, "response sorted", response, now, type=issue_type.code if issue_type else None)
    return made


def triage_responses(
    responses: Iterable[Response], issue_type: IssueType | None, summary: str, by: Person, now: datetime
) -> tuple[int, int]:
    """Sort several alike that hold no words; return how many, and how many were left to be read."""
    chosen = {response.id: response for response in responses}
    spoken = Response.select(Response.id).where(commented_condition(), Response.id.in_(list(chosen)))
    silent = chosen.keys() - {row.id for row in spoken}
    done = 0
    with write():
        for key in silent:
            with suppress(DutyConflict):  # those this person handled are left to a colleague
                triage_response(chosen[key], issue_type, summary, by, now)
                done += 1
    return done, len(chosen) - done


def triages_of(responses: Iterable[Response]) -> dict[int, Sorting]:
    """What the desk made of some responses, by response: QA reads it beside the answers."""
    query = Sorting.select(Sorting, IssueType, Person).join(IssueType, JOIN.LEFT_OUTER).switch(Sorting).join(Person)
    keys = [response.id for response in responses]
    return {row.response_id: row for row in query.where(Sorting.response.in_(keys))}


# --- the quarter's summary -----------------------------------------------------------------------------


def summarise_quarter(quarter: Quarter, text: str, by: Person, now: datetime) -> QuarterSummary:
    """Put down the desk's words about a quarter; the earlier ones stay on record."""
    text = need_text(text, "text")
    with write():
        made = QuarterSummary.create(quarter=int(quarter), text=text, by=by, at=now)
        audit.record(by, "quarter summarised", f"quarter:{quarter}", now)
    return made


def summaries_of(quarter: Quarter) -> list[QuarterSummary]:
    """What the desk wrote about a quarter, the newest first."""
    query = QuarterSummary.select(QuarterSummary, Person).join(Person)
    return list(query.where(QuarterSummary.quarter == int(quarter)).order_by(QuarterSummary.id.desc()))


def find_summary(quarter: Quarter) -> QuarterSummary | None:
    """The desk's words about a quarter that count: the newest, or None."""
    return next(iter(summaries_of(quarter)), None)


def count_by_type(quarter: Quarter) -> list[tuple[IssueType | None, int]]:
    """How often the desk put a quarter's responses under each type, the most frequent first."""
    counted = (
        Sorting.select(Sorting.issue_type, fn.COUNT(Sorting.id))
        .join(Response)
        .where(Response.quarter == int(quarter))
        .group_by(Sorting.issue_type)
    )
    numbers: dict[int | None, int] = dict(counted.tuples())
    types = {row.id: row for row in IssueType.select().where(IssueType.id.in_(list(numbers)))}
    rows = [(types.get(key) if key else None, number) for key, number in numbers.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0].position if row[0] else 0))


def _select_named_responses(quarter: Quarter | None) -> ModelSelect[Response]:
    """Named responses with what the desk's list tells of them."""
    query = (
        Response.select(Response, QuestionnaireVersion, Client, Incident, Sorting)
        .join(QuestionnaireVersion)
        .join_from(Response, Client, JOIN.LEFT_OUTER)
        .join_from(Response, Incident, JOIN.LEFT_OUTER)
        .join_from(Response, Sorting, JOIN.LEFT_OUTER, on=Sorting.response == Response.id, attr="first_sorting")
        .where(~Response.anonymous)
    )
    return query if quarter is None else query.where(Response.quarter == int(quarter))
