"""The respondent's page: the same for a survey that asks and for one that is only tried (Q1–Q7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask import current_app, render_template, request
from flask_babel import gettext
from markupsafe import Markup

from csat import clock
from csat.config import LOCALES
from csat.documents.reach import format_reach
from csat.models.base import Json
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.campaigns.links import SurveyRequest
from csat.procedure.campaigns.promise import build_promise
from csat.procedure.clients.manager_reach import find_client_reach
from csat.procedure.core import tokens
from csat.procedure.questionnaires import answers as answering
from csat.web.formatting import format_day, local_today, reader_format
from csat.web.language import current_locale
from csat.web.questionnaires.answer_form import build_form_class
from csat.web.survey.survey_form import SurveyForm


@dataclass(frozen=True)
class SurveyPage:
    """One view of the form: where it is sent, whom it asks, what was typed, what is wrong, what was kept."""

    address: str
    asked: SurveyRequest
    form: SurveyForm
    troubles: Sequence[tuple[str, str]] = ()
    checked: bool = False
    kept_code: str = ""
    notice: str = ""
    waits: bool = False  # a half-filled form can be gone on with


def render_survey(shown: SurveyPage, template: str = "survey/form.html", **more: object) -> str:
    """The page with its form, as it was sent or as it begins."""
    form = shown.form
    if not tokens.normalise_submission_code(form.code.data or ""):
        form.code.data = tokens.make_submission_code()
    if not form.opened.data:
        form.opened.data = str(int(clock.now().timestamp()))
    form.lang.data = current_locale()
    return render_template(
        template,
        shown=shown,
        form=form,
        asked=shown.asked,
        promise=[_translate_sentence(*sentence) for sentence in build_promise(shown.asked)],
        questions=_render_questions(shown),
        other_language=other_language(),
        longest=answering.MAX_LENGTH,
        reach=_describe_reach(shown.asked),
        **more,
    )


def _describe_reach(asked: SurveyRequest) -> str:
    """Whom the client can turn to, said in a check after closing (P4)."""
    return format_reach(find_client_reach(asked.client, local_today()), reader_format()) if asked.matter else ""


def other_language() -> str:
    """The language that the page can be switched to."""
    return next(code for code in LOCALES if code != current_locale())


def _render_questions(shown: SurveyPage) -> Markup:
    """The questions as HTML; of an untouched form, from what was made before for the same version."""
    version = shown.asked.campaign.version
    if request.method in ("GET", "HEAD") and version.content_hash:
        return _render_blank_questions(version.id, version.content_hash, current_locale())
    return _render_template_of_questions(shown.form)


@lru_cache(maxsize=64)
def _render_blank_questions(version: int, content_hash: str, locale: str) -> Markup:
    """Most requests look at a blank form, and its questions take most of the time of the page."""
    return _render_template_of_questions(build_form_class(QuestionnaireVersion.get_by_id(version), SurveyForm)())


def _render_template_of_questions(form: SurveyForm) -> Markup:
    # Safe: it is what our own template made, with everything of others escaped.
    return Markup(current_app.jinja_env.get_template("survey/all_questions.html").render(form=form))


def _translate_sentence(sentence: str, facts: Json) -> str:
    told = {name: format_day(fact) if name == "date" else fact for name, fact in facts.items()}
    return gettext(sentence) % told if told else gettext(sentence)
