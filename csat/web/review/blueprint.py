"""The room of quality control: what its pages share."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext

from csat.models.answers import Answer
from csat.models.questionnaires import Kind
from csat.web.formatting import localised_text

blueprint = Blueprint("review", __name__, url_prefix="/qa")


def describe_answer(answer: Answer) -> str:
    """An answer that is not words, as one reads it."""
    question = answer.question
    if answer.not_applicable:
        return gettext("Not applicable")
    if question.kind == Kind.RECOMMEND:
        return gettext("%(value)s of 10", value=answer.value)
    if question.kind == Kind.YES_NO:
        return "–" if answer.value is None else gettext("Yes") if answer.value else gettext("No")
    if question.kind in (Kind.CHOICE_ONE, Kind.CHOICE_MANY):
        labels = {option["code"]: localised_text(option) for option in question.options or []}
        return gettext(", ").join(labels.get(code, code) for code in (answer.words or "").split(","))
    return str(answer.value) if answer.value is not None else "–"
