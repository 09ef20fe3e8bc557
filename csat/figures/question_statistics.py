"""What the counted responses of a quarter tell about each question of one form, not about the service (P14).

From the answers themselves: the tally knows neither versions nor blanks, words or which two answers go together.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from peewee import Case, ModelSelect, fn

from csat.figures.statistics import pearson_correlation
from csat.models.answers import Answer, Response
from csat.models.asking import RECORDED_CHANNELS
from csat.models.base import Rows
from csat.models.questionnaires import Dimension, Kind, Question, Questionnaire, QuestionnaireVersion
from csat.procedure.review.tally import counted_condition

UNKNOWN_DURATION = ""  # of records and papers: nobody timed how long the form was open


@dataclass
class AnswerCount:
    """What came in answer to a question: values, 'not applicable', words or options; the anonymous apart."""

    values: Counter[int] = field(default_factory=Counter)
    not_applicable: int = 0
    worded: int = 0  # wrote something, or chose an option
    anonymous: int = 0  # of those that gave a value or words

    @property
    def answered(self) -> int:
        return self.values.total() + self.worded


@dataclass
class PeopleCount:
    """Responses, and how many of them are anonymous."""

    n: int = 0
    anonymous: int = 0

    def add(self, n: int, anonymous: bool) -> None:
        self.n += n
        self.anonymous += n if anonymous else 0


@dataclass
class FormCounts:
    """One form in a quarter, as it was counted: nothing is hidden yet."""

    versions: dict[int, PeopleCount] = field(default_factory=lambda: defaultdict(PeopleCount))  # by number
    durations: dict[str, PeopleCount] = field(default_factory=lambda: defaultdict(PeopleCount))
    asked_in: dict[str, tuple[int, ...]] = field(default_factory=dict)  # question → numbers of versions that were used
    answers: dict[tuple[str, int], AnswerCount] = field(default_factory=lambda: defaultdict(AnswerCount))
    pairs: dict[str, Counter[tuple[int, int]]] = field(default_factory=lambda: defaultdict(Counter))
    broken_off: Counter[str] = field(default_factory=Counter)  # question → records in which nothing more was said

    def count_responses(self, numbers: Iterable[int] | None = None) -> PeopleCount:
        """All responses, or those of some versions."""
        chosen = self.versions if numbers is None else numbers
        whole = PeopleCount()
        for number in chosen:
            whole.n += self.versions[number].n
            whole.anonymous += self.versions[number].anonymous
        return whole

    def sum_answers(self, code: str) -> AnswerCount:
        """The answers to a question in all versions that asked it."""
        whole = AnswerCount()
        for number in self.asked_in.get(code, ()):
            part = self.answers[(code, number)]
            whole.values += part.values
            whole.not_applicable += part.not_applicable
            whole.worded += part.worded
            whole.anonymous += part.anonymous
        return whole


def read_form_counts(code: str, quarter: int) -> FormCounts:
    """Count a form's responses of a quarter, as figures count them."""
    counts = read_answer_counts(code, quarter)
    for question, value, overall, n in _select_pairs(code, quarter):
        counts.pairs[question][(value, overall)] += n
    counts.broken_off = _count_broken_off(code, quarter)
    return counts


def read_answer_counts(code: str, quarter: int) -> FormCounts:
    """The same without what takes longest and only the quarter under review needs: pairs, and records broken off."""
    counts = FormCounts()
    columns = (QuestionnaireVersion.number, Response.duration, Response.anonymous)
    for number, duration, anonymous, n in _group(
        _responses_of(code, quarter, *columns, fn.COUNT(Response.id)), columns
    ):
        counts.versions[number].add(n, anonymous)
        counts.durations[duration or UNKNOWN_DURATION].add(n, anonymous)
    counts.asked_in = _read_asked(code, list(counts.versions))
    for row in _select_answers(code, quarter):
        _add_answer(counts.answers[(row.code, row.number)], row)
    return counts


def compute_mean(values: Mapping[int, int]) -> float | None:
    """The mean of counted values; None of none."""
    n = sum(values.values())
    return sum(value * many for value, many in values.items()) / n if n else None


def compute_spread(values: Mapping[int, int]) -> float | None:
    """The standard deviation of the values that were given (of them all, not of a sample); None of none."""
    mean, n = compute_mean(values), sum(values.values())
    if mean is None:
        return None
    return math.sqrt(sum(many * (value - mean) ** 2 for value, many in values.items()) / n)


def correlate_with_overall(counts: FormCounts, code: str) -> tuple[float | None, int]:
    """Pearson's correlation of a question with the overall rating of the same response, and of how many pairs."""
    pairs = counts.pairs.get(code, Counter())
    return pearson_correlation(pairs), sum(pairs.values())


def _responses_of(code: str, quarter: int, *columns: object) -> ModelSelect[Response]:
    query = Response.select(*columns).join(QuestionnaireVersion).join(Questionnaire)
    return query.where(Questionnaire.code == code, Response.quarter == quarter, counted_condition())


def _group(query: ModelSelect[Any], columns: Iterable[object]) -> Rows:
    return query.group_by(*columns).tuples()


def _read_asked(code: str, numbers: list[int]) -> dict[str, tuple[int, ...]]:
    """Which of these versions ask which question."""
    query = Question.select(Question.code, QuestionnaireVersion.number).join(QuestionnaireVersion).join(Questionnaire)
    rows = query.where(Questionnaire.code == code, QuestionnaireVersion.number.in_(numbers)).tuples()
    found: dict[str, list[int]] = defaultdict(list)
    for question, number in rows:
        found[question].append(number)
    return {question: tuple(sorted(of)) for question, of in found.items()}


def _select_answers(code: str, quarter: int) -> Rows:
    """What was given how often, by question and version."""
    worded = Case(None, [(Answer.words.is_null(False) & (Answer.words != ""), 1)], 0).alias("worded")
    columns = (QuestionnaireVersion.number, Question.code, Response.anonymous, Answer.value, Answer.not_applicable)
    query = _responses_of(code, quarter, *columns, worded, fn.COUNT(Answer.id).alias("n"))
    query = query.join_from(Response, Answer).join(Question)
    return query.group_by(*columns, worded).namedtuples()


def _add_answer(count: AnswerCount, row: Any) -> None:
    if row.not_applicable:
        count.not_applicable += row.n
    elif row.value is not None:
        count.values[row.value] += row.n
        count.anonymous += row.n if row.anonymous else 0
    elif row.worded:
        count.worded += row.n
        count.anonymous += row.n if row.anonymous else 0


def _select_pairs(code: str, quarter: int) -> Rows:
    """(question, its value, the overall rating of the same response, how often)."""
    whole, asked = Answer.alias(), _list_overall_questions(code)  # by key, so that each answer costs one look-up
    columns = (Question.code, Answer.value, whole.value)
    query = _responses_of(code, quarter, *columns, fn.COUNT(Answer.id))
    query = (
        query.join_from(Response, Answer)
        .join(Question)
        .join_from(Response, whole, on=((whole.response == Response.id) & whole.question.in_(asked)))
        .where(whole.value.is_null(False), Answer.value.is_null(False), Answer.question.not_in(asked))
    )
    return _group(query, columns)


def _list_overall_questions(code: str) -> list[int]:
    """The keys of the questions for the overall rating in all versions: of each response it has answered one."""
    query = Question.select(Question.id).join(QuestionnaireVersion).join(Questionnaire)
    return [key for (key,) in query.where(Questionnaire.code == code, Question.dimension == Dimension.OVERALL).tuples()]


def _count_broken_off(code: str, quarter: int) -> Counter[str]:
    """Records that end before the last question that is no text: by the last question that got an answer.

    Only of what we took down by telephone or in an interview: such records have a name, and the order of the call
    is the form's. A question that was passed over and followed by an answer is no end.
    """
    spoken = Question.kind != Kind.TEXT
    query = _responses_of(code, quarter, Response.id, Response.version, fn.MAX(Question.position))
    query = query.join_from(Response, Answer).join(Question)
    recorded = Response.channel.in_(RECORDED_CHANNELS) & ~Response.anonymous
    reached = _group(query.where(recorded, spoken), (Response.id, Response.version))
    codes, ends = _read_places(code)
    return Counter(codes[(version, place)] for _, version, place in reached if place < ends[version])


def _read_places(code: str) -> tuple[dict[tuple[int, int], str], dict[int, int]]:
    """The questions that are no text, by version and position, and the last position of each version."""
    query = Question.select(Question.version, Question.position, Question.code).join(QuestionnaireVersion)
    query = query.join(Questionnaire).where(Questionnaire.code == code, Question.kind != Kind.TEXT)
    codes = {(version, place): name for version, place, name in query.tuples()}
    ends: dict[int, int] = {}
    for version, place in codes:
        ends[version] = max(place, ends.get(version, 0))
    return codes, ends
