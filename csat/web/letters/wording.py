"""Wording a letter in both languages beside its facts, and releasing it to the project manager (P13)."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField

from csat import clock
from csat.config import LOCALES
from csat.documents.letters import compose
from csat.models.letters import Letter, LetterState
from csat.procedure.commitments import missed
from csat.procedure.core.bilingual import list_fields
from csat.procedure.core.quarter import Quarter
from csat.procedure.letters import letters, wording
from csat.procedure.letters.internal_texts import find_internal_texts
from csat.procedure.letters.wording import PARTS, SECTIONS
from csat.web.access import current_person, open_to
from csat.web.formatting import local_today
from csat.web.forms import StaffForm, bilingual, submit
from csat.web.letters.page import WRITE_RIGHT, letter_document, render_letter, visible_letter

blueprint = Blueprint("letter_wording", __name__, url_prefix="/letters")
MAX_FIELD_LENGTH = 4000  # of a field that is far too long already; how much fits says the procedure
PART_LABELS = {
    "reason": (_l("Why, in Chinese"), _l("Why, in English")),
    "remedy": (_l("Remedy, in Chinese"), _l("Remedy, in English")),
}


@bilingual("done", _l("In Chinese"), _l("In English"), MAX_FIELD_LENGTH, rows=5)
@bilingual("worked", _l("In Chinese"), _l("In English"), MAX_FIELD_LENGTH, rows=5)
@bilingual("heard", _l("In Chinese"), _l("In English"), MAX_FIELD_LENGTH, rows=5)
class LetterWordingForm(StaffForm):
    """The sections; reason and remedy of each missed commitment are added for each letter."""

    read = BooleanField(_l("I have read these texts; they may reach the client as they stand"))
    seen = HiddenField()  # when the words were worded that one types over

    def typed(self, letter: Letter) -> dict[str, object]:
        """What was typed, as the procedure takes it."""
        codes = [one["code"] for one in letter.facts["missed"]]
        missed = {code: {part: self.by_language(f"{part}_{code}") for part in PARTS} for code in codes}
        return {**{section: self.by_language(section) for section in SECTIONS}, "missed": missed}


@blueprint.route("/<int:key>/words", methods=["GET", "POST"])
@open_to(WRITE_RIGHT)
def edit_wording(key: int) -> ResponseReturnValue:
    """Word a draft in both languages, beside what its facts are."""
    letter = visible_letter(key)
    if letter.state != LetterState.DRAFT and request.method == "GET":
        return redirect(url_for("letters.show_letter", key=key))
    form, by = _build_form(letter), current_person()  # typed while a colleague released it, it is refused, not lost

    def save() -> None:
        seen, read = _parse_instant(form.seen.data), form.read.data
        letters.save_words(letter, form.typed(letter), by, clock.now(), seen, read)

    done = submit(form, save, said=gettext("Saved."), to=url_for("letters.show_letter", key=key))
    form.seen.data = letter.worded_at.isoformat()  # who sends it once more has seen what is there now
    return done or _render_wording(letter, form)


@blueprint.post("/<int:key>/release")
@open_to(WRITE_RIGHT)
def release_letter(key: int) -> ResponseReturnValue:
    """Release a draft to the project manager."""
    letter = visible_letter(key)
    document, form = letter_document(letter), _build_form(letter, formdata=None)
    # Counting pages is slow, and the transaction of the release should not wait for it.
    if form.take(compose.refuse_second_page, document) and form.take(
        letters.release_letter, letter, document, current_person(), clock.now(), local_today()
    ):
        flash(gettext("The letter is released. The project manager sends it."))
        return redirect(url_for("letters.show_letter", key=key))
    # A gap or a quotation belongs to its field, so that page is shown; anything else stands above the letter.
    at_words = any(field.errors for field in form)
    return _render_wording(letter, form) if at_words else render_letter(letter, form), 422


def _build_form(letter: Letter, **more: object) -> LetterWordingForm:
    """The form of a letter, with a reason and a remedy for each commitment that was missed."""
    form = type("WordsOfLetter", (LetterWordingForm,), {})
    for one in letter.facts["missed"]:
        for part in PARTS:
            bilingual(f"{part}_{one['code']}", *PART_LABELS[part], MAX_FIELD_LENGTH, rows=3)(form)
    kept = dict(list_fields(wording.list_texts(letter.words)))
    offered = {name: text for name, text in _list_offered(letter).items() if not kept.get(name, "x")}
    stands = {"seen": letter.worded_at.isoformat(), "read": letter.internal_read_at is not None}
    return form(data=kept | offered | stands, **more)


def _list_offered(letter: Letter) -> dict[str, str]:
    """What QA wrote once for all letters about what was missed, by the field it belongs into (P13)."""
    written = missed.find_client_words(Quarter.from_int(letter.quarter))
    texts = {f"{part}_{code}": of[part] for code, of in written.items() for part in PARTS}
    return dict(list_fields(texts))


def _render_wording(letter: Letter, form: LetterWordingForm) -> str:
    return render_template(
        "letters/wording.html",
        letter=letter,
        form=form,
        most=wording.MAX_LENGTHS,
        new_line=wording.LINE_WIDTHS,
        sections=SECTIONS,
        parts=PARTS,
        languages=LOCALES,
        internal=find_internal_texts(letter, form.typed(letter)),
        quarter=Quarter.from_int(letter.quarter),
    )


def _parse_instant(text: str | None) -> datetime:
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return clock.now()  # made up: as if somebody had worded it since
