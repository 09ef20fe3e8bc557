"""Every question: its rate, and how its answers are distributed (F2, F5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from csat.figures import tally_queries
from csat.figures.audience import Audience
from csat.figures.cells import RECOMMEND, TOTAL, CellCount, CellKey, build_not_applicable_key
from csat.figures.labels import QuestionIndex
from csat.figures.rates import make_cell_index, make_hidden_rate, make_rate
from csat.figures.tally_queries import OVERALL
from csat.figures.types import Index, NetPromoterScore, QuestionRow, Rate
from csat.models.questionnaires import Kind, Question
from csat.procedure.review.tally_rows import NOT_APPLICABLE_VALUE

KIND_SCALES = {Kind.RATING: range(1, 6), Kind.RECOMMEND: range(11), Kind.YES_NO: range(2)}
SATISFIED_VALUES = {Kind.RATING: (4, 5), Kind.RECOMMEND: (9, 10), Kind.YES_NO: (1,)}
DETRACTORS = range(7)

ValueCounts = Mapping[int, int]


@dataclass
class AnswerDistribution:
    """How often each value was given to a question; `spoken`: by telephone or interview, with a name."""

    all: Counter[int] = field(default_factory=Counter)
    spoken: Counter[int] = field(default_factory=Counter)


def read_distributions(quarter: int, audience: Audience) -> dict[tuple[str, str], AnswerDistribution]:
    """How often each value was given, by questionnaire and question."""
    found: dict[tuple[str, str], AnswerDistribution] = defaultdict(AnswerDistribution)
    for row in tally_queries.select_values(quarter, audience):
        spread = found[(row.questionnaire, row.question)]
        spread.all[row.value] += row.n
        spread.spoken[row.value] += row.n if row.spoken else 0
    return found


def build_question_rows(
    answered: Mapping[tuple[str, str], AnswerDistribution], questions: QuestionIndex, hidden: frozenset[str]
) -> Iterable[QuestionRow]:
    """A row for each question that was answered, questionnaire by questionnaire."""
    for questionnaire in questions.titles:
        for question in questions.of(questionnaire):
            spread = answered.get((questionnaire, question.code))
            if spread is not None and question.kind in KIND_SCALES:
                yield _build_row(questionnaire, question, spread, hidden)


def compute_net_promoter_score(
    answered: Mapping[tuple[str, str], AnswerDistribution], questions: QuestionIndex, hidden: frozenset[str]
) -> NetPromoterScore:
    """The net promoter score over all questionnaires that ask for a recommendation (F2)."""
    if RECOMMEND in hidden:
        return NetPromoterScore(RECOMMEND, None, None, None, None, None, hidden=True)
    of = [spread.all for key, spread in answered.items() if questions.kind(*key) == Kind.RECOMMEND]
    n = sum(many for answers in of for value, many in answers.items() if value >= 0)
    if not n:
        return NetPromoterScore(RECOMMEND, None, 0, None, None, None)
    promoters = sum(answers.get(value, 0) for answers in of for value in SATISFIED_VALUES[Kind.RECOMMEND]) / n
    detractors = sum(answers.get(value, 0) for answers in of for value in DETRACTORS) / n
    return NetPromoterScore(RECOMMEND, promoters - detractors, n, promoters, 1 - promoters - detractors, detractors)


def _build_row(
    questionnaire: str, question: Question, given: AnswerDistribution, hidden: frozenset[str]
) -> QuestionRow:
    answers, id_ = given.all, f"question/{questionnaire}/{question.code}"
    shut = id_ in hidden or (question.dimension == OVERALL and f"{TOTAL}/questionnaire/{questionnaire}" in hidden)
    # one person for whom it does not apply would be told, though all who rated are k or more
    bare = shut or build_not_applicable_key(questionnaire, question.code).id in hidden
    spread = tuple(answers.get(value, 0) for value in KIND_SCALES[question.kind])
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
        not_applicable=None if bare else answers.get(NOT_APPLICABLE_VALUE, 0),
        spoken=spoken,
        linked=linked,
    )


def _parts(id_: str, kind: Kind, given: AnswerDistribution, shut: bool) -> tuple[Rate | None, Rate | None]:
    """Telephone against link, where the question's rate mixes them (F5)."""
    whole, spoken = (sum(of.get(value, 0) for value in KIND_SCALES[kind]) for of in (given.all, given.spoken))
    if shut or not spoken or spoken == whole:
        return None, None
    linked = given.all - given.spoken
    by_link = _rate(f"{id_}/link", kind, linked, whole - spoken, False)
    return _rate(f"{id_}/telephone", kind, given.spoken, spoken, False), by_link


def _rate(id_: str, kind: Kind, answers: ValueCounts, n: int, shut: bool) -> Rate:
    """Share of 4–5, of 9–10, or of yes."""
    if shut:
        return make_hidden_rate(id_)
    return make_rate(id_, sum(answers.get(value, 0) for value in SATISFIED_VALUES[kind]), n)


def _index(id_: str, kind: Kind, answers: ValueCounts, n: int, shut: bool) -> Index:
    """The index of a rating; the mean of 0–10; none of yes or no."""
    total = sum(value * answers.get(value, 0) for value in KIND_SCALES[kind])
    count = CellCount(CellKey(id_, ""), n=n, of=n, total=total)
    index = make_cell_index(f"{id_}/index", count, hidden=shut)
    if shut or kind == Kind.RATING:
        return index
    mean = count.total / n if n and kind == Kind.RECOMMEND else None
    return Index(index.id, mean, n)
