"""What somebody read on a printed form, as data: to be kept, and to be held against what a second person read (P5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from csat.models.asking import Naming
from csat.models.questionnaires import Question, QuestionnaireVersion
from csat.procedure.questionnaires import answers as answering
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.answers import Answers

FIELDS = ("who", "name", "reach", "name_client")  # beside the questions


@dataclass(frozen=True)
class TypedPaper:
    """What stands on a printed form, as somebody typed it."""

    answers: Answers
    anonymous: bool
    name: str = ""
    reach: str = ""
    name_client: bool = False


@dataclass(frozen=True)
class Difference:
    """What two people read differently: `q-` and a question's code, or one of FIELDS, with what a form would send."""

    code: str
    first: list[str]
    second: list[str]


def questions_on_paper(version: QuestionnaireVersion) -> list[Question]:
    """The questions as paper asks them: nobody can keep a pen from leaving one blank."""
    questions = questionnaires.questions_of(version)
    for question in questions:
        question.required = False  # of this copy only, which is never saved
    return questions


def compare_typings(version: QuestionnaireVersion, first: TypedPaper, second: TypedPaper) -> list[Difference]:
    """In what two typings of one form differ; blanks and line breaks in words are no difference."""
    questions = questions_on_paper(version)
    one, other = (write_typing(questions, typed) for typed in (first, second))
    return [
        Difference(code, one[code], other[code]) for code in one if _same_blanks(one[code]) != _same_blanks(other[code])
    ]


def write_typing(questions: Iterable[Question], typed: TypedPaper) -> dict[str, list[str]]:
    """A typing as a form would send it: by the names of its fields."""
    written = {f"q-{one.code}": answering.format_answer(one, typed.answers.get(one.code)) for one in questions}
    who = Naming.ANONYMOUS if typed.anonymous else Naming.NAMED
    return written | {
        "who": [who.value],
        "name": [typed.name],
        "reach": [typed.reach],
        "name_client": ["y"] if typed.name_client else [],
    }


def read_typing(questions: Iterable[Question], kept: Mapping[str, list[str]]) -> TypedPaper:
    """A typing as it was kept: the way back from `write_typing`."""
    given = {one.code: answering.parse_answer(one, kept.get(f"q-{one.code}", [])) for one in questions}
    return TypedPaper(
        answers={code: answer for code, answer in given.items() if answer is not None},
        anonymous=kept["who"] == [Naming.ANONYMOUS.value],
        name=kept["name"][0],
        reach=kept["reach"][0],
        name_client=bool(kept["name_client"]),
    )


def _same_blanks(sent: list[str]) -> list[str]:
    return [text for text in ("".join(one.split()) for one in sent) if text]
