"""The tally: valid answers counted by what figures ask for, so that no figure reads single answers.

`count_in` and `count_out` belong to the transaction of a verdict; `rebuild` makes the same from nothing.
What the columns mean stands at `Tally`. Merged clients are read as one, never rewritten here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from peewee import EXCLUDED, JOIN

from csat.database import store, write
from csat.models.answers import Answer, Response, Verdict
from csat.models.questionnaires import Dimension, Kind, Question, Questionnaire, QuestionnaireVersion
from csat.models.reporting import Tally

NOT_APPLICABLE = -1
RESPONSES = -2  # the value on rows that count responses
COUNTED = frozenset(kind.value for kind in (Kind.RATING, Kind.RECOMMEND, Kind.YES_NO))
OVERALL = Dimension.OVERALL.value
NO_PEOPLE = (0, 0, 0, 0)

KEY = (
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

Key = tuple[Any, ...]
Answered = tuple[str, str, int]


def count_in(response: Response) -> None:
    """Add a response that has become valid to the tally, in the caller's transaction (P7)."""
    with write():
        _add(Counter(_keys(response)))


def count_out(response: Response) -> None:
    """Take a response that is no longer valid out of the tally, in the caller's transaction (P7)."""
    keys = Counter(_keys(response))
    with write():
        _add(Counter({key: -n for key, n in keys.items()}))
        clients = {client for _, client, *_ in keys}
        here = (Tally.quarter == response.quarter) & Tally.client.in_(clients)
        Tally.delete().where(here, Tally.n == 0).execute()


def rebuild() -> int:
    """Make the tally anew from all valid responses; return how many responses it counts."""
    tally: Counter[Key] = Counter()
    responses = 0
    with write():
        Tally.delete().execute()
        answers = store.execute(_answers_of(Response.verdict == Verdict.VALID).order_by(Response.id))
        for _, rows in groupby(answers, key=itemgetter(0)):
            tally.update(_keys_of_rows(list(rows)))
            responses += 1
        _add(tally)
    return responses


def two_proportion_p(good1: float, n1: float, good2: float, n2: float) -> float:
    """How likely chance alone makes two shares differ this much: pooled z test, two-sided, 0–1.

    1.0 where a side is empty or both shares are all or nothing: no difference is shown then.
    """
    if not n1 or not n2:
        return 1.0
    pooled = (good1 + good2) / (n1 + n2)
    spread = math.sqrt(max(pooled * (1 - pooled), 0.0) * (1 / n1 + 1 / n2))
    if not spread:
        return 1.0
    return math.erfc(abs(good1 / n1 - good2 / n2) / spread / math.sqrt(2))


def _add(counts: Counter[Key]) -> None:
    """Add counts to their rows; merged beforehand, since no engine changes a row twice in one statement."""
    rows = [(*key, n) for key, n in counts.items() if n]
    for at in range(0, len(rows), ROWS_AT_ONCE):
        Tally.insert_many(rows[at : at + ROWS_AT_ONCE], fields=[*KEY, Tally.n]).on_conflict(
            conflict_target=KEY, update={Tally.n: Tally.n + EXCLUDED.n}
        ).execute()


def _keys(response: Response) -> Iterator[Key]:
    return _keys_of_rows(list(store.execute(_answers_of(Response.id == response.id))))


def _answers_of(which: Any) -> Any:
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


def _keys_of_rows(rows: list[tuple[Any, ...]]) -> Iterator[Key]:
    """The tally rows one response belongs to, from its joined answers."""
    if not rows:
        return
    _, quarter, client, manager, department, engineer, recorder, channel, form, anonymous, *_ = rows[0]
    client, anonymous = client or 0, bool(anonymous)
    where = (quarter, client, *NO_PEOPLE, channel, form)
    answers = [answer for row in rows if (answer := _counted(*row[10:]))]
    rated = [(dimension, value) for _, dimension, value in answers if dimension and value > 0]
    overall = next((value for dimension, value in rated if dimension == OVERALL), 0)
    for question, dimension, value in answers:
        yield *where, question, dimension, value, 0, anonymous
    for dimension in {"", *(dimension for dimension, _ in rated)}:
        yield *where, "", dimension, RESPONSES, 0, anonymous
    if overall:
        people = (manager or 0, department or 0, engineer or 0, recorder or 0)
        yield quarter, client, *people, channel, form, "", OVERALL, overall, 0, anonymous
        for dimension, value in rated:
            if dimension != OVERALL:
                yield quarter, 0, *NO_PEOPLE, "", "", "", dimension, value, overall, anonymous


def _counted(
    code: str | None, kind: str, dimension: str | None, value: int | None, na: bool
) -> Answered | None:
    """What an answer adds: question, dimension, value; None for words, choices and blanks (F2)."""
    if code is None or kind not in COUNTED:
        return None
    if na:
        return code, dimension or "", NOT_APPLICABLE
    return None if value is None else (code, dimension or "", value)
