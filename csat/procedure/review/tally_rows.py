"""The rows of the tally: in which of them a response counts, and how they are added to (what they mean: `Tally`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from peewee import EXCLUDED, JOIN, ModelSelect

from csat.database import store
from csat.models.answers import Answer, Response
from csat.models.base import Condition
from csat.models.questionnaires import Dimension, Kind, Question, Questionnaire, QuestionnaireVersion
from csat.models.reporting import Tally

NOT_APPLICABLE_VALUE = -1
RESPONSE_COUNT = -2  # the value on rows that count responses
SATISFIED = 4  # the least rating that is one of a satisfied client (F1)
COUNTED_KINDS = frozenset(kind.value for kind in (Kind.RATING, Kind.RECOMMEND, Kind.YES_NO))
OVERALL = Dimension.OVERALL.value
NO_PEOPLE = (0, 0, 0, 0)

TALLY_KEY = (
    Tally.quarter,
    Tally.client,
    Tally.manager,
    Tally.department,
    Tally.engineer,
    Tally.recorder,
    Tally.channel,
    Tally.questionnaire,
    Tally.question,
    Tally.dimension,
    Tally.value,
    Tally.overall,
    Tally.anonymous,
)
ROWS_AT_ONCE = 1000

TallyKey = tuple[Any, ...]
CountedAnswer = tuple[str, str, int]


def add_counts(counts: Counter[TallyKey]) -> None:
    """Add counts to their rows; merged beforehand, since no engine changes a row twice in one statement."""
    rows = [(*key, n) for key, n in counts.items() if n]
    for at in range(0, len(rows), ROWS_AT_ONCE):
        Tally.insert_many(rows[at : at + ROWS_AT_ONCE], fields=[*TALLY_KEY, Tally.n]).on_conflict(
            conflict_target=TALLY_KEY, update={Tally.n: Tally.n + EXCLUDED.n}
        ).execute()


def count_keys(which: Condition) -> Counter[TallyKey]:
    """How often the responses for which this holds stand in each row of the tally."""
    return Counter(key for _, keys in list_keys(which) for key in keys)


def list_keys(which: Condition) -> Iterator[tuple[int, list[TallyKey]]]:
    """The rows of the tally in which each of these responses stands, response by response."""
    answers = store.execute(_answers_of(which).order_by(Response.id))
    for key, rows in groupby(answers, key=itemgetter(0)):
        yield key, list(_tally_keys_of_rows(list(rows)))


def _answers_of(which: Condition) -> ModelSelect[Response]:
    """The answers of responses with all that their keys are made of (one row if there is no answer)."""
    return (
        Response.select(
            Response.id,
            Response.quarter,
            Response.client,
            Response.manager,
            Response.department,
            Response.engineer,
            Response.recorder,
            Response.channel,
            Questionnaire.code,
            Response.anonymous,
            Question.code,
            Question.kind,
            Question.dimension,
            Answer.value,
            Answer.not_applicable,
        )
        .join(QuestionnaireVersion)
        .join(Questionnaire)
        .join_from(Response, Answer, JOIN.LEFT_OUTER)
        .join(Question, JOIN.LEFT_OUTER)
        .where(which)
    )


def _tally_keys_of_rows(rows: list[tuple[Any, ...]]) -> Iterator[TallyKey]:
    """The tally rows one response belongs to, from its joined answers."""
    _, quarter, client, manager, department, engineer, recorder, channel, form, anonymous, *_ = rows[0]
    client, anonymous = client or 0, bool(anonymous)
    where = (quarter, client, *NO_PEOPLE, channel, form)
    answers = [answer for row in rows if (answer := _counted_answer(*row[10:]))]
    rated = [(dimension, value) for _, dimension, value in answers if dimension and value > 0]
    overall = next((value for dimension, value in rated if dimension == OVERALL), 0)
    for question, dimension, value in answers:
        yield *where, question, dimension, value, 0, anonymous
    for dimension in {"", *(dimension for dimension, _ in rated)}:
        yield *where, "", dimension, RESPONSE_COUNT, 0, anonymous
    if overall:
        people = (manager or 0, department or 0, engineer or 0, recorder or 0)
        yield quarter, client, *people, channel, form, "", OVERALL, overall, 0, anonymous
        for dimension, value in rated:
            if dimension != OVERALL:
                yield quarter, 0, *NO_PEOPLE, "", "", "", dimension, value, overall, anonymous


def _counted_answer(
    code: str | None, kind: str, dimension: str | None, value: int | None, na: bool
) -> CountedAnswer | None:
    """What an answer adds: question, dimension, value; None for words, choices and blanks (F2)."""
    if code is None or kind not in COUNTED_KINDS:
        return None
    if na:
        return code, dimension or "", NOT_APPLICABLE_VALUE
    return None if value is None else (code, dimension or "", value)
