"""Where the code of a printed form is typed, to answer online instead of on paper (P5)."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from csat import clock
from csat.procedure.campaigns import links
from csat.procedure.core import tokens
from csat.procedure.core.refusals import LinkUnknown
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
    return render_template("survey/short_code.html", code="", trouble="")


@blueprint.post("/s/")
@open_to(ANYONE)
def open_by_code() -> ResponseReturnValue:
    """Lead to the form of a code; a wrong one is said beside it, and counted."""
    switch_language(request.form.get("lang", ""))
    code_guesses.refuse_guessing(client_network(), clock.now())
    typed = request.form.get("code", "")
    code = tokens.normalise_short_code(typed)
    try:
        links.get_link(code)
    except LinkUnknown:
        code_guesses.count_wrong_code(client_network(), clock.now())
        trouble = describe_refusal(paper.CodeUnknown())
        return render_template("survey/short_code.html", code=typed, trouble=trouble), 422
    return redirect(url_for("survey.show_survey", token=code))
