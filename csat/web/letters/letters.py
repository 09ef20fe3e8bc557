"""A letter to a client, and quality control's steps with it: proposed anew, taken back, corrected (P13)."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from csat import clock
from csat.config import LOCALES
from csat.documents.letters import compose, figures, proposals
from csat.procedure.core import audit
from csat.procedure.core.documents import find_files
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound
from csat.procedure.letters import letters
from csat.web.access import current_person, open_to
from csat.web.downloads import send_content, send_stored
from csat.web.formatting import operator_zone
from csat.web.forms import ButtonForm
from csat.web.letters.page import (
    SEE_RIGHT,
    WRITE_RIGHT,
    TakeBackForm,
    letter_document,
    render_letter,
    take_step,
    visible_letter,
)

blueprint = Blueprint("letters", __name__, url_prefix="/letters")


@blueprint.get("/<int:key>")
@open_to(SEE_RIGHT)
def show_letter(key: int) -> str:
    """A letter as the client sees it, where it stands, and what its reader can do."""
    return render_letter(visible_letter(key))


@blueprint.get("/<int:key>/preview/<language>.pdf")
@open_to(SEE_RIGHT)
def preview_letter(key: int, language: str) -> Response:
    """The letter on paper as it stands now; of a sent one the kept file."""
    letter = visible_letter(key)
    if language not in LOCALES:
        raise NotFound
    kept = find_files(letter).get(language)
    if kept is not None:  # what went out: who takes it is on record (D3)
        audit.record(current_person(), "letter downloaded", letter, clock.now(), language=language)
        return send_stored(kept)
    content = compose.render_pdf(letter_document(letter), language)
    return send_content(content, f"{letter.number}-preview-{language}.pdf", "application/pdf")


@blueprint.post("/<int:key>/refresh")
@open_to(WRITE_RIGHT)
def refresh_letter(key: int) -> ResponseReturnValue:
    """Put a fresh proposal, from the newest report, into a draft."""
    letter, now = visible_letter(key), clock.now()
    report = letters.get_issued_report(Quarter.from_int(letter.quarter))
    facts, proposed = proposals.draft_proposal(letter.client, report, operator_zone(), now)
    verb = partial(letters.refresh_letter, letter, report, facts, proposed, current_person(), now)
    said = gettext("The letter is proposed anew, with the figures of %(report)s.", report=report.number)
    return take_step(letter, ButtonForm(), verb, said, url_for("letter_wording.edit_wording", key=key))


@blueprint.post("/<int:key>/take-back")
@open_to(WRITE_RIGHT)
def take_back_letter(key: int) -> ResponseReturnValue:
    """Make a ready letter a draft again."""
    letter, form = visible_letter(key), TakeBackForm()
    verb = partial(letters.take_back_letter, letter, form.reason.data or "", current_person(), clock.now())
    said, to = gettext("The letter is a draft again."), url_for("letter_wording.edit_wording", key=key)
    return take_step(letter, form, verb, said, to)


@blueprint.post("/<int:key>/discard")
@open_to(WRITE_RIGHT)
def discard_letter(key: int) -> ResponseReturnValue:
    """Throw a draft away that was never released."""
    letter = visible_letter(key)
    to = url_for("letter_board.list_letters", quarter=Quarter.from_int(letter.quarter))
    verb = partial(letters.discard_letter, letter, current_person(), clock.now())
    return take_step(letter, ButtonForm(), verb, gettext("The draft is gone."), to)


@blueprint.post("/<int:key>/correct")
@open_to(WRITE_RIGHT)
def correct_letter(key: int) -> ResponseReturnValue:
    """Begin the letter that will replace a sent one."""
    letter = visible_letter(key)
    report = letters.get_issued_report(Quarter.from_int(letter.quarter))
    facts = figures.collect_facts(letter.client, report)
    verb = partial(letters.correct_letter, letter, report, facts, current_person(), clock.now())
    said = gettext("The correction has the old letter's words and the newest report's figures.")
    return take_step(letter, ButtonForm(), verb, said, lambda made: url_for("letter_wording.edit_wording", key=made.id))
