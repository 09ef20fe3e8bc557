"""Answers as somebody gave them: what is typed or chosen becomes a value, or is refused (§4)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from csat.models.base import Json
from csat.models.questionnaires import Kind, Question
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.words import N_

MAX_LENGTH = 2000
NOT_APPLICABLE_CODE = "na"
VALUE_RANGES = {Kind.RATING: (1, 5), Kind.RECOMMEND: (0, 10)}
YES_NO_VALUES = {"yes": 1, "no": 0}


class ChoiceMissing(InputWrong):
    sentence = N_("Please choose one.")


class ChoiceOrNotApplicableMissing(InputWrong):
    sentence = N_("Please choose one, or “not applicable”.")


class ChoiceOrNotSaidMissing(InputWrong):
    sentence = N_("Please choose one, or “not said”.")


class WordsMissing(InputWrong):
    sentence = N_("Please write a few words.")


class WordsTooLong(InputWrong):
    sentence = N_("That is %(over)s characters too long: %(most)s fit. Please shorten it.")


class ChoiceUnknown(InputWrong):
    sentence = N_("This is not among the choices. Please choose again.")


class NothingSaid(Refusal):
    sentence = N_("No answer is recorded, so nothing can be counted. Record what became of the call instead.")


@dataclass(frozen=True)
class GivenAnswer:
    """One answer: a number (rating, 0–10, yes = 1), words (text; options' codes with commas), or n/a."""

    value: int | None = None
    words: str | None = None
    not_applicable: bool = False


Answers = Mapping[str, GivenAnswer]


def clean_text(typed: str) -> str:
    """Typed text without control characters and outer blanks; every other character is kept."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def parse_answer(question: Question, texts: Sequence[str]) -> GivenAnswer | None:
    """The answer in what a form sent for a question, None for a blank; refuse what does not fit."""
    filled = [text for text in map(clean_text, texts) if text]
    if not filled:
        _refuse_blank(question)
        return None
    if filled == [NOT_APPLICABLE_CODE] and question.offers_na:
        return GivenAnswer(not_applicable=True)
    if question.kind == Kind.TEXT:
        if len(filled[0]) > MAX_LENGTH:
            raise WordsTooLong(question.code, over=len(filled[0]) - MAX_LENGTH, most=MAX_LENGTH)
        return GivenAnswer(words=filled[0])
    if question.kind == Kind.CHOICE_MANY:
        return GivenAnswer(words=",".join(_parse_codes(question, filled)))
    if len(filled) > 1:
        raise ChoiceUnknown(question.code)
    if question.kind == Kind.CHOICE_ONE:
        return GivenAnswer(words=_parse_codes(question, filled)[0])
    return GivenAnswer(value=_parse_number(question, filled[0]))


def format_answer(question: Question, given: GivenAnswer | None) -> list[str]:
    """What a form would have sent for an answer: the way back from `parse_answer`."""
    if given is None:
        return []
    if given.not_applicable:
        return [NOT_APPLICABLE_CODE]
    if question.kind == Kind.YES_NO:
        return ["yes" if given.value else "no"]
    if question.kind == Kind.CHOICE_MANY:
        return (given.words or "").split(",")
    return [str(given.value) if given.words is None else given.words]


def check_answers(questions: Iterable[Question], answers: Answers) -> None:
    """Refuse answers that the questions would not have taken from a form."""
    known = {question.code: question for question in questions}
    for code in answers.keys() - known.keys():
        raise ChoiceUnknown(code)
    for code, question in known.items():
        # There and back: whatever a form could not have sent is refused, without a second set of rules.
        if parse_answer(question, format_answer(question, answers.get(code))) != answers.get(code):
            raise ChoiceUnknown(code)


def check_spoken_answers(questions: Iterable[Question], answers: Answers) -> None:
    """The same of what was said to one of us: any question may be left out, but not all of them (P2)."""
    if all(given.not_applicable for given in answers.values()):  # none at all among them: that is an attempt
        raise NothingSaid
    # 'Required' is a rule of the form that one fills in alone: a call that breaks off keeps what was said.
    check_answers([question for question in questions if not question.required or question.code in answers], answers)


def build_answer_rows(response_id: int, keys: Mapping[str, int], answers: Answers) -> list[Json]:
    """The rows of a response's answers; `keys` gives the question's key for its code."""
    return [{"response": response_id, "question": keys[code], **asdict(given)} for code, given in answers.items()]


def _refuse_blank(question: Question) -> None:
    if not question.required:
        return
    if question.kind == Kind.TEXT:
        raise WordsMissing(question.code)
    raise (ChoiceOrNotApplicableMissing if question.offers_na else ChoiceMissing)(question.code)


def _parse_codes(question: Question, chosen: Sequence[str]) -> list[str]:
    known = [option["code"] for option in question.options or ()]
    if not set(chosen) <= set(known):
        raise ChoiceUnknown(question.code)
    return [code for code in known if code in chosen]  # in the order of the form, each once


def _parse_number(question: Question, text: str) -> int:
    if question.kind == Kind.YES_NO and text in YES_NO_VALUES:
        return YES_NO_VALUES[text]
    least, most = VALUE_RANGES.get(question.kind, (1, 0))
    # Few digits only: int() of a text of thousands takes long, or fails.
    if not (text.isascii() and text.isdecimal() and least <= int(text[:3]) <= most and len(text) < 3):
        raise ChoiceUnknown(question.code)
    return int(text)
