"""A form that is tried: shown, switched, checked and thanked for as a survey is; nothing is kept (Q7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask_babel import gettext

from csat import clock
from csat.models.asking import Naming
from csat.procedure.authoring.previews import Preview
from csat.procedure.campaigns import samples
from csat.procedure.campaigns.links import SurveyRequest
from csat.procedure.campaigns.samples import SampleNames
from csat.procedure.survey.submission import Receipt
from csat.web.formatting import operator_zone
from csat.web.language import current_locale, switch_language
from csat.web.questionnaires.answer_form import build_form_class_of
from csat.web.survey.survey_form import SurveyForm
from csat.web.survey.survey_page import SurveyPage, other_language, render_survey

SAMPLE_CODE = "xxxxx-xxxxx-xxxxx-xxxxx"  # in the shape of a receipt's code, and plainly none
KEEPING = ("save", "continue")  # the buttons of the form that would keep something, or bring it back


@dataclass(frozen=True)
class Trial:
    """A form to be tried: where it is sent, how it lets people answer, and until when strangers can try it."""

    preview: Preview
    address: str
    naming: Naming
    until: datetime | None = None  # None: tried by the staff


def run_trial(trial: Trial) -> tuple[str, int]:
    """Show the form, or do what its button does in a survey, as far as that keeps nothing."""
    pressed = request.form.get("do", "")
    switch_language(request.form.get("lang", ""))
    if pressed == "language":
        switch_language(other_language())
    asked = build_sample(trial.preview, trial.naming)
    form: SurveyForm = build_form_class_of(trial.preview.questions, SurveyForm)(request.form)
    if request.method != "POST" or pressed == "language":
        return _render_trial(trial, SurveyPage(trial.address, asked, form)), 200
    if pressed in KEEPING:
        notice = gettext("This is a preview: it keeps nothing. In a survey, what is entered is saved here for later.")
        return _render_trial(trial, SurveyPage(trial.address, asked, form, notice=notice)), 200
    valid, troubles = form.validate(), form.list_troubles(asked)
    if not valid or troubles:
        return _render_trial(trial, SurveyPage(trial.address, asked, form, troubles, checked=True)), 422
    return _render_thanks(trial, asked, form), 200


def build_sample(preview: Preview, naming: Naming) -> SurveyRequest:
    """Whom the form asks while it is tried: nobody, and it says so, in the language of the page."""
    names = SampleNames(
        client=gettext("Example organisation (invented)"),
        contact=gettext("Ms Example (invented)"),
        incident=gettext("an invented incident, for this preview only"),
        matter=gettext("an invented matter, for this preview only"),
        language=current_locale(),
    )
    return samples.build_sample_request(preview.version, preview.code, naming, names, clock.now(), operator_zone())


def _render_trial(trial: Trial, shown: SurveyPage) -> str:
    return render_survey(shown, "questionnaires/preview_form.html", trial=trial)


def _render_thanks(trial: Trial, asked: SurveyRequest, form: SurveyForm) -> str:
    sealed = form.is_answered(Naming.ANONYMOUS, asked)
    thanks = Receipt(SAMPLE_CODE, asked.campaign.closes_at if sealed else None)
    return render_template("questionnaires/preview_thanks.html", trial=trial, thanks=thanks)
