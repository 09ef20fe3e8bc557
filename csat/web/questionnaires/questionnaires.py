"""Questionnaires: what is in force, in work and out of use; a version as it reads, beside any other (§4, Q7)."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask_babel import force_locale

from csat import clock
from csat.models.questionnaires import Question, QuestionnaireVersion
from csat.procedure.authoring import drafts, overview, publishing, toml_files
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.comparison import CHANGE_LABELS, PART_LABELS, Change, compare_forms
from csat.procedure.questionnaires.content import read_version
from csat.procedure.questionnaires.form_length import count_minutes
from csat.translations import BABEL
from csat.web.access import open_to
from csat.web.downloads import send_content
from csat.web.params import parse_number
from csat.web.questionnaires.answer_form import question_choices

blueprint = Blueprint("questionnaires", __name__, url_prefix="/questionnaires")


@blueprint.get("/")
@open_to("questionnaires.see")
def list_versions() -> str:
    """Each questionnaire with what is in force, what comes and what is in work; those out of use last."""
    shown = overview.list_questionnaires(clock.now())
    return render_template(
        "questionnaires/list.html",
        in_use=[one for one in shown if one.form.retired_at is None],
        retired=[one for one in shown if one.form.retired_at is not None],
        needed=publishing.NEEDED,
    )


@blueprint.get("/<int:key>")
@open_to("questionnaires.see")
def show_version(key: int) -> str:
    """One version as it reads, in both languages side by side, and what it changed against another."""
    version = questionnaires.get_version(key)
    neighbours, asked = overview.list_other_versions(version), parse_number("with")
    predecessor = next((one for one in neighbours if one.number < version.number), None)
    other = next((one for one in neighbours if one.id == asked), predecessor)
    return render_template(
        "questionnaires/show.html",
        version=version,
        sections=questionnaires.sections_of(version),
        choices=list_choices,
        languages=list(BABEL),
        neighbours=neighbours,
        other=other,
        changes=_compare(version, other) if other else [],
        change_labels=CHANGE_LABELS,
        part_labels=PART_LABELS,
        in_force=questionnaires.find_version_in_force(version.questionnaire.code, clock.now()) == version,
        running=[one for one in publishing.list_running_campaigns(version.questionnaire) if one.version_id == key],
    )


@blueprint.get("/<int:key>/toml")
@open_to("questionnaires.see")
def export_version(key: int) -> Response:
    """A version as a TOML file, the format in which questionnaires ship."""
    version = questionnaires.get_version(key)
    content = toml_files.write_toml(read_version(version), version.minutes)
    return _send_toml(content, f"{version.questionnaire.code}-{version.number}.toml")


@blueprint.get("/<code>/draft/toml")
@open_to("questionnaires")
def export_draft(code: str) -> Response:
    """A draft as a TOML file, as far as it is."""
    form = drafts.read_draft(drafts.get_draft(code))
    return _send_toml(toml_files.write_toml(form, count_minutes(form)), f"{code}-draft.toml")


def list_choices(question: Question, language: str) -> list[str]:
    """What can be chosen, in a language."""
    with force_locale(BABEL[language]):
        return [" ".join(filter(None, said)) for _, *said in question_choices(question, language)]


def _compare(version: QuestionnaireVersion, other: QuestionnaireVersion) -> list[Change]:
    """What the newer of two versions changed against the older."""
    older, newer = sorted((version, other), key=lambda one: one.number)
    return compare_forms(read_version(older), read_version(newer))


def _send_toml(content: str, name: str) -> Response:
    return send_content(content.encode(), name, "application/toml; charset=utf-8")
