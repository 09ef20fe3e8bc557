"""The quarterly review of a questionnaire (P14): what its answers tell about its questions, beside the quarter before.

Questions show where the quarter's figures show them (F4). What only this page counts (versions, time classes, words)
shows whole or not at all: as soon as one part has 1 … k−1 anonymous people, all of them stay hidden (decision 0184).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from csat.database import reading
from csat.figures.audience import Audience
from csat.figures.cells import TOTAL, build_not_applicable_key, build_question_key
from csat.figures.choices import CHOICE_KINDS, build_choice_rows
from csat.figures.labels import localise_text
from csat.figures.quarter_counts import QuarterCounts
from csat.figures.question_hints import Hint, list_form_hints, list_question_hints
from csat.figures.question_statistics import (
    AnswerCount,
    FormCounts,
    PeopleCount,
    compute_mean,
    compute_spread,
    correlate_with_overall,
    read_answer_counts,
    read_form_counts,
)
from csat.figures.questions import KIND_SCALES, SATISFIED_VALUES
from csat.figures.rates import compare_rates, make_rate
from csat.figures.suppression import is_too_few
from csat.figures.types import ChoiceRow, LocalisedName, Rate
from csat.models.questionnaires import Dimension, Kind, Question
from csat.procedure.core.quarter import Quarter

Part = TypeVar("Part", int, str)  # a version's number, a class of time


@dataclass(frozen=True)
class QuestionStatistics:
    """A question in one quarter; None where there is nothing, or nothing to be shown."""

    asked: int | None  # responses to versions that ask it; None too where that would tell of hidden versions
    answered: int | None
    not_applicable: int | None
    blank: int | None
    rate: Rate | None = None  # of 4–5, of 9–10, of yes; None of words and choices
    distribution: tuple[int, ...] | None = None  # worst first
    mean: float | None = None
    spread: float | None = None
    correlation: float | None = None
    pairs: int | None = None
    hidden: bool = False

    @property
    def not_applicable_share(self) -> float | None:
        """Of those who were asked."""
        return _share(self.not_applicable, self.asked)

    @property
    def blank_share(self) -> float | None:
        """Of those who were asked."""
        return _share(self.blank, self.asked)

    @property
    def ceiling(self) -> float | None:
        """The share of the best answer: 5, 10 or yes."""
        return _share(self.distribution[-1], self.answered) if self.distribution else None

    @property
    def floor(self) -> float | None:
        """The share of the worst answer: 1, 0 or no."""
        return _share(self.distribution[0], self.answered) if self.distribution else None


@dataclass(frozen=True)
class VersionRate:
    """A question in one of the versions of the quarter."""

    number: int
    rate: Rate


@dataclass(frozen=True)
class ReviewedQuestion:
    """A question as the review shows it."""

    code: str
    kind: Kind
    dimension: Dimension | None
    text: LocalisedName
    asked_in: tuple[int, ...]  # the versions of the quarter that ask it
    now: QuestionStatistics
    before: QuestionStatistics | None  # None: not asked then
    change: str  # "better" | "worse" | "same" | "unknown", of the rate (F4)
    versions: tuple[VersionRate, ...]  # empty where only one was used, or where they must not show
    choice: ChoiceRow | None
    broken_off: int  # records by telephone or interview in which nothing more was said after it
    hints: tuple[Hint, ...]


@dataclass(frozen=True)
class FormReview:
    """A questionnaire in a quarter."""

    code: str
    title: LocalisedName
    responses: int | None  # None: too few to be shown
    before: int | None
    versions: dict[int, int] | None  # responses by version's number; None: too few to be shown
    durations: dict[str, int] | None  # by class, '' where nobody timed it; None: too few to be shown
    questions: tuple[ReviewedQuestion, ...]
    hints: tuple[Hint, ...]
    least: int  # k of F4
    hidden: bool = False


def review_form(code: str, quarter: Quarter) -> FormReview:
    """A published questionnaire in a quarter, with hints, in one snapshot."""
    with reading():
        return _Reviewer(code, quarter).review()


class _Reviewer:
    """A form on its way out: what was counted, and what of it may show."""

    def __init__(self, code: str, quarter: Quarter) -> None:
        self.code = code
        self.counted = QuarterCounts.read(quarter, Audience.RESPONSE_READERS)  # the page is quality control's
        self.now = read_form_counts(code, int(quarter))
        self.before = read_answer_counts(code, int(quarter.plus(-1)))
        self.shut = self._is_form_hidden(self.now, self.counted.hidden)
        self.shut_before = self._is_form_hidden(self.before, self.counted.hidden_before)
        chosen = build_choice_rows(self.counted.chosen, self.counted.questions, self.counted.hidden)
        self.choices = {row.code: row for row in chosen if row.questionnaire == code}

    def review(self) -> FormReview:
        durations = {} if self.shut else self._show_parts(self.now.durations)
        return FormReview(
            code=self.code,
            title=self.counted.questions.titles.get(self.code, localise_text(self.code)),
            responses=None if self.shut else self.now.count_responses().n,
            before=None if self.shut_before else self.before.count_responses().n,
            versions=None if self.shut else self._show_parts(self.now.versions),
            durations=None if self.shut else durations,
            questions=tuple(self._questions()),
            hints=tuple(list_form_hints(durations or {})),
            least=self.counted.least,
            hidden=self.shut,
        )

    def _questions(self) -> Iterator[ReviewedQuestion]:
        for question in self.counted.questions.of(self.code):
            if question.code in self.now.asked_in:
                yield self._question(question)

    def _question(self, question: Question) -> ReviewedQuestion:
        code = question.code
        now = self._statistics(question, self.now, self.counted.hidden, self.shut)
        asked_before = code in self.before.asked_in and question.kind not in CHOICE_KINDS
        before = (
            self._statistics(question, self.before, self.counted.hidden_before, self.shut_before)
            if asked_before
            else None
        )
        rates = (now.rate, before.rate if before else None)
        return ReviewedQuestion(
            code=code,
            kind=question.kind,
            dimension=question.dimension,
            text=dict(question.text),
            asked_in=self.now.asked_in[code],
            now=now,
            before=before,
            change=compare_rates(rates[0], rates[1]) if rates[0] and rates[1] else "unknown",
            versions=tuple(self._by_version(question, now)),
            choice=self.choices.get(code),
            broken_off=self.now.broken_off[code],
            hints=tuple(list_question_hints(question, now)),
        )

    def _statistics(
        self, question: Question, counts: FormCounts, hidden: frozenset[str], shut: bool
    ) -> QuestionStatistics:
        """What may show of a question in a quarter."""
        given = counts.sum_answers(question.code)
        cell = build_question_key(self.code, question.code).id
        if shut or cell in hidden or self._is_too_few(question, given):
            return QuestionStatistics(None, None, None, None, hidden=True)
        # Blank and 'not applicable' together are what is asked less what is answered: both show, or neither.
        bare = build_not_applicable_key(self.code, question.code).id in hidden
        asked = counts.count_responses(counts.asked_in[question.code]).n
        blank = asked - given.answered - given.not_applicable
        apart = self._tells_hidden_versions(question, counts)
        shown = (
            None if apart else asked,
            given.answered,
            None if bare else given.not_applicable,
            None if bare or apart else blank,
        )
        if question.kind not in KIND_SCALES:
            return QuestionStatistics(*shown)
        correlation, pairs = correlate_with_overall(counts, question.code)
        return QuestionStatistics(
            *shown,
            rate=_rate(cell, question.kind, given),
            distribution=tuple(given.values.get(value, 0) for value in KIND_SCALES[question.kind]),
            mean=compute_mean(given.values),
            spread=compute_spread(given.values),
            correlation=correlation,
            pairs=pairs,
        )

    def _by_version(self, question: Question, now: QuestionStatistics) -> Iterator[VersionRate]:
        numbers = self.now.asked_in[question.code]
        parts = {number: self.now.answers[(question.code, number)] for number in numbers}
        if now.hidden or now.rate is None or len(numbers) < 2 or self._hides_one(parts.values()):
            return
        for number, part in parts.items():
            yield VersionRate(number, _rate(f"{now.rate.id}/version/{number}", question.kind, part))

    def _is_form_hidden(self, counts: FormCounts, hidden: frozenset[str]) -> bool:
        few = is_too_few(counts.count_responses().anonymous, self.counted.least)
        return few or f"{TOTAL}/questionnaire/{self.code}" in hidden

    def _is_too_few(self, question: Question, given: AnswerCount) -> bool:
        """Whether words, which are in no cell of the figures, have too few writers without a name."""
        return question.kind == Kind.TEXT and is_too_few(given.anonymous, self.counted.least)

    def _tells_hidden_versions(self, question: Question, counts: FormCounts) -> bool:
        """Whether how many were asked would tell how many answered a version, though versions stay hidden."""
        some = len(counts.asked_in[question.code]) < len(counts.versions)
        return some and self._hides_one(counts.versions.values())

    def _show_parts(self, parts: Mapping[Part, PeopleCount]) -> dict[Part, int] | None:
        """Responses by part: of all parts, or of none."""
        return None if self._hides_one(parts.values()) else {key: part.n for key, part in parts.items()}

    def _hides_one(self, parts: Iterable[PeopleCount | AnswerCount]) -> bool:
        return any(is_too_few(part.anonymous, self.counted.least) for part in parts)


def _rate(id_: str, kind: Kind, given: AnswerCount) -> Rate:
    """Share of 4–5, of 9–10, or of yes."""
    return make_rate(id_, sum(given.values.get(value, 0) for value in SATISFIED_VALUES[kind]), given.answered)


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None
