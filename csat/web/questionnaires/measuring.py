"""How large the page is that respondents get with a form: rendered as they get it, and counted."""

from __future__ import annotations

from csat.procedure.authoring.previews import build_preview
from csat.procedure.campaigns.samples import list_namings
from csat.procedure.questionnaires.content import FormContent
from csat.procedure.questionnaires.form_length import count_minutes
from csat.web.language import current_locale, switch_language
from csat.web.questionnaires.answer_form import build_form_class_of
from csat.web.questionnaires.trials import build_sample
from csat.web.survey.survey_form import SurveyForm
from csat.web.survey.survey_page import SurveyPage, render_survey

ADDRESS = f"/s/{'x' * 43}"  # as long as that of a link


def measure_page(form: FormContent, language: str) -> int:
    """Bytes of the survey's page with this form, in a language."""
    preview, reader = build_preview(form, count_minutes(form)), current_locale()
    switch_language(language)
    try:
        asked = build_sample(preview, list_namings(form.code)[0])
        filled: SurveyForm = build_form_class_of(preview.questions, SurveyForm)()
        return len(render_survey(SurveyPage(ADDRESS, asked, filled)).encode())
    finally:
        switch_language(reader)
