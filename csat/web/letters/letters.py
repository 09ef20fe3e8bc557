"""Letters to clients on the staff's pages: the quarter's list, a letter, QA's wording (P13)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import HiddenField, StringField, TextAreaField

from csat import clock
from csat.adapters import files
from csat.config import LOCALES
from csat.documents.letters import compose as documents
from csat.documents.letters import proposals
from csat.models.letters import Letter, LetterState
from csat.models.work import Job
from csat.procedure.clients import clients
from csat.procedure.core import audit, jobs
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound
from csat.procedure.letters import board, letters, links, sending, wording
from csat.procedure.letters.wording import PARTS, SECTIONS
from csat.web import jobs as job_pages
from csat.web.access import me, open_to
from csat.web.formatting import quarter as quarter_words
from csat.web.formatting import today, zone
from csat.web.forms import PlainForm, StaffForm, at_most
from csat.web.language import locale
from csat.web.pagination import ON_A_PAGE, Slice
from csat.words import N_

blueprint = Blueprint("letters", __name__, url_prefix="/letters")
SEE, WRITE, SEND = "letters.see", "letters.write", "letters.send"
STATES = (board.NONE, *(state.value for state in LetterState), board.TO_HAND_OVER)
LONGEST = 4000  # of a field that is far too long already; how much fits says the procedure


# --- the list ----------------------------------------------------------------------------------------------


@blueprint.get("/")
@open_to(SEE)
def index() -> str:
    """Which clients get a letter of the quarter, and how far each is."""
    quarters = board.quarters()
    chosen = _quarter(quarters)
    state, search = request.args.get("state", ""), request.args.get("search", "")
    found = board.board(me(), chosen, today()) if chosen else []
    shown = [line for line in found if board.fits(line, search, state if state in STATES else "")]
    return render_template(
        "letters/index.html",
        quarters=[(str(code), quarter_words(code)) for code in quarters],
        chosen=chosen,
        list=_slice(shown),
        letter_states=LetterState,
        state=state,
        search=search,
        without=sum(line.letter is None for line in found),
        all=len(found),
        form=PlainForm(),
    )


@blueprint.post("/propose")
@open_to(WRITE)
def propose_all() -> Any:
    """Let the worker propose a letter for every client of the quarter that has none."""
    quarter = _asked_quarter()
    letters.report_of(quarter)
    job = jobs.ask("propose_letters", {"quarter": int(quarter), "by": me().id}, me(), clock.now())
    return redirect(url_for("jobs.show", key=job.id))


@blueprint.post("/propose/<int:client>")
@open_to(WRITE)
def propose(client: int) -> Any:
    """Propose the letter of one client."""
    one = clients.client_for(me(), client, today())
    report = letters.report_of(_asked_quarter())
    facts, words = proposals.propose(one, report, zone(), clock.now())
    letter = letters.propose(one, report, facts, words, me(), clock.now())
    flash(gettext("The proposal is ready. Put it into your own words, in both languages."))
    return redirect(url_for(".words", key=letter.id))


@job_pages.leads_to("propose_letters", N_("Proposing letters to clients"))
def _proposed(job: Job) -> list[tuple[str, str]]:
    quarter = Quarter.from_int(job.arguments["quarter"])
    return [(url_for("letters.index", quarter=str(quarter), state="draft"), gettext("To the letters"))]


@job_pages.tells("propose_letters")
def _told(job: Job) -> list[str]:
    number = (job.outcome or {})["made"]
    return [ngettext("%(num)s letter was proposed.", "%(num)s letters were proposed.", number)]


# --- one letter --------------------------------------------------------------------------------------------


class ReasonForm(StaffForm):
    reason = StringField(_l("Why it is taken back"), [at_most(400)])


class SendForm(StaffForm):
    """Which contacts get it by mail; the boxes stand in the template."""


@blueprint.get("/<int:key>")
@open_to(SEE)
def show(key: int) -> str:
    """A letter as the client sees it, where it stands, and what its reader can do."""
    return _page(letters.letter_for(me(), key, today()))


@blueprint.get("/<int:key>/preview/<language>.pdf")
@open_to(SEE)
def preview(key: int, language: str) -> Response:
    """The letter on paper as it stands now; of a sent one the kept file."""
    letter = letters.letter_for(me(), key, today())
    if language not in LOCALES:
        raise NotFound
    kept = letters.files_of(letter).get(language)
    if kept is not None:
        audit.record(me(), "letter downloaded", letter, clock.now(), language=language)
        return _file(files.read(current_app.config["CSAT"].files, kept.place), kept.name)
    content = documents.pdf(_document(letter), language)
    return _file(content, f"{letter.number}-preview-{language}.pdf")


# --- QA ----------------------------------------------------------------------------------------------------


def _kw(code: str, rows: int) -> dict[str, Any]:
    return {"rows": rows, "lang": "zh-Hans" if code == "zh" else "en"}


class WordsForm(StaffForm):
    """The sections in both languages; the missed commitments are added for each letter."""

    seen = HiddenField()  # when the words were worded that one types over

    heard_zh = TextAreaField(_l("In Chinese"), [at_most(LONGEST)], render_kw=_kw("zh", 5))
    heard_en = TextAreaField(_l("In English"), [at_most(LONGEST)], render_kw=_kw("en", 5))
    worked_zh = TextAreaField(_l("In Chinese"), [at_most(LONGEST)], render_kw=_kw("zh", 5))
    worked_en = TextAreaField(_l("In English"), [at_most(LONGEST)], render_kw=_kw("en", 5))
    done_zh = TextAreaField(_l("In Chinese"), [at_most(LONGEST)], render_kw=_kw("zh", 5))
    done_en = TextAreaField(_l("In English"), [at_most(LONGEST)], render_kw=_kw("en", 5))

    def typed(self, letter: Letter) -> dict[str, Any]:
        """What was typed, as the procedure takes it."""
        return {
            **{
                section: {code: self[wording.field_of(section, code)].data or "" for code in LOCALES}
                for section in SECTIONS
            },
            "missed": {one["code"]: self._answer(one["code"]) for one in letter.facts["missed"]},
        }

    def _answer(self, commitment: str) -> dict[str, dict[str, str]]:
        return {
            part: {code: self[wording.missed_field(commitment, part, code)].data or "" for code in LOCALES}
            for part in PARTS
        }


LABELS = {
    ("reason", "zh"): _l("Why, in Chinese"),
    ("reason", "en"): _l("Why, in English"),
    ("remedy", "zh"): _l("Remedy, in Chinese"),
    ("remedy", "en"): _l("Remedy, in English"),
}


def _words_form(letter: Letter, **more: Any) -> WordsForm:
    """The form of a letter, with a reason and a remedy for each commitment that was missed."""
    added: dict[str, Any] = {
        wording.missed_field(one["code"], part, code): TextAreaField(
            LABELS[part, code], [at_most(LONGEST)], render_kw=_kw(code, 3)
        )
        for one in letter.facts["missed"]
        for part in PARTS
        for code in LOCALES
    }
    form = type("WordsOfLetter", (WordsForm,), added)
    typed_over = {"seen": letter.worded_at.isoformat()}
    return form(data=dict(wording.fields(letter.words)) | typed_over, **more)


@blueprint.route("/<int:key>/words", methods=["GET", "POST"])
@open_to(WRITE)
def words(key: int) -> Any:
    """Word a draft in both languages, beside what its facts are."""
    letter = letters.letter_for(me(), key, today())
    if letter.state != LetterState.DRAFT and request.method == "GET":
        return redirect(url_for(".show", key=key))
    form = _words_form(letter)  # what was typed while a colleague released it is refused, not lost
    if form.validate_on_submit() and form.take(
        letters.word, letter, form.typed(letter), me(), clock.now(), _instant(form.seen.data)
    ):
        flash(gettext("Saved."))
        return redirect(url_for(".show", key=key))
    form.seen.data = letter.worded_at.isoformat()
    return _words_page(letter, form)


@blueprint.post("/<int:key>/refresh")
@open_to(WRITE)
def refresh(key: int) -> Any:
    """Put a fresh proposal, from the newest report, into a draft."""
    letter, form = letters.letter_for(me(), key, today()), PlainForm()
    report = letters.report_of(Quarter.from_int(letter.quarter))
    facts, proposed = proposals.propose(letter.client, report, zone(), clock.now())
    if form.take(letters.refresh, letter, report, facts, proposed, me(), clock.now()):
        flash(gettext("The letter is proposed anew, with the figures of %(report)s.", report=report.number))
        return redirect(url_for(".words", key=key))
    return _page(letter, plain=form), 409


@blueprint.post("/<int:key>/release")
@open_to(WRITE)
def release(key: int) -> Any:
    """Release a draft to the project manager."""
    letter = letters.letter_for(me(), key, today())
    document, form = _document(letter), _words_form(letter, formdata=None)
    fits = form.take(documents.refuse_overflow, document)
    if fits and form.take(letters.release, letter, document, me(), clock.now(), today()):
        flash(gettext("The letter is released. The project manager sends it."))
        return redirect(url_for(".show", key=key))
    at_words = any(field.errors for field in form)
    return _words_page(letter, form) if at_words else _page(letter, plain=form), 422


@blueprint.post("/<int:key>/take-back")
@open_to(WRITE)
def take_back(key: int) -> Any:
    """Make a ready letter a draft again."""
    letter, form = letters.letter_for(me(), key, today()), ReasonForm()
    if form.validate_on_submit() and form.take(
        letters.take_back, letter, form.reason.data or "", me(), clock.now()
    ):
        flash(gettext("The letter is a draft again."))
        return redirect(url_for(".words", key=key))
    return _page(letter, reason=form), 422


@blueprint.post("/<int:key>/discard")
@open_to(WRITE)
def discard(key: int) -> Any:
    """Throw a draft away that was never released."""
    letter, form = letters.letter_for(me(), key, today()), PlainForm()
    quarter = Quarter.from_int(letter.quarter)
    if form.take(letters.discard, letter, me(), clock.now()):
        flash(gettext("The draft is gone."))
        return redirect(url_for(".index", quarter=str(quarter)))
    return _page(letter, plain=form), 409


@blueprint.post("/<int:key>/correct")
@open_to(WRITE)
def correct(key: int) -> Any:
    """Begin the letter that will replace a sent one."""
    letter, form = letters.letter_for(me(), key, today()), PlainForm()
    report = letters.report_of(Quarter.from_int(letter.quarter))
    facts = proposals.facts_of(letter.client, report)
    made = form.take(letters.correct, letter, report, facts, me(), clock.now())
    if made:
        flash(gettext("The correction has the old letter's words and the newest report's figures."))
        return redirect(url_for(".words", key=made.id))
    return _page(letter, plain=form), 409


# --- inside ------------------------------------------------------------------------------------------------


def _words_page(letter: Letter, form: WordsForm) -> str:
    return render_template(
        "letters/wording.html",
        letter=letter,
        form=form,
        most=wording.MOST,
        new_line=wording.NEW_LINE,
        sections=SECTIONS,
        parts=PARTS,
        field_of=wording.field_of,
        missed_field=wording.missed_field,
        languages=LOCALES,
    )


def _page(letter: Letter, **shown: Any) -> str:
    sent, opened = letter.state == LetterState.SENT, board.opened(letter)
    return render_template(
        "letters/show.html",
        letter=letter,
        facts=letter.facts,
        bodies={code: documents.body(_document(letter), code) for code in LOCALES},
        language=locale(),
        quarter=Quarter.from_int(letter.quarter),
        plain=shown.get("plain") or PlainForm(),
        reason=shown.get("reason") or ReasonForm(formdata=None),
        sending=shown.get("sending") or SendForm(formdata=None),
        manager=clients.manager_of(letter.client, today()),
        mine=_is_mine(letter),
        writes=current_user.may(WRITE),
        contacts=sending.contacts_to_tell(letter),
        masked=clients.masked_email,
        mails={mail.contact_id: mail for mail in sending.mails_of(letter)},
        links=links.links_of(letter) if sent else [],
        opened=opened,
        to_hand_over=sent and opened.by_nobody,
        kept=letters.files_of(letter),
        replaced=letters.replacement_of(letter),
        newest=letters.newest(letter.client, Quarter.from_int(letter.quarter)),
        mails_go=current_app.config["CSAT"].mails,
        languages=LOCALES,
    )


def _is_mine(letter: Letter) -> bool:
    manager = clients.manager_of(letter.client, today())
    return current_user.may(SEND) and manager is not None and manager.id == me().id


def _document(letter: Letter) -> documents.Document:
    """What a letter shows: as it was fixed, or of a draft as it stands now."""
    return letter.document or documents.compose(letter, zone())


def _instant(text: str | None) -> datetime:
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return clock.now()  # made up: as if somebody had worded it since


def _quarter(codes: list[int]) -> Quarter | None:
    """The quarter that the address asks for, if it has letters; else the newest one that has."""
    try:
        asked = Quarter.parse(request.args.get("quarter", ""))
    except ValueError:
        asked = None
    if asked is not None and int(asked) in codes:
        return asked
    return Quarter.from_int(codes[0]) if codes else None


def _asked_quarter() -> Quarter:
    try:
        return Quarter.parse(request.form.get("quarter", ""))
    except ValueError:
        raise NotFound from None


def _slice(lines: list[board.Line]) -> Slice:
    pages = max(1, -(-len(lines) // ON_A_PAGE))
    asked = request.args.get("page", "1")
    number = min(max(1, int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1), pages)
    begin = (number - 1) * ON_A_PAGE
    return Slice(lines[begin : begin + ON_A_PAGE], number, pages, len(lines))


def _file(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="application/pdf", headers=headers)
