"""What in a quarter's answers is worth a look when a questionnaire is reviewed (P14): hints, each with its reason.

A hint says what was counted, against which threshold; what it means is for people to decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from csat.models.answers import Duration
from csat.models.questionnaires import Dimension, Kind, Question
from csat.words import N_

FEWEST_ANSWERS = 10  # of fewer nothing is hinted at: one answer would be ten per cent and more
NOT_APPLICABLE_OFTEN = 0.30
BLANK_OFTEN = 0.20
CEILING = 0.85
LITTLE_SPREAD = 0.5  # standard deviation of ratings
UNRELATED = 0.2  # correlation with the overall rating
DUPLICATE = 0.9
HASTY_OFTEN = 0.30

SENTENCES = {
    "not_applicable": N_(
        "%(value)s chose “not applicable” (more than %(limit)s). It may not concern those who are asked."
    ),
    "blank": N_(
        "%(value)s left it blank (more than %(limit)s). It may be hard to answer, or stand too late in the form."
    ),
    "ceiling": N_("%(value)s gave the best answer (more than %(limit)s). It may hide differences."),
    "spread": N_("The ratings hardly differ: standard deviation %(value)s (below %(limit)s)."),
    "unrelated": N_(
        "Correlation with overall satisfaction %(value)s (below %(limit)s). "
        "It may matter little to clients, or be understood in different ways."
    ),
    "duplicate": N_(
        "Correlation with overall satisfaction %(value)s (above %(limit)s). It may ask the same as the overall rating."
    ),
    "hasty": N_("%(value)s of the timed forms were filled in hastily (more than %(limit)s). The form may be too long."),
}
SHARES = ("not_applicable", "blank", "ceiling", "hasty")  # told in per cent, the others as numbers


@dataclass(frozen=True)
class Hint:
    """What was found, and the threshold that it passed."""

    rule: str
    value: float
    limit: float

    @property
    def sentence(self) -> str:
        """An English msgid with `value` and `limit`."""
        return SENTENCES[self.rule]


class Statistics(Protocol):
    """What the rules look at (csat/figures/question_review.py)."""

    @property
    def answered(self) -> int | None: ...
    @property
    def asked(self) -> int | None: ...
    @property
    def not_applicable_share(self) -> float | None: ...
    @property
    def blank_share(self) -> float | None: ...
    @property
    def ceiling(self) -> float | None: ...
    @property
    def spread(self) -> float | None: ...
    @property
    def correlation(self) -> float | None: ...


def list_question_hints(question: Question, now: Statistics) -> Iterator[Hint]:
    """The hints that a question's answers give. That words are left blank is no hint: nobody has to write."""
    if (now.asked or 0) < FEWEST_ANSWERS:
        return
    yield from _above("not_applicable", now.not_applicable_share, NOT_APPLICABLE_OFTEN)
    if question.kind != Kind.TEXT:
        yield from _above("blank", now.blank_share, BLANK_OFTEN)
    if (now.answered or 0) < FEWEST_ANSWERS:
        return
    yield from _above("ceiling", now.ceiling, CEILING)
    if question.kind == Kind.RATING:
        yield from _below("spread", now.spread, LITTLE_SPREAD)
    if question.dimension != Dimension.OVERALL:
        yield from _below("unrelated", now.correlation, UNRELATED)
        yield from _above("duplicate", now.correlation, DUPLICATE)


def list_form_hints(durations: Mapping[str, int]) -> Iterator[Hint]:
    """The hints of the form as a whole: of those whose time is known."""
    timed = sum(durations.get(one, 0) for one in Duration)
    if timed >= FEWEST_ANSWERS:
        yield from _above("hasty", durations.get(Duration.HASTY, 0) / timed, HASTY_OFTEN)


def _above(rule: str, value: float | None, limit: float) -> Iterator[Hint]:
    if value is not None and value > limit:
        yield Hint(rule, value, limit)


def _below(rule: str, value: float | None, limit: float) -> Iterator[Hint]:
    if value is not None and value < limit:
        yield Hint(rule, value, limit)
