"""The respondent's page at /s/<token>: GET looks, POST saves, switches the language or submits (Q1–Q6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import InternalServerError
from werkzeug.wrappers import Response
from wtforms import BooleanField, Form, HiddenField, StringField

from csat import clock
from csat.adapters import sealing
from csat.config import LOCALES
from csat.models.asking import Naming
from csat.models.base import Json
from csat.models.questionnaires import Question, QuestionnaireVersion
from csat.procedure.campaigns import links
from csat.procedure.campaigns.links import SurveyRequest
from csat.procedure.campaigns.promise import build_promise
from csat.procedure.core import tokens
from csat.procedure.core.refusals import LinkExpired, LinkUnknown, LinkUsed, LinkWithdrawn, Refusal
from csat.procedure.questionnaires import answers as answering
from csat.procedure.survey import drafts, submission
from csat.procedure.survey.submission import FilledForm
from csat.web.access import ANYONE, open_to
from csat.web.errors import ERROR_SENTENCES
from csat.web.formatting import format_day
from csat.web.forms import limit_length
from csat.web.language import current_locale, switch_language
from csat.web.public_pages import open_public_page
from csat.web.questionnaires.answer_form import build_form_class
from csat.words import N_

blueprint = Blueprint("survey", __name__)
blueprint.before_request(open_public_page)

DEAD_LINK_TITLES: dict[type[Refusal], str] = {
    LinkUsed: N_("This survey is answered already"),
    LinkExpired: N_("This survey is over"),
    LinkWithdrawn: N_("This survey was withdrawn"),
}


class SurveyForm(Form):
    """What stands around the questions. It needs no token of a session: the link is the capability."""

    who = HiddenField()  # two radio buttons in the template
    name = StringField(_l("Your name"), [limit_length(120)])
    reach = StringField(_l("How to reach you"), [limit_length(200)])
    name_client = BooleanField(_l("Name my organisation even if I could be guessed"))
    code = HiddenField()
    opened = HiddenField()
    lang = HiddenField()
    kept = HiddenField()
    answers: Any

    def build_filled_form(self, asked: SurveyRequest) -> FilledForm:
        """What the procedure takes."""
        anonymous = self.is_answered(Naming.ANONYMOUS, asked)
        return FilledForm(
            answers=self.answers.data,
            anonymous=anonymous,
            code=tokens.normalise_submission_code(self.code.data or ""),
            name="" if anonymous else answering.clean_text(self.name.data or ""),
            reach="" if anonymous else answering.clean_text(self.reach.data or ""),
            name_client=anonymous and self.name_client.data,
            duration=submission.classify_duration(self.count_seconds(), len(self.answers.questions)),
        )

    def is_answered(self, way: Naming, asked: SurveyRequest) -> bool:
        """Whether the answer comes in this way: it is the only one offered, or it was chosen."""
        offered = asked.campaign.naming
        return offered == way or (offered == Naming.BOTH and self.who.data == way)

    def count_seconds(self) -> float | None:
        """How long the form was open, as far as the page can be believed."""
        opened = self.opened.data or ""
        return clock.now().timestamp() - int(opened) if opened.isdecimal() and len(opened) < 12 else None

    def list_troubles(self, asked: SurveyRequest) -> list[tuple[str, str]]:
        """What is wrong beside the questions: (id, sentence)."""
        found = [(name, error) for name in ("name", "reach") for error in self[name].errors]
        named = self.is_answered(Naming.NAMED, asked)
        if not named and not self.is_answered(Naming.ANONYMOUS, asked):
            found.append(("who-0", gettext("Please choose whether you answer with or without your name.")))
        if named and not answering.clean_text(self.name.data or ""):
            found.append(("name", gettext("Please leave your name, or answer without it.")))
        return found


@dataclass(frozen=True)
class SurveyPage:
    """One view of the form: whom it asks, what was typed, what is wrong, what was kept."""

    token: str
    asked: SurveyRequest
    form: SurveyForm
    troubles: Sequence[tuple[str, str]] = ()
    checked: bool = False
    kept_code: str = ""
    notice: str = ""


@blueprint.get("/s/<token>")
@open_to(ANYONE)
def show_survey(token: str) -> Response | str:
    """Show the form: spends nothing, however often it is opened."""
    asked = links.open_link(token, clock.now())
    _use_contact_language(asked)
    return _render_survey(SurveyPage(token, asked, _build_form(asked, MultiDict())))


@blueprint.post("/s/<token>")
@open_to(ANYONE)
def submit_survey(token: str) -> Response | tuple[str, int] | str:
    """Submit, save for later, go on with what was saved, or switch the language."""
    switch_language(request.form.get("lang", ""))
    step = {"save": _save_draft, "language": _switch_survey_language, "continue": _resume_draft}.get(
        request.form.get("do", ""), _submit_answers
    )
    try:
        return step(token)
    except (LinkUsed, LinkExpired, LinkWithdrawn) as refusal:
        return _render_too_late(token, refusal)


@blueprint.errorhandler(LinkUsed)
@blueprint.errorhandler(LinkExpired)
@blueprint.errorhandler(LinkWithdrawn)
def show_dead_link(refusal: Refusal, typed: Sequence[tuple[Question, str]] = ()) -> tuple[str, int]:
    """A real link that takes no answer any more: its own page, 410, with what was typed, to be copied."""
    title = gettext(DEAD_LINK_TITLES[type(refusal)])
    return render_template("survey/gone.html", title=title, refusal=refusal, typed=typed), 410


@blueprint.errorhandler(InternalServerError)
def show_server_error(error: InternalServerError) -> tuple[str, int]:
    """Something broke on our side: what was sent is shown, and can be sent again (Q3)."""
    sent = list(request.form.items(multi=True)) if request.method == "POST" else []
    return render_template("survey/broken.html", sentence=gettext(ERROR_SENTENCES[500]), sent=sent), 500


@blueprint.errorhandler(LinkUnknown)
def show_unknown_link(refusal: Refusal) -> tuple[str, int]:
    """Unknown and malformed links get one page, 404."""
    return render_template("survey/unknown.html"), 404


def _submit_answers(token: str) -> tuple[str, int] | str:
    invitation = links.get_link(token).invitation
    form = build_form_class(invitation.campaign.version, SurveyForm)(request.form)
    thanks = submission.find_earlier_receipt(tokens.normalise_submission_code(form.code.data or ""), invitation)
    if thanks is None:
        asked = links.open_link(token, clock.now())
        valid, troubles = form.validate(), form.list_troubles(asked)
        if not valid or troubles:
            return _render_survey(SurveyPage(token, asked, form, troubles, checked=True)), 422
        thanks = submission.submit_response(token, form.build_filled_form(asked), clock.now(), sealing.seal_bytes)
        drafts.delete_drafts(token)
    return render_template("survey/thanks.html", thanks=thanks)


def _save_draft(token: str) -> str:
    asked = links.open_link(token, clock.now())
    code = drafts.normalise_continuation_code(request.form.get("kept", "")) or drafts.make_continuation_code()
    typed = {name: values for name, values in request.form.lists() if name not in ("do", "code", "kept", "opened")}
    drafts.save_draft(token, code, typed, clock.now(), sealing.derive_draft_key, sealing.encrypt_with_key)
    form = _build_form(asked, request.form)
    form.kept.data = code
    return _render_survey(SurveyPage(token, asked, form, kept_code=code))


def _resume_draft(token: str) -> tuple[str, int] | str:
    asked = links.open_link(token, clock.now())
    code = drafts.normalise_continuation_code(request.form.get("continuation", ""))
    typed = drafts.load_draft(token, code, sealing.derive_draft_key, sealing.decrypt_with_key)
    if typed is None:
        notice = gettext("That code does not fit what was saved on this link. Please check it letter by letter.")
        return _render_survey(SurveyPage(token, asked, _build_form(asked, MultiDict()), notice=notice)), 422
    switch_language(typed.get("lang", [""])[0])
    form = _build_form(asked, MultiDict((name, value) for name, values in typed.items() for value in values))
    form.kept.data = code
    return _render_survey(SurveyPage(token, asked, form))


def _switch_survey_language(token: str) -> str:
    asked = links.open_link(token, clock.now())
    switch_language(_other_language())
    return _render_survey(SurveyPage(token, asked, _build_form(asked, request.form)))


def _render_too_late(token: str, refusal: Refusal) -> tuple[str, int]:
    form = build_form_class(links.get_link(token).invitation.campaign.version, SurveyForm)(request.form)
    said = ((question, form.answers.spoken(question)) for question in form.answers.questions)
    return show_dead_link(refusal, [(question, words) for question, words in said if words])


def _render_survey(shown: SurveyPage) -> str:
    form, asked = shown.form, shown.asked
    if not tokens.normalise_submission_code(form.code.data or ""):
        form.code.data = tokens.make_submission_code()
    if not form.opened.data:
        form.opened.data = str(int(clock.now().timestamp()))
    form.lang.data = current_locale()
    return render_template(
        "survey/form.html",
        shown=shown,
        form=form,
        asked=asked,
        promise=[_translate_sentence(*sentence) for sentence in build_promise(asked)],
        questions=_render_questions(shown),
        waits=not shown.kept_code and not form.kept.data and drafts.has_draft(shown.token),
        other_language=_other_language(),
        longest=answering.MAX_LENGTH,
    )


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


def _build_form(asked: SurveyRequest, typed: Any) -> SurveyForm:
    return build_form_class(asked.campaign.version, SurveyForm)(typed)


def _translate_sentence(sentence: str, facts: Json) -> str:
    told = {name: format_day(fact) if name == "date" else fact for name, fact in facts.items()}
    return gettext(sentence) % told if told else gettext(sentence)


def _use_contact_language(asked: SurveyRequest) -> None:
    """The language somebody chose for this page, else the contact's, else the browser's."""
    if request.args.get("lang") not in LOCALES and asked.language in LOCALES:
        switch_language(asked.language)


def _other_language() -> str:
    return next(code for code in LOCALES if code != current_locale())
