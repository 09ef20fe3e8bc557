"""The room of quality control: what its pages share."""

from __future__ import annotations

from flask import Blueprint

from csat.documents.filled.answers import format_answer
from csat.models.answers import Answer
from csat.procedure.review.corrections import given_answer
from csat.web.formatting import reader_format

blueprint = Blueprint("review", __name__, url_prefix="/qa")


def describe_answer(answer: Answer) -> str:
    """An answer as one reads it, in the words of the filled questionnaire."""
    return format_answer(answer.question, given_answer(answer), reader_format())
