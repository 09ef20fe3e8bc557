"""The quarter's letters to clients: how far each is, and having them proposed (P13)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from csat import clock
from csat.documents.letters import proposals
from csat.models.letters import LetterState
from csat.models.work import Job
from csat.procedure.clients import clients
from csat.procedure.core.guards import found_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.letters import board, letters
from csat.web.access import current_person, open_to
from csat.web.formatting import format_quarter, local_today, operator_zone
from csat.web.forms import ButtonForm
from csat.web.jobs import register_job_links, register_job_messages, start_job
from csat.web.letters.page import SEE_RIGHT, WRITE_RIGHT
from csat.web.pagination import paginate
from csat.web.params import parse_choice, parse_quarter, parse_quarter_code
from csat.words import N_

blueprint = Blueprint("letter_board", __name__, url_prefix="/letters")
STATE_FILTERS = (board.NO_LETTER, *(state.value for state in LetterState), board.TO_HAND_OVER)


@blueprint.get("/")
@open_to(SEE_RIGHT)
def list_letters() -> str:
    """Which clients get a letter of the quarter, and how far each is."""
    quarters = board.list_quarters()
    chosen = _chosen_quarter(quarters)
    state, search = parse_choice("state", STATE_FILTERS), request.args.get("search", "")
    found = board.list_board(current_person(), chosen, local_today()) if chosen else []
    return render_template(
        "letters/index.html",
        quarters=[(str(code), format_quarter(code)) for code in quarters],
        chosen=chosen,
        list=paginate([line for line in found if board.matches_filter(line, search, state)]),
        letter_states=LetterState,
        state=state,
        search=search,
        without=sum(line.letter is None for line in found),
        all=len(found),
        form=ButtonForm(),
    )


@blueprint.post("/propose")
@open_to(WRITE_RIGHT)
def propose_all_letters() -> ResponseReturnValue:
    """Let the worker propose a letter for every client of the quarter that has none."""
    quarter = _submitted_quarter()
    letters.get_issued_report(quarter)  # refused here, not when the worker comes to it
    return start_job("propose_letters", quarter=int(quarter))


@blueprint.post("/propose/<int:client>")
@open_to(WRITE_RIGHT)
def propose_letter(client: int) -> ResponseReturnValue:
    """Propose the letter of one client."""
    one = clients.client_for(current_person(), client, local_today())
    report = letters.get_issued_report(_submitted_quarter())
    facts, words = proposals.draft_proposal(one, report, operator_zone(), clock.now())
    letter = letters.propose_letter(one, report, facts, words, current_person(), clock.now())
    flash(gettext("The proposal is ready. Put it into your own words, in both languages."))
    return redirect(url_for("letter_wording.edit_wording", key=letter.id))


@register_job_links("propose_letters", N_("Proposing letters to clients"))
def _proposal_links(job: Job) -> list[tuple[str, str]]:
    quarter = Quarter.from_int(job.arguments["quarter"])
    return [(url_for("letter_board.list_letters", quarter=quarter, state="draft"), gettext("To the letters"))]


@register_job_messages("propose_letters")
def _proposal_messages(job: Job) -> list[str]:
    number = (job.outcome or {})["made"]
    return [ngettext("%(num)s letter was proposed.", "%(num)s letters were proposed.", number)]


def _chosen_quarter(codes: list[int]) -> Quarter | None:
    """The quarter that the address asks for, if it has letters; else the newest one that has."""
    asked = parse_quarter_code()
    code = asked if asked in codes else next(iter(codes), None)
    return Quarter.from_int(code) if code else None


def _submitted_quarter() -> Quarter:
    return found_or_refuse(parse_quarter(source=request.form))
