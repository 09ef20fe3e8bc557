"""The tally: valid answers counted by what figures ask for, so that no figure reads single answers.

What the columns mean stands at `Tally`. Merged clients are read as one, never rewritten here.

Once a quarter's report is with its readers, anonymous responses that become valid later are counted in
steps of k and more (decision 0020): the difference of two readings shall not be one person's answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from peewee import EXCLUDED, JOIN, ModelSelect, fn

from csat.database import store, write
from csat.models.answers import Answer, Response, Verdict
from csat.models.base import Condition
from csat.models.questionnaires import Dimension, Kind, Question, Questionnaire, QuestionnaireVersion
from csat.models.reporting import Report, ReportState, ReportWord, Tally
from csat.procedure.core import settings

NOT_APPLICABLE_VALUE = -1
RESPONSE_COUNT = -2  # the value on rows that count responses
UNCOUNTED_STEP = 0  # the step of a response that is valid and not counted yet
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


def counted_condition() -> Condition:
    """The responses that figures count: valid, and not waiting for company (decision 0020)."""
    # A list behind a figure that showed those that wait would show whose answer comes next.
    return (Response.verdict == Verdict.VALID) & (Response.step.is_null() | (Response.step != UNCOUNTED_STEP))


def add_to_tally(response: Response) -> None:
    """Add a response that has become valid to the tally, in the caller's transaction (P7)."""
    with write():
        if not (response.anonymous and _reports_of(response.quarter).exists()):
            return _add_counts(_count_keys(Response.id == response.id))
        # Once a report of its quarter is drafted, an anonymous one waits for k − 1 others.
        Response.update(step=UNCOUNTED_STEP).where(Response.id == response.id).execute()
        waiting = Response.select().where(Response.quarter == response.quarter, Response.step == UNCOUNTED_STEP)
        if waiting.count() >= settings.get_whole_number("anonymous_least"):
            _add_uncounted(response.quarter, find_last_step(response.quarter) + 1)


def add_waiting_to_tally(quarter: int) -> None:
    """Before a quarter's report is composed: as long as no reader has seen one, nothing has to wait."""
    with write():
        worded = Report.id.in_(ReportWord.select(ReportWord.report))
        seen = Report.state.in_((ReportState.REVIEW, ReportState.ISSUED)) | worded
        if not _reports_of(quarter).where(seen).exists():
            _add_uncounted(quarter, None)
            Response.update(step=None).where(Response.quarter == quarter, Response.step.is_null(False)).execute()


def find_last_step(quarter: int) -> int:
    """How many steps have been counted since a quarter's report."""
    return Response.select(fn.MAX(Response.step)).where(Response.quarter == quarter).scalar() or 0


def list_keys_since(quarter: int, step: int) -> Counter[TallyKey]:
    """The tally rows of the valid responses that were counted after this step."""
    late = (Response.quarter == quarter) & (Response.verdict == Verdict.VALID) & (Response.step > step)
    return _count_keys(late)


def remove_from_tally(response: Response) -> None:
    """Take a response that is no longer valid out of the tally, in the caller's transaction (P7)."""
    waits = (Response.id == response.id) & (Response.step == UNCOUNTED_STEP)
    if Response.update(step=None).where(waits).execute():  # it was never added
        return
    keys = _count_keys(Response.id == response.id)
    with write():
        _add_counts(Counter({key: -n for key, n in keys.items()}))
        clients = {client for _, client, *_ in keys}
        here = (Tally.quarter == response.quarter) & Tally.client.in_(clients)
        Tally.delete().where(here, Tally.n == 0).execute()


def rebuild_tally() -> int:
    """Make the tally anew from all valid responses that need not wait; return how many it counts."""
    with write():
        Tally.delete().execute()
        _add_counts(_count_keys(counted_condition()))
        return Response.select().where(counted_condition()).count()


def _reports_of(quarter: int) -> ModelSelect[Report]:
    return Report.select().where(Report.quarter == quarter)


def _add_uncounted(quarter: int, step: int | None) -> None:
    # All that waited in one step: the difference of two readings shall not be one person's answer.
    waits = (Response.quarter == quarter) & (Response.step == UNCOUNTED_STEP)
    _add_counts(_count_keys(waits))
    Response.update(step=step).where(waits).execute()


def _add_counts(counts: Counter[TallyKey]) -> None:
    """Add counts to their rows; merged beforehand, since no engine changes a row twice in one statement."""
    rows = [(*key, n) for key, n in counts.items() if n]
    for at in range(0, len(rows), ROWS_AT_ONCE):
        Tally.insert_many(rows[at : at + ROWS_AT_ONCE], fields=[*TALLY_KEY, Tally.n]).on_conflict(
            conflict_target=TALLY_KEY, update={Tally.n: Tally.n + EXCLUDED.n}
        ).execute()


def _count_keys(which: Condition) -> Counter[TallyKey]:
    """How often the responses for which this holds stand in each row of the tally."""
    found: Counter[TallyKey] = Counter()
    answers = store.execute(_answers_of(which).order_by(Response.id))
    for _, rows in groupby(answers, key=itemgetter(0)):
        found.update(_tally_keys_of_rows(list(rows)))
    return found


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
