"""Every question: its rate, and how its answers are distributed (F2, F5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from peewee import fn

from csat.figures.about import Questions
from csat.figures.cells import OVERALL, RECOMMEND, TOTAL, Count, Place, place_of_not_applicable
from csat.figures.rates import index_of, rate, rate_hidden
from csat.figures.shapes import Index, Net, QuestionRow, Rate
from csat.models.questionnaires import Kind, Question
from csat.models.reporting import Tally
from csat.procedure.scoring import NOT_APPLICABLE

SCALES = {Kind.RATING: range(1, 6), Kind.RECOMMEND: range(11), Kind.YES_NO: range(2)}
GOOD = {Kind.RATING: (4, 5), Kind.RECOMMEND: (9, 10), Kind.YES_NO: (1,)}
DETRACTORS = range(7)

Answers = Mapping[int, int]


def distributions(quarter: int) -> dict[tuple[str, str], dict[int, int]]:
    """How often each value was given, by questionnaire and question."""
    columns = (Tally.questionnaire, Tally.question, Tally.value)
    rows: Any = (
        Tally.select(*columns, fn.SUM(Tally.n))
        .where(Tally.quarter == quarter, Tally.question != "")
        .group_by(*columns)
    )
    found: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for questionnaire, question, value, n in rows.tuples():
        found[(questionnaire, question)][value] = n
    return found


def question_rows(
    answered: Mapping[tuple[str, str], Answers], questions: Questions, hidden: frozenset[str]
) -> Iterable[QuestionRow]:
    """A row for each question that was answered, questionnaire by questionnaire."""
    for questionnaire in questions.titles:
        for question in questions.of(questionnaire):
            answers = answered.get((questionnaire, question.code))
            if answers is not None and question.kind in SCALES:
                yield _row(questionnaire, question, answers, hidden)


def net(answered: Mapping[tuple[str, str], Answers], questions: Questions, hidden: frozenset[str]) -> Net:
    """The net promoter score over all questionnaires that ask for a recommendation (F2)."""
    if RECOMMEND in hidden:
        return Net(RECOMMEND, None, None, None, None, None, hidden=True)
    of = [answers for key, answers in answered.items() if questions.kind(*key) == Kind.RECOMMEND]
    n = sum(many for answers in of for value, many in answers.items() if value >= 0)
    if not n:
        return Net(RECOMMEND, None, 0, None, None, None)
    promoters = sum(answers.get(value, 0) for answers in of for value in GOOD[Kind.RECOMMEND]) / n
    detractors = sum(answers.get(value, 0) for answers in of for value in DETRACTORS) / n
    return Net(RECOMMEND, promoters - detractors, n, promoters, 1 - promoters - detractors, detractors)


def _row(questionnaire: str, question: Question, answers: Answers, hidden: frozenset[str]) -> QuestionRow:
    id_ = f"question/{questionnaire}/{question.code}"
    shut = id_ in hidden or (
        question.dimension == OVERALL and f"{TOTAL}/questionnaire/{questionnaire}" in hidden
    )
    bare = shut or place_of_not_applicable(questionnaire, question.code).id in hidden
    scale = SCALES[question.kind]
    spread = tuple(answers.get(value, 0) for value in scale)
    return QuestionRow(
        questionnaire=questionnaire,
        code=question.code,
        kind=str(question.kind),
        dimension=str(question.dimension or ""),
        text=dict(question.text),
        rate=_rate(id_, question.kind, answers, sum(spread), shut),
        index=_index(id_, question.kind, answers, sum(spread), shut),
        distribution=None if shut else spread,
        not_applicable=None if bare else answers.get(NOT_APPLICABLE, 0),
    )


def _rate(id_: str, kind: Kind, answers: Answers, n: int, shut: bool) -> Rate:
    """Share of 4–5, of 9–10, or of yes."""
    if shut:
        return rate_hidden(id_)
    return rate(id_, sum(answers.get(value, 0) for value in GOOD[kind]), n)


def _index(id_: str, kind: Kind, answers: Answers, n: int, shut: bool) -> Index:
    """The index of a rating; the mean of 0–10; none of yes or no."""
    count = Count(
        Place(id_, ""), n=n, of=n, total=sum(value * answers.get(value, 0) for value in SCALES[kind])
    )
    index = index_of(f"{id_}/index", count, hidden=shut)
    if shut or kind == Kind.RATING:
        return index
    mean = count.total / n if n and kind == Kind.RECOMMEND else None
    return Index(index.id, mean, n)
