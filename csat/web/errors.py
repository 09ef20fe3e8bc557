"""What people see when something is refused or broken: a sentence that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_babel import gettext
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from csat.procedure.core import refusals
from csat.procedure.core.refusals import Refusal
from csat.terms import read_code
from csat.web.app import current_config
from csat.web.formatting import translate_term
from csat.words import N_

STATUS_CODES: dict[type[Refusal], int] = {
    refusals.LinkUnknown: 404,
    refusals.LinkUsed: 410,
    refusals.LinkExpired: 410,
    refusals.LinkWithdrawn: 410,
    refusals.WelcomeLinkExpired: 410,
    refusals.NotFound: 404,
    refusals.NotPermitted: 403,
    refusals.DutyConflict: 403,
    refusals.SignInThrottled: 429,
    refusals.InputWrong: 422,
}

ERROR_SENTENCES = {
    400: N_("We could not read that request. Please go back and try once more."),
    404: N_("There is nothing at this address. Please check it, or start from the first page."),
    405: N_("This address cannot be used that way. Please go back and use the buttons of the page."),
    413: N_("That is too much at once. Please send less, or a smaller file."),
    429: N_("Too many tries. Please wait a few minutes."),
    500: N_("Something broke on our side. Nothing you saved before is lost; please try again in a moment."),
}

# Scripts, styles and pictures of our own only: what somebody typed, shown unescaped by mistake, could still not run.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def init_app(app: Flask) -> None:
    """Turn refusals and errors into pages, and put the security headers on every answer."""
    app.register_error_handler(Refusal, show_refusal)
    app.register_error_handler(HTTPException, show_error)
    # A number in an address that no store can hold.
    app.register_error_handler(OverflowError, lambda error: render_error(404, gettext(ERROR_SENTENCES[404])))
    app.register_error_handler(500, show_error)
    app.after_request(_set_security_headers)


def describe_refusal(refusal: Refusal) -> str:
    """A refusal's sentence in the reader's language."""
    return translate_sentence(refusal.sentence, refusal.facts)


def translate_sentence(sentence: str, facts: Mapping[str, object]) -> str:
    """A sentence with its parameters, also one that was kept, in the reader's language."""
    told = {name: _translate_fact(fact) for name, fact in facts.items()}
    return gettext(sentence) % told if told else gettext(sentence)


def _translate_fact(fact: object) -> Any:
    if isinstance(fact, StrEnum):
        return translate_term(fact)
    if isinstance(fact, list):  # a code as a job keeps it: with the name of its kind
        kind, code = fact
        return translate_term(read_code(kind, code))
    return gettext(fact) if isinstance(fact, str) and fact else fact


def show_refusal(refusal: Refusal) -> Response:
    """The page for a refusal that no form took in."""
    status = next((code for kind, code in STATUS_CODES.items() if isinstance(refusal, kind)), 409)
    return render_error(status, describe_refusal(refusal))


def show_error(error: Any) -> Response:
    """The page for everything else; the trace goes to the log, never to the reader."""
    status = getattr(error, "code", None) or 500
    if status < 400:  # a redirect is an HTTPException too
        return error.get_response()
    return render_error(status, gettext(ERROR_SENTENCES.get(status, ERROR_SENTENCES[400 if status < 500 else 500])))


def render_error(status: int, sentence: str) -> Response:
    """A page with one sentence, in the frame its reader knows."""
    signed_in = getattr(current_user, "is_authenticated", False)
    public = request.blueprint in current_app.config["PUBLIC_BLUEPRINTS"] or not signed_in
    template = "errors/public.html" if public else "errors/staff.html"
    return make_response(render_template(template, sentence=sentence, status=status), status)


def _set_security_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"  # the next person at this device goes back to nothing
    if current_config().secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
