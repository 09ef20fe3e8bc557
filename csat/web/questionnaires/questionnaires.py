"""Questionnaires: the list with its versions, and how a version reads in both languages (§4)."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import force_locale

from csat.models.questionnaires import Question
from csat.procedure.questionnaires import questionnaires
from csat.translations import BABEL
from csat.web.access import open_to
from csat.web.questionnaires.answer_form import question_choices

blueprint = Blueprint("questionnaires", __name__, url_prefix="/questionnaires")


@blueprint.get("/")
@open_to("questionnaires")
def list_versions() -> str:
    """All versions, the newest of each questionnaire first."""
    versions = questionnaires.list_versions()
    newest = {version.questionnaire_id: version.id for version in reversed(versions)}
    return render_template("questionnaires/list.html", versions=versions, newest=set(newest.values()))


@blueprint.get("/<int:key>")
@open_to("questionnaires")
def show_version(key: int) -> str:
    """One version as it reads, in both languages side by side."""
    version = questionnaires.get_version(key)
    return render_template(
        "questionnaires/show.html",
        version=version,
        sections=questionnaires.sections_of(version),
        choices=list_choices,
        languages=list(BABEL),
    )


def list_choices(question: Question, language: str) -> list[str]:
    """What can be chosen, in a language."""
    with force_locale(BABEL[language]):
        return [" ".join(filter(None, said)) for _, *said in question_choices(question, language)]
