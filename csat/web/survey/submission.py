"""The respondent's page at /s/<token>: GET looks, POST saves, switches the language or submits (Q1–Q6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import InternalServerError
from werkzeug.wrappers import Response

from csat import clock
from csat.adapters import sealing
from csat.config import LOCALES
from csat.models.questionnaires import Question
from csat.procedure.campaigns import links
from csat.procedure.campaigns.links import SurveyRequest
from csat.procedure.core import tokens
from csat.procedure.core.refusals import LinkExpired, LinkUnknown, LinkUsed, LinkWithdrawn, Refusal, SignInThrottled
from csat.procedure.survey import code_guesses, drafts, submission
from csat.web.access import ANYONE, open_to
from csat.web.errors import ERROR_SENTENCES, describe_refusal
from csat.web.language import switch_language
from csat.web.params import client_network
from csat.web.public_pages import open_public_page
from csat.web.questionnaires.answer_form import build_form_class
from csat.web.survey.survey_form import SurveyForm
from csat.web.survey.survey_page import SurveyPage, other_language, render_survey
from csat.words import N_

blueprint = Blueprint("survey", __name__)
blueprint.before_request(open_public_page)


@blueprint.before_request
def refuse_guessing() -> None:
    """The short code of a printed form stands in an address, too, and could be guessed there."""
    if _holds_short_code():
        code_guesses.refuse_guessing(client_network(), clock.now())


DEAD_LINK_TITLES: dict[type[Refusal], str] = {
    LinkUsed: N_("This survey is answered already"),
    LinkExpired: N_("This survey is over"),
    LinkWithdrawn: N_("This survey was withdrawn"),
}


@blueprint.get("/s/<token>")
@open_to(ANYONE)
def show_survey(token: str) -> Response | str:
    """Show the form: spends nothing, however often it is opened."""
    code = tokens.normalise_short_code(token)
    if code and code != token:  # typed into the address as one likes: half-filled forms lie under one way to write it
        return redirect(url_for(".show_survey", token=code))
    asked = links.open_link(token, clock.now())
    _use_contact_language(asked)
    return _render_page(token, asked, _build_form(asked, MultiDict()))


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
    return _render_unsent(gettext(ERROR_SENTENCES[500])), 500


@blueprint.errorhandler(LinkUnknown)
def show_unknown_link(refusal: Refusal) -> tuple[str, int]:
    """Unknown and malformed links get one page, 404; a code that is none is counted."""
    if _holds_short_code():
        code_guesses.count_wrong_code(client_network(), clock.now())
    return render_template("survey/unknown.html"), 404


@blueprint.errorhandler(SignInThrottled)
def show_throttled(refusal: SignInThrottled) -> tuple[str, int]:
    """Others at the same address typed wrong codes: what was sent is shown, and can be sent after the wait (Q3)."""
    return _render_unsent(describe_refusal(refusal)), 429


def _render_unsent(sentence: str) -> str:
    sent = list(request.form.items(multi=True)) if request.method == "POST" else []
    return render_template("survey/broken.html", sentence=sentence, sent=sent)


def _submit_answers(token: str) -> tuple[str, int] | str:
    invitation = links.get_link(token).invitation
    form = build_form_class(invitation.campaign.version, SurveyForm)(request.form)
    thanks = submission.find_earlier_receipt(tokens.normalise_submission_code(form.code.data or ""), invitation)
    if thanks is None:
        asked = links.open_link(token, clock.now())
        valid, troubles = form.validate(), form.list_troubles(asked)
        if not valid or troubles:
            return _render_page(token, asked, form, troubles=troubles, checked=True), 422
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
    return _render_page(token, asked, form, kept_code=code)


def _resume_draft(token: str) -> tuple[str, int] | str:
    asked = links.open_link(token, clock.now())
    code = drafts.normalise_continuation_code(request.form.get("continuation", ""))
    typed = drafts.load_draft(token, code, sealing.derive_draft_key, sealing.decrypt_with_key)
    if typed is None:
        notice = gettext("That code does not fit what was saved on this link. Please check it letter by letter.")
        return _render_page(token, asked, _build_form(asked, MultiDict()), notice=notice), 422
    switch_language(typed.get("lang", [""])[0])
    form = _build_form(asked, MultiDict((name, value) for name, values in typed.items() for value in values))
    form.kept.data = code
    return _render_page(token, asked, form)


def _switch_survey_language(token: str) -> str:
    asked = links.open_link(token, clock.now())
    switch_language(other_language())
    return _render_page(token, asked, _build_form(asked, request.form))


def _render_too_late(token: str, refusal: Refusal) -> tuple[str, int]:
    form = build_form_class(links.get_link(token).invitation.campaign.version, SurveyForm)(request.form)
    said = ((question, form.answers.spoken(question)) for question in form.answers.questions)
    return show_dead_link(refusal, [(question, words) for question, words in said if words])


def _render_page(token: str, asked: SurveyRequest, form: SurveyForm, **more: Any) -> str:
    fresh = not more.get("kept_code") and not form.kept.data
    address = url_for(".submit_survey", token=token)
    return render_survey(SurveyPage(address, asked, form, waits=fresh and drafts.has_draft(token), **more))


def _build_form(asked: SurveyRequest, typed: Any) -> SurveyForm:
    return build_form_class(asked.campaign.version, SurveyForm)(typed)


def _use_contact_language(asked: SurveyRequest) -> None:
    """The language somebody chose for this page, else the contact's, else the browser's."""
    if request.args.get("lang") not in LOCALES and asked.language in LOCALES:
        switch_language(asked.language)


def _holds_short_code() -> bool:
    return bool(tokens.normalise_short_code((request.view_args or {}).get("token", "")))
