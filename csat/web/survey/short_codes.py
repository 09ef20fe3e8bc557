"""Where the code of a printed form is typed, to answer online instead of on paper (P5)."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from csat import clock
from csat.procedure.campaigns import links
from csat.procedure.core import tokens
from csat.procedure.core.refusals import LinkUnknown, Refusal, SignInThrottled
from csat.procedure.survey import code_guesses, paper
from csat.web.access import ANYONE, open_to
from csat.web.errors import describe_refusal
from csat.web.language import switch_language
from csat.web.params import client_network
from csat.web.public_pages import open_public_page

blueprint = Blueprint("short_codes", __name__)
blueprint.before_request(open_public_page)


@blueprint.get("/s/")
@open_to(ANYONE)
def show_code_form() -> str:
    """Ask for the code."""
    return _render_code_form("")


@blueprint.post("/s/")
@open_to(ANYONE)
def open_by_code() -> ResponseReturnValue:
    """Lead to the form of a code; a wrong one is said beside it, and counted."""
    switch_language(request.form.get("lang", ""))
    typed = request.form.get("code", "")
    code = tokens.normalise_short_code(typed)
    try:
        code_guesses.refuse_guessing(client_network(), clock.now())
        links.get_link(code)
    except SignInThrottled as refusal:
        return _render_code_form(typed, refusal), 429
    except LinkUnknown:
        code_guesses.count_wrong_code(client_network(), clock.now())
        return _render_code_form(typed, paper.CodeUnknown()), 422
    return redirect(url_for("survey.show_survey", token=code))


def _render_code_form(typed: str, refusal: Refusal | None = None) -> str:
    trouble = describe_refusal(refusal) if refusal else ""
    return render_template("survey/short_code.html", code=typed, trouble=trouble)
