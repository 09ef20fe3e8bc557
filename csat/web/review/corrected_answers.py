"""What QA reads of a corrected record: the answers as they read now, and what was recorded first (P11)."""

from __future__ import annotations

from collections.abc import Sequence

from csat.documents.filled.answers import format_answer, list_recorded_first
from csat.models.answers import Answer, Response
from csat.models.corrections import Correction
from csat.models.questionnaires import Question
from csat.web.formatting import reader_format


def describe_originals(made: Sequence[Correction]) -> dict[int, str]:
    """What was recorded first, in words, of each question that two persons have corrected."""
    tongue, questions = reader_format(), _corrected_questions(made)
    return {key: format_answer(questions[key], given, tongue) for key, given in list_recorded_first(made).items()}


def fill_blanks(response: Response, answers: Sequence[Answer], made: Sequence[Correction]) -> list[Answer]:
    """The answers in the form's order, with a blank where a correction took the answer away."""
    given, questions = {answer.question_id for answer in answers}, _corrected_questions(made)
    gone = [questions[key] for key in list_recorded_first(made) if key not in given]
    blanks = (Answer(response=response, question=question) for question in gone)
    return sorted([*answers, *blanks], key=lambda answer: answer.question.position)


def _corrected_questions(made: Sequence[Correction]) -> dict[int, Question]:
    return {row.question_id: row.question for one in made for row in one.answers}
