"""Letters to clients on the staff's pages: the quarter's list, a letter, QA's wording (P13)."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import HiddenField, StringField, TextAreaField

from csat import clock
from csat.config import LOCALES
from csat.documents.letters import compose as documents
from csat.documents.letters import proposals
from csat.models.letters import Letter, LetterState
from csat.models.work import Job
from csat.procedure.clients import clients
from csat.procedure.core import audit, jobs
from csat.procedure.core.documents import find_files
from csat.procedure.core.guards import found_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound
from csat.procedure.letters import board, letters, links, sending, wording
from csat.procedure.letters.wording import PARTS, SECTIONS
from csat.web import jobs as job_pages
from csat.web.access import current_person, open_to
from csat.web.app import current_config
from csat.web.downloads import send_content, send_stored
from csat.web.formatting import format_quarter as quarter_words
from csat.web.formatting import local_today, operator_zone
from csat.web.forms import ButtonForm, StaffForm, limit_length
from csat.web.language import current_locale
from csat.web.pagination import PAGE_SIZE, ListPage
from csat.web.params import parse_quarter
from csat.words import N_

blueprint = Blueprint("letters", __name__, url_prefix="/letters")
SEE_RIGHT, WRITE_RIGHT, SEND_RIGHT = "letters.see", "letters.write", "letters.send"
STATE_FILTERS = (board.NO_LETTER, *(state.value for state in LetterState), board.TO_HAND_OVER)
MAX_FIELD_LENGTH = 4000  # of a field that is far too long already; how much fits says the procedure


# --- the list ----------------------------------------------------------------------------------------------


@blueprint.get("/")
@open_to(SEE_RIGHT)
def list_letters() -> str:
    """Which clients get a letter of the quarter, and how far each is."""
    quarters = board.list_quarters()
    chosen = _chosen_quarter(quarters)
    state, search = request.args.get("state", ""), request.args.get("search", "")
    found = board.list_board(current_person(), chosen, local_today()) if chosen else []
    shown = [
        line for line in found if board.matches_filter(line, search, state if state in STATE_FILTERS else "")
    ]
    return render_template(
        "letters/index.html",
        quarters=[(str(code), quarter_words(code)) for code in quarters],
        chosen=chosen,
        list=_paginate_lines(shown),
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
    letters.get_issued_report(quarter)
    job = jobs.queue_job(
        "propose_letters", {"quarter": int(quarter), "by": current_person().id}, current_person(), clock.now()
    )
    return redirect(url_for("jobs.show_job", key=job.id))


@blueprint.post("/propose/<int:client>")
@open_to(WRITE_RIGHT)
def propose_letter(client: int) -> ResponseReturnValue:
    """Propose the letter of one client."""
    one = clients.client_for(current_person(), client, local_today())
    report = letters.get_issued_report(_submitted_quarter())
    facts, words = proposals.draft_proposal(one, report, operator_zone(), clock.now())
    letter = letters.propose_letter(one, report, facts, words, current_person(), clock.now())
    flash(gettext("The proposal is ready. Put it into your own words, in both languages."))
    return redirect(url_for(".edit_wording", key=letter.id))


@job_pages.register_job_links("propose_letters", N_("Proposing letters to clients"))
def _proposal_links(job: Job) -> list[tuple[str, str]]:
    quarter = Quarter.from_int(job.arguments["quarter"])
    return [(url_for("letters.list_letters", quarter=str(quarter), state="draft"), gettext("To the letters"))]


@job_pages.register_job_messages("propose_letters")
def _proposal_messages(job: Job) -> list[str]:
    number = (job.outcome or {})["made"]
    return [ngettext("%(num)s letter was proposed.", "%(num)s letters were proposed.", number)]


# --- one letter --------------------------------------------------------------------------------------------


class TakeBackForm(StaffForm):
    reason = StringField(_l("Why it is taken back"), [limit_length(400)])


class SendLetterForm(StaffForm):
    """Which contacts get it by mail; the boxes stand in the template."""


@blueprint.get("/<int:key>")
@open_to(SEE_RIGHT)
def show_letter(key: int) -> str:
    """A letter as the client sees it, where it stands, and what its reader can do."""
    return _render_letter(letters.letter_for(current_person(), key, local_today()))


@blueprint.get("/<int:key>/preview/<language>.pdf")
@open_to(SEE_RIGHT)
def preview_letter(key: int, language: str) -> Response:
    """The letter on paper as it stands now; of a sent one the kept file."""
    letter = letters.letter_for(current_person(), key, local_today())
    if language not in LOCALES:
        raise NotFound
    kept = find_files(letter).get(language)
    if kept is not None:
        audit.record(current_person(), "letter downloaded", letter, clock.now(), language=language)
        return send_stored(kept)
    content = documents.render_pdf(_letter_document(letter), language)
    return send_content(content, f"{letter.number}-preview-{language}.pdf", "application/pdf")


# --- QA ----------------------------------------------------------------------------------------------------


def _field_attributes(code: str, rows: int) -> dict[str, object]:
    return {"rows": rows, "lang": "zh-Hans" if code == "zh" else "en"}


class LetterWordingForm(StaffForm):
    """The sections in both languages; the missed commitments are added for each letter."""

    seen = HiddenField()  # when the words were worded that one types over

    heard_zh = TextAreaField(
        _l("In Chinese"), [limit_length(MAX_FIELD_LENGTH)], render_kw=_field_attributes("zh", 5)
    )
    heard_en = TextAreaField(
        _l("In English"), [limit_length(MAX_FIELD_LENGTH)], render_kw=_field_attributes("en", 5)
    )
    worked_zh = TextAreaField(
        _l("In Chinese"), [limit_length(MAX_FIELD_LENGTH)], render_kw=_field_attributes("zh", 5)
    )
    worked_en = TextAreaField(
        _l("In English"), [limit_length(MAX_FIELD_LENGTH)], render_kw=_field_attributes("en", 5)
    )
    done_zh = TextAreaField(
        _l("In Chinese"), [limit_length(MAX_FIELD_LENGTH)], render_kw=_field_attributes("zh", 5)
    )
    done_en = TextAreaField(
        _l("In English"), [limit_length(MAX_FIELD_LENGTH)], render_kw=_field_attributes("en", 5)
    )

    def typed(self, letter: Letter) -> dict[str, object]:
        """What was typed, as the procedure takes it."""
        return {
            **{
                section: {
                    code: self[wording.name_section_field(section, code)].data or "" for code in LOCALES
                }
                for section in SECTIONS
            },
            "missed": {one["code"]: self._answer(one["code"]) for one in letter.facts["missed"]},
        }

    def _answer(self, commitment: str) -> dict[str, dict[str, str]]:
        return {
            part: {
                code: self[wording.name_missed_field(commitment, part, code)].data or "" for code in LOCALES
            }
            for part in PARTS
        }


MISSED_LABELS = {
    ("reason", "zh"): _l("Why, in Chinese"),
    ("reason", "en"): _l("Why, in English"),
    ("remedy", "zh"): _l("Remedy, in Chinese"),
    ("remedy", "en"): _l("Remedy, in English"),
}


def _build_wording_form(letter: Letter, **more: object) -> LetterWordingForm:
    """The form of a letter, with a reason and a remedy for each commitment that was missed."""
    added: dict[str, object] = {
        wording.name_missed_field(one["code"], part, code): TextAreaField(
            MISSED_LABELS[part, code], [limit_length(MAX_FIELD_LENGTH)], render_kw=_field_attributes(code, 3)
        )
        for one in letter.facts["missed"]
        for part in PARTS
        for code in LOCALES
    }
    form = type("WordsOfLetter", (LetterWordingForm,), added)
    typed_over = {"seen": letter.worded_at.isoformat()}
    return form(data=dict(wording.list_fields(letter.words)) | typed_over, **more)


@blueprint.route("/<int:key>/words", methods=["GET", "POST"])
@open_to(WRITE_RIGHT)
def edit_wording(key: int) -> ResponseReturnValue:
    """Word a draft in both languages, beside what its facts are."""
    letter = letters.letter_for(current_person(), key, local_today())
    if letter.state != LetterState.DRAFT and request.method == "GET":
        return redirect(url_for(".show_letter", key=key))
    form = _build_wording_form(letter)  # what was typed while a colleague released it is refused, not lost
    if form.validate_on_submit() and form.take(
        letters.save_words,
        letter,
        form.typed(letter),
        current_person(),
        clock.now(),
        _parse_instant(form.seen.data),
    ):
        flash(gettext("Saved."))
        return redirect(url_for(".show_letter", key=key))
    form.seen.data = letter.worded_at.isoformat()
    return _render_wording(letter, form)


@blueprint.post("/<int:key>/refresh")
@open_to(WRITE_RIGHT)
def refresh_letter(key: int) -> ResponseReturnValue:
    """Put a fresh proposal, from the newest report, into a draft."""
    letter, form = letters.letter_for(current_person(), key, local_today()), ButtonForm()
    report = letters.get_issued_report(Quarter.from_int(letter.quarter))
    facts, proposed = proposals.draft_proposal(letter.client, report, operator_zone(), clock.now())
    if form.take(letters.refresh_letter, letter, report, facts, proposed, current_person(), clock.now()):
        flash(gettext("The letter is proposed anew, with the figures of %(report)s.", report=report.number))
        return redirect(url_for(".edit_wording", key=key))
    return _render_letter(letter, plain=form), 409


@blueprint.post("/<int:key>/release")
@open_to(WRITE_RIGHT)
def release_letter(key: int) -> ResponseReturnValue:
    """Release a draft to the project manager."""
    letter = letters.letter_for(current_person(), key, local_today())
    document, form = _letter_document(letter), _build_wording_form(letter, formdata=None)
    fits = form.take(documents.refuse_second_page, document)
    if fits and form.take(
        letters.release_letter, letter, document, current_person(), clock.now(), local_today()
    ):
        flash(gettext("The letter is released. The project manager sends it."))
        return redirect(url_for(".show_letter", key=key))
    at_words = any(field.errors for field in form)
    return _render_wording(letter, form) if at_words else _render_letter(letter, plain=form), 422


@blueprint.post("/<int:key>/take-back")
@open_to(WRITE_RIGHT)
def take_back_letter(key: int) -> ResponseReturnValue:
    """Make a ready letter a draft again."""
    letter, form = letters.letter_for(current_person(), key, local_today()), TakeBackForm()
    if form.validate_on_submit() and form.take(
        letters.take_back_letter, letter, form.reason.data or "", current_person(), clock.now()
    ):
        flash(gettext("The letter is a draft again."))
        return redirect(url_for(".edit_wording", key=key))
    return _render_letter(letter, reason=form), 422


@blueprint.post("/<int:key>/discard")
@open_to(WRITE_RIGHT)
def discard_letter(key: int) -> ResponseReturnValue:
    """Throw a draft away that was never released."""
    letter, form = letters.letter_for(current_person(), key, local_today()), ButtonForm()
    quarter = Quarter.from_int(letter.quarter)
    if form.take(letters.discard_letter, letter, current_person(), clock.now()):
        flash(gettext("The draft is gone."))
        return redirect(url_for(".list_letters", quarter=str(quarter)))
    return _render_letter(letter, plain=form), 409


@blueprint.post("/<int:key>/correct")
@open_to(WRITE_RIGHT)
def correct_letter(key: int) -> ResponseReturnValue:
    """Begin the letter that will replace a sent one."""
    letter, form = letters.letter_for(current_person(), key, local_today()), ButtonForm()
    report = letters.get_issued_report(Quarter.from_int(letter.quarter))
    facts = proposals.collect_facts(letter.client, report)
    made = form.take(letters.correct_letter, letter, report, facts, current_person(), clock.now())
    if made:
        flash(gettext("The correction has the old letter's words and the newest report's figures."))
        return redirect(url_for(".edit_wording", key=made.id))
    return _render_letter(letter, plain=form), 409


# --- inside ------------------------------------------------------------------------------------------------


def _render_wording(letter: Letter, form: LetterWordingForm) -> str:
    return render_template(
        "letters/wording.html",
        letter=letter,
        form=form,
        most=wording.MAX_LENGTHS,
        new_line=wording.LINE_WIDTHS,
        sections=SECTIONS,
        parts=PARTS,
        field_of=wording.name_section_field,
        missed_field=wording.name_missed_field,
        languages=LOCALES,
    )


def _render_letter(letter: Letter, **shown: object) -> str:
    sent, opened = letter.state == LetterState.SENT, board.find_activity(letter)
    return render_template(
        "letters/show.html",
        letter=letter,
        facts=letter.facts,
        bodies={code: documents.render_body(_letter_document(letter), code) for code in LOCALES},
        language=current_locale(),
        quarter=Quarter.from_int(letter.quarter),
        plain=shown.get("plain") or ButtonForm(),
        reason=shown.get("reason") or TakeBackForm(formdata=None),
        sending=shown.get("sending") or SendLetterForm(formdata=None),
        manager=clients.manager_of(letter.client, local_today()),
        mine=_is_own_letter(letter),
        writes=current_user.may(WRITE_RIGHT),
        contacts=sending.list_contacts(letter),
        masked=clients.mask_email,
        mails={mail.contact_id: mail for mail in sending.list_mails(letter)},
        links=links.list_links(letter) if sent else [],
        opened=opened,
        to_hand_over=sent and opened.by_nobody,
        kept=find_files(letter),
        replaced=letters.find_replacement(letter),
        newest=letters.find_newest(letter.client, Quarter.from_int(letter.quarter)),
        mails_go=current_config().mails,
        languages=LOCALES,
    )


def _is_own_letter(letter: Letter) -> bool:
    manager = clients.manager_of(letter.client, local_today())
    return current_user.may(SEND_RIGHT) and manager is not None and manager.id == current_person().id


def _letter_document(letter: Letter) -> documents.LetterDocument:
    """What a letter shows: as it was fixed, or of a draft as it stands now."""
    return letter.document or documents.compose_letter(letter, operator_zone())


def _parse_instant(text: str | None) -> datetime:
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return clock.now()  # made up: as if somebody had worded it since


def _chosen_quarter(codes: list[int]) -> Quarter | None:
    """The quarter that the address asks for, if it has letters; else the newest one that has."""
    asked = parse_quarter()
    if asked is not None and int(asked) in codes:
        return asked
    return Quarter.from_int(codes[0]) if codes else None


def _submitted_quarter() -> Quarter:
    return found_or_refuse(parse_quarter(source=request.form))


def _paginate_lines(lines: list[board.BoardLine]) -> ListPage:
    pages = max(1, -(-len(lines) // PAGE_SIZE))
    asked = request.args.get("page", "1")
    number = min(max(1, int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1), pages)
    begin = (number - 1) * PAGE_SIZE
    return ListPage(lines[begin : begin + PAGE_SIZE], number, pages, len(lines))
