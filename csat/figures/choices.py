"""Questions that offer options: how often each was chosen, of those who chose at all (F2, F5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from peewee import fn

from csat.figures.audience import Audience, response_conditions
from csat.figures.cells import build_not_applicable_key, build_question_key
from csat.figures.labels import QuestionIndex, select_questions
from csat.figures.rates import make_hidden_rate, make_rate
from csat.figures.types import ChoiceOption, ChoiceRow, LocalisedName
from csat.models.answers import Answer, Response
from csat.models.base import Condition
from csat.models.questionnaires import Kind, Question
from csat.procedure.review.tally import WAITING_STEP, Batch, counted_condition

CHOICE_KINDS = (Kind.CHOICE_ONE, Kind.CHOICE_MANY)


@dataclass(frozen=True)
class ChosenOptions:
    """What some responses of one client chose in one question; `words` are the codes of options."""

    quarter: int
    client: int
    questionnaire: str
    question: str
    anonymous: bool
    words: str
    not_applicable: bool
    n: int


def read_choices(quarter: int, audience: Audience) -> list[ChosenOptions]:
    """The choices of a quarter's counted responses, those of an audience."""
    counted = (counted_condition(), *response_conditions(audience))
    return [one for _, one in _read_choices(quarter, *counted)]


def read_choice_history(quarter: int) -> dict[Batch, list[ChosenOptions]]:
    """The choices of all anonymous responses that ever counted, by the steps they came and left with (0210)."""
    found: dict[Batch, list[ChosenOptions]] = defaultdict(list)
    ever = counted_condition() | (Response.left > WAITING_STEP)
    for (step, left), one in _read_choices(quarter, ever, Response.anonymous):
        found[step or 0, left or None].append(one)
    return found


def _read_choices(quarter: int, *which: Condition) -> Iterator[tuple[tuple[int, int], ChosenOptions]]:
    # from the answers: the tally holds numbers only
    asked = {question.id: question for question in select_questions().where(Question.kind.in_(CHOICE_KINDS))}
    if not asked:
        return
    steps = (Response.step, Response.left)
    columns = (*steps, Response.client, Answer.question, Response.anonymous, Answer.words, Answer.not_applicable)
    rows = (
        Answer.select(*columns, fn.COUNT(Answer.id))
        .join(Response)
        .where(Answer.question.in_(list(asked)), Response.quarter == quarter, *which)
        .group_by(*columns)
        .tuples()
    )
    for step, left, client, key, anonymous, words, not_applicable, n in rows:
        if words or not_applicable:
            yield (
                (step, left),
                ChosenOptions(
                    quarter=quarter,
                    client=client or 0,
                    questionnaire=asked[key].version.questionnaire.code,
                    question=asked[key].code,
                    anonymous=bool(anonymous),
                    words=words or "",
                    not_applicable=bool(not_applicable),
                    n=n,
                ),
            )


def build_choice_rows(
    chosen: Iterable[ChosenOptions], questions: QuestionIndex, hidden: frozenset[str]
) -> Iterable[ChoiceRow]:
    """A row for each choice that somebody made, questionnaire by questionnaire."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    without: Counter[tuple[str, str]] = Counter()
    for one in chosen:
        key = (one.questionnaire, one.question)
        found[key][one.words] += 0 if one.not_applicable else one.n
        without[key] += one.n if one.not_applicable else 0
    for questionnaire in questions.titles:
        for question in questions.of(questionnaire):
            key = (questionnaire, question.code)
            if key in found and question.kind in CHOICE_KINDS:
                yield _build_row(questionnaire, question, found[key], without[key], hidden)


def _build_row(
    questionnaire: str, question: Question, found: Mapping[str, int], without: int, hidden: frozenset[str]
) -> ChoiceRow:
    id_ = build_question_key(questionnaire, question.code).id
    shut, n = id_ in hidden, sum(found.values())
    bare = shut or build_not_applicable_key(questionnaire, question.code).id in hidden
    return ChoiceRow(
        questionnaire=questionnaire,
        code=question.code,
        text=dict(question.text),
        many=question.kind == Kind.CHOICE_MANY,
        n=None if shut else n,
        options=tuple(_options(id_, question, found, n, shut)),
        not_applicable=None if bare else without,
        hidden=shut,
    )


def _options(id_: str, question: Question, found: Mapping[str, int], n: int, shut: bool) -> Iterable[ChoiceOption]:
    """Each option with the share of people who chose it; those of older versions by their code."""
    often: Counter[str] = Counter()
    for words, number in found.items():
        often.update(dict.fromkeys(filter(None, words.split(",")), number))
    names: dict[str, LocalisedName] = {
        one["code"]: {"zh": one["zh"], "en": one["en"]} for one in question.options or []
    }
    for code in [*names, *([] if shut else sorted(often.keys() - names.keys()))]:
        option = f"{id_}/option/{code}"
        of_it = make_hidden_rate(option) if shut else make_rate(option, often[code], n)
        yield ChoiceOption(code, names.get(code, {"zh": code, "en": code}), of_it)
