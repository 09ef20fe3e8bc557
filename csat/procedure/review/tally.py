"""The tally: valid answers counted by what figures ask for, so that no figure reads single answers.

`count_in` and `count_out` belong to the transaction of a verdict; `rebuild` makes the same from nothing.
What the columns mean stands at `Tally`. Merged clients are read as one, never rewritten here.

Once a quarter's report is with its readers, anonymous responses that become valid later are counted in
steps of k and more (decision 0020): the difference of two readings shall not be one person's answer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from peewee import EXCLUDED, JOIN, fn

from csat.database import store, write
from csat.models.answers import Answer, Response, Verdict
from csat.models.questionnaires import Dimension, Kind, Question, Questionnaire, QuestionnaireVersion
from csat.models.reporting import Report, ReportState, ReportWord, Tally
from csat.procedure.core import settings

NOT_APPLICABLE = -1
RESPONSES = -2  # the value on rows that count responses
HELD = 0  # the step of a response that is valid and not counted yet
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

FEWEST_EXPECTED = 5  # in each cell, for the z test to hold


def count_in(response: Response) -> None:
    """Add a response that has become valid to the tally, in the caller's transaction (P7).

    An anonymous one waits for k − 1 others once a report of its quarter is drafted.
    """
    with write():
        if not (response.anonymous and _reports_of(response.quarter).exists()):
            return _add(Counter(_keys(response)))
        Response.update(step=HELD).where(Response.id == response.id).execute()
        if _held(response.quarter).count() >= settings.whole("anonymous_least"):
            _let_in(response.quarter, last_step(response.quarter) + 1)


def catch_up(quarter: int) -> None:
    """Before a quarter's report is composed: as long as no reader has seen one, nothing has to wait."""
    with write():
        seen = _reports_of(quarter).where(
            Report.state.in_((ReportState.REVIEW, ReportState.ISSUED))
            | Report.id.in_(ReportWord.select(ReportWord.report))
        )
        if seen.exists():
            return
        _let_in(quarter, None)
        stepped = (Response.quarter == quarter) & Response.step.is_null(False)
        Response.update(step=None).where(stepped).execute()


def last_step(quarter: int) -> int:
    """How many steps have been counted since a quarter's report."""
    return Response.select(fn.MAX(Response.step)).where(Response.quarter == quarter).scalar() or 0


def keys_since(quarter: int, step: int) -> Counter[Key]:
    """The tally rows of the valid responses that were counted after this step."""
    late = (Response.quarter == quarter) & (Response.verdict == Verdict.VALID) & (Response.step > step)
    answers = store.execute(_answers_of(late).order_by(Response.id))
    found: Counter[Key] = Counter()
    for _, rows in groupby(answers, key=itemgetter(0)):
        found.update(_keys_of_rows(list(rows)))
    return found


def count_out(response: Response) -> None:
    """Take a response that is no longer valid out of the tally, in the caller's transaction (P7)."""
    if Response.select().where(Response.id == response.id, Response.step == HELD).exists():
        Response.update(step=None).where(Response.id == response.id).execute()
        return
    keys = Counter(_keys(response))
    with write():
        _add(Counter({key: -n for key, n in keys.items()}))
        clients = {client for _, client, *_ in keys}
        here = (Tally.quarter == response.quarter) & Tally.client.in_(clients)
        Tally.delete().where(here, Tally.n == 0).execute()


def rebuild() -> int:
    """Make the tally anew from all valid responses that need not wait; return how many it counts."""
    tally: Counter[Key] = Counter()
    responses = 0
    with write():
        Tally.delete().execute()
        counted = (Response.verdict == Verdict.VALID) & (Response.step.is_null() | (Response.step != HELD))
        answers = store.execute(_answers_of(counted).order_by(Response.id))
        for _, rows in groupby(answers, key=itemgetter(0)):
            tally.update(_keys_of_rows(list(rows)))
            responses += 1
        _add(tally)
    return responses


def two_proportion_p(good1: float, n1: float, good2: float, n2: float) -> float:
    """How likely chance alone makes two shares differ this much, two-sided, 0–1.

    The pooled z test; where fewer than five are expected in a cell, Fisher's exact test, because there
    the z test calls single answers a change. 1.0 where a side is empty or both are all or nothing.
    """
    if not n1 or not n2:
        return 1.0
    pooled = (good1 + good2) / (n1 + n2)
    if min(pooled, 1 - pooled) * min(n1, n2) < FEWEST_EXPECTED:
        return exact_p(round(good1), round(n1), round(good2), round(n2))
    spread = math.sqrt(max(pooled * (1 - pooled), 0.0) * (1 / n1 + 1 / n2))
    if not spread:
        return 1.0
    return math.erfc(abs(good1 / n1 - good2 / n2) / spread / math.sqrt(2))


def exact_p(good1: int, n1: int, good2: int, n2: int) -> float:
    """Fisher's exact test, two-sided: how likely a table at most as likely as this one is."""
    good, tables = good1 + good2, math.comb(n1 + n2, good1 + good2)
    ways = [
        math.comb(n1, one) * math.comb(n2, good - one) for one in range(max(0, good - n2), min(n1, good) + 1)
    ]
    seen = math.comb(n1, good1) * math.comb(n2, good2)
    return sum(way for way in ways if way <= seen) / tables


def _reports_of(quarter: int) -> Any:
    return Report.select().where(Report.quarter == quarter)


def _held(quarter: int) -> Any:
    return Response.select().where(Response.quarter == quarter, Response.step == HELD)


def _let_in(quarter: int, step: int | None) -> None:
    """Count the responses that waited, all in one step."""
    keys: Counter[Key] = Counter()
    for response in list(_held(quarter)):
        keys.update(_keys(response))
    Response.update(step=step).where(Response.quarter == quarter, Response.step == HELD).execute()
    _add(keys)


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
