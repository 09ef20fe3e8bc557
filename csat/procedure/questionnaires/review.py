"""The quarterly review of questionnaires (P14): which are due, what QA decided of a form and its questions, on record.

A questionnaire is due for the newest quarter that is over and in which it was answered, until that quarter or a later
one is reviewed. Reviews are only added: who decides anew adds one, and the newest counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from peewee import fn

from csat.database import write
from csat.models.answers import Response
from csat.models.asking import Campaign
from csat.models.people import Person
from csat.models.questionnaires import (
    Question,
    Questionnaire,
    QuestionnaireReview,
    QuestionnaireVersion,
    ReviewDecision,
    VersionState,
)
from csat.procedure.core import audit
from csat.procedure.core.guards import found_or_refuse, need_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, NotFound, Refusal
from csat.words import N_

REVIEW_TIME = timedelta(days=30)  # after the quarter's end


class DecisionContradicted(InputWrong):
    sentence = N_("Questions are marked to be changed or dropped: please decide “Change” or “Drop”, or keep them all.")


class QuarterRunning(Refusal):
    sentence = N_("This quarter is still running. Its review is put on record once it is over.")


@dataclass(frozen=True)
class DueReview:
    """A questionnaire whose answers of a quarter nobody has reviewed yet, and until when that is in time."""

    questionnaire: Questionnaire
    quarter: Quarter
    due_at: datetime
    late: bool


def get_published_questionnaire(code: str) -> Questionnaire:
    """The published questionnaire with this code, in use or retired; raise NotFound."""
    published = QuestionnaireVersion.state == VersionState.PUBLISHED
    found = Questionnaire.select().join(QuestionnaireVersion).where(Questionnaire.code == code, published)
    return found_or_refuse(found.first())


def record_review(
    questionnaire: Questionnaire,
    quarter: Quarter,
    decision: ReviewDecision,
    note: str,
    marks: Mapping[str, ReviewDecision],
    by: Person,
    now: datetime,
    zone: tzinfo,
) -> QuestionnaireReview:
    """Put on record what QA decides of a form after a quarter; `marks` say it of its questions, by code (P14).

    Raise QuarterRunning, ValueMissing without a note, DecisionContradicted where the form is kept and a question is
    not, NotFound for a question that the form never had.
    """
    if Quarter.of(now, zone) <= quarter:
        raise QuarterRunning
    note = need_text(note, "note")
    if not marks.keys() <= _list_codes(questionnaire):
        raise NotFound
    kept = {code: mark.value for code, mark in marks.items() if mark != ReviewDecision.KEEP}
    if kept and decision == ReviewDecision.KEEP:
        raise DecisionContradicted(field="decision")
    with write():
        newest = list_reviews(questionnaire, quarter)[:1]
        if [(one.decision, one.note, one.marks, one.by_id) for one in newest] == [(decision, note, kept, by.id)]:
            return newest[0]  # the button was pressed twice
        made = QuestionnaireReview.create(
            questionnaire=questionnaire, quarter=int(quarter), decision=decision, note=note, marks=kept, by=by, at=now
        )
        facts = {"quarter": str(quarter), "decision": decision.value, "questions": len(kept)}
        audit.record(by, "questionnaire reviewed", questionnaire, now, code=questionnaire.code, **facts)
    return made


def list_reviews(questionnaire: Questionnaire, quarter: Quarter | None = None) -> list[QuestionnaireReview]:
    """The reviews of a questionnaire, of one quarter if it is named: of the newest quarter, and the newest, first."""
    query = QuestionnaireReview.select(QuestionnaireReview, Person).join(Person)
    query = query.where(QuestionnaireReview.questionnaire == questionnaire)
    if quarter is not None:
        query = query.where(QuestionnaireReview.quarter == int(quarter))
    columns = QuestionnaireReview.quarter, QuestionnaireReview.at, QuestionnaireReview.id
    return list(query.order_by(*(column.desc() for column in columns)))


def newest_marks(questionnaire: Questionnaire) -> dict[str, ReviewDecision]:
    """What the newest review says of questions, by code: of those that are not simply kept.

    A version that was published since is its answer: then nothing is marked any more.
    """
    newest = list_reviews(questionnaire)[:1]
    if not newest or is_answered(newest[0]):
        return {}
    marks: dict[str, str] = newest[0].marks
    return {code: ReviewDecision(mark) for code, mark in marks.items()}


def is_answered(made: QuestionnaireReview) -> bool:
    """Whether a version was published since a review."""
    return bool(made.questionnaire.versions.where(QuestionnaireVersion.published_at > made.at).exists())


def list_due_reviews(now: datetime, zone: tzinfo) -> list[DueReview]:
    """Questionnaires in use whose newest answered quarter is over and not reviewed yet, in their order."""
    running = Quarter.of(now, zone)
    asked = _list_asked_quarters(running)
    return list(_find_due(asked, now, zone))


def find_quarter_to_review(questionnaire: Questionnaire, now: datetime, zone: tzinfo) -> Quarter:
    """The quarter that is due, else the last one that is over."""
    due = (one.quarter for one in list_due_reviews(now, zone) if one.questionnaire == questionnaire)
    return next(due, Quarter.of(now, zone).plus(-1))


def list_newest_reviews() -> dict[int, QuestionnaireReview]:
    """The newest review of each questionnaire that has one, by its key."""
    query = QuestionnaireReview.select(QuestionnaireReview, Person).join(Person)
    order = QuestionnaireReview.quarter, QuestionnaireReview.at, QuestionnaireReview.id
    return {one.questionnaire_id: one for one in query.order_by(*order)}


def count_due_reviews(now: datetime, zone: tzinfo) -> tuple[int, int]:
    """How many reviews wait, and how many of them are late."""
    due = list_due_reviews(now, zone)
    return len(due), sum(one.late for one in due)


def get_due_instant(quarter: Quarter, zone: tzinfo) -> datetime:
    """Until when a quarter's reviews are in time."""
    return quarter.end(zone) + REVIEW_TIME


def _find_due(asked: Mapping[Questionnaire, list[int]], now: datetime, zone: tzinfo) -> Iterator[DueReview]:
    for questionnaire, quarters in asked.items():
        newest = next((one for one in quarters if has_answers(questionnaire, one)), None)
        if newest is not None:
            quarter = Quarter.from_int(newest)
            due_at = get_due_instant(quarter, zone)
            yield DueReview(questionnaire, quarter, due_at, due_at <= now)


def _list_asked_quarters(running: Quarter) -> dict[Questionnaire, list[int]]:
    """The quarters, newest first, in which a questionnaire asked and which no review covers yet.

    From the campaigns, which are few: the rail counts this on each page, and answers grow without end.
    """
    reviewed = dict(
        QuestionnaireReview.select(QuestionnaireReview.questionnaire, fn.MAX(QuestionnaireReview.quarter))
        .group_by(QuestionnaireReview.questionnaire)
        .tuples()
    )
    rows = (
        Campaign.select(QuestionnaireVersion.questionnaire, Campaign.quarter)
        .join(QuestionnaireVersion)
        .where(Campaign.quarter < int(running))
        .distinct()
        .tuples()
    )
    in_use = {one.id: one for one in Questionnaire.select().where(Questionnaire.retired_at.is_null())}
    open_ones = [(key, quarter) for key, quarter in rows if key in in_use and quarter > reviewed.get(key, 0)]
    found: dict[Questionnaire, list[int]] = {}
    for key, quarter in sorted(open_ones, key=lambda pair: (pair[0], -pair[1])):
        found.setdefault(in_use[key], []).append(quarter)
    return found


def has_answers(questionnaire: Questionnaire, quarter: int) -> bool:
    """Whether a quarter has an answer to any version of a questionnaire."""
    versions = QuestionnaireVersion.select(QuestionnaireVersion.id).where(
        QuestionnaireVersion.questionnaire == questionnaire
    )
    return bool(Response.select().where(Response.version.in_(versions), Response.quarter == quarter).exists())


def _list_codes(questionnaire: Questionnaire) -> set[str]:
    rows = (
        Question.select(Question.code)
        .join(QuestionnaireVersion)
        .where(QuestionnaireVersion.questionnaire == questionnaire)
        .distinct()
        .tuples()
    )
    return {code for (code,) in rows}
