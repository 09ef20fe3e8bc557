"""Every question: its rate, and how its answers are distributed (F2, F5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from csat.figures import tally_queries
from csat.figures.cube import OVERALL, RECOMMEND, TOTAL, Count, Place, place_of_not_applicable
from csat.figures.labels import Questions
from csat.figures.rates import index_of, rate, rate_hidden
from csat.figures.types import Index, Net, QuestionRow, Rate
from csat.models.questionnaires import Kind, Question
from csat.procedure.review.tally import NOT_APPLICABLE

SCALES = {Kind.RATING: range(1, 6), Kind.RECOMMEND: range(11), Kind.YES_NO: range(2)}
GOOD = {Kind.RATING: (4, 5), Kind.RECOMMEND: (9, 10), Kind.YES_NO: (1,)}
DETRACTORS = range(7)

Answers = Mapping[int, int]


@dataclass
class Spread:
    """How often each value was given to a question; `spoken`: by telephone or interview, with a name."""

    all: Counter[int] = field(default_factory=Counter)
    spoken: Counter[int] = field(default_factory=Counter)


def distributions(quarter: int) -> dict[tuple[str, str], Spread]:
    """How often each value was given, by questionnaire and question."""
    found: dict[tuple[str, str], Spread] = defaultdict(Spread)
    for row in tally_queries.values(quarter):
        spread = found[(row.questionnaire, row.question)]
        spread.all[row.value] += row.n
        spread.spoken[row.value] += row.n if row.spoken else 0
    return found


def question_rows(
    answered: Mapping[tuple[str, str], Spread], questions: Questions, hidden: frozenset[str]
) -> Iterable[QuestionRow]:
    """A row for each question that was answered, questionnaire by questionnaire."""
    for questionnaire in questions.titles:
        for question in questions.of(questionnaire):
            spread = answered.get((questionnaire, question.code))
            if spread is not None and question.kind in SCALES:
                yield _row(questionnaire, question, spread, hidden)


def net(answered: Mapping[tuple[str, str], Spread], questions: Questions, hidden: frozenset[str]) -> Net:
    """The net promoter score over all questionnaires that ask for a recommendation (F2)."""
    if RECOMMEND in hidden:
        return Net(RECOMMEND, None, None, None, None, None, hidden=True)
    of = [spread.all for key, spread in answered.items() if questions.kind(*key) == Kind.RECOMMEND]
    n = sum(many for answers in of for value, many in answers.items() if value >= 0)
    if not n:
        return Net(RECOMMEND, None, 0, None, None, None)
    promoters = sum(answers.get(value, 0) for answers in of for value in GOOD[Kind.RECOMMEND]) / n
    detractors = sum(answers.get(value, 0) for answers in of for value in DETRACTORS) / n
    return Net(RECOMMEND, promoters - detractors, n, promoters, 1 - promoters - detractors, detractors)


def _row(questionnaire: str, question: Question, given: Spread, hidden: frozenset[str]) -> QuestionRow:
    answers, id_ = given.all, f"question/{questionnaire}/{question.code}"
    shut = id_ in hidden or (
        question.dimension == OVERALL and f"{TOTAL}/questionnaire/{questionnaire}" in hidden
    )
    bare = shut or place_of_not_applicable(questionnaire, question.code).id in hidden
    spread = tuple(answers.get(value, 0) for value in SCALES[question.kind])
    spoken, linked = _parts(id_, question.kind, given, shut)
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
        spoken=spoken,
        linked=linked,
    )


def _parts(id_: str, kind: Kind, given: Spread, shut: bool) -> tuple[Rate | None, Rate | None]:
    """Telephone against link, where the question's rate mixes them (F5)."""
    whole, spoken = (sum(of.get(value, 0) for value in SCALES[kind]) for of in (given.all, given.spoken))
    if shut or not spoken or spoken == whole:
        return None, None
    linked = given.all - given.spoken
    by_link = _rate(f"{id_}/link", kind, linked, whole - spoken, False)
    return _rate(f"{id_}/telephone", kind, given.spoken, spoken, False), by_link


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
