"""The client's letter at /letter/<token>: GET shows, POST says that somebody has read it (P13).

No cookie, and nothing of the reader is kept but when the page was first fetched, and how often.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from csat import clock
from csat.config import LOCALES
from csat.documents.letters import compose as documents
from csat.models.letters import LetterLink
from csat.procedure.core.documents import find_files
from csat.procedure.core.refusals import LinkExpired, LinkUnknown, LinkWithdrawn, Refusal
from csat.procedure.letters import letters, links
from csat.web.access import ANYONE, open_to
from csat.web.downloads import send_stored
from csat.web.language import current_locale, switch_language
from csat.web.public_pages import open_public_page
from csat.words import N_

blueprint = Blueprint("letter_page", __name__)
blueprint.before_request(open_public_page)

DEAD_LINK_TEXTS: dict[type[Refusal], tuple[str, str]] = {
    LinkExpired: (
        N_("This link opens no more"),
        N_("The time of this link is over. Your project manager has a new one for you."),
    ),
    LinkWithdrawn: (
        N_("This link was withdrawn"),
        N_("We withdrew this link to a letter. Please turn to your project manager if you expected one."),
    ),
}


@blueprint.get("/letter/<token>")
@open_to(ANYONE)
def show_letter(token: str) -> str:
    """The letter in its reader's language."""
    link = _open_link(token)
    # HEAD is a mail server's look, and another language the same reader again: neither is an opening.
    if request.method == "GET" and "lang" not in request.args:
        links.record_page_view(link, clock.now())
    return _render_letter(token, link)


@blueprint.post("/letter/<token>")
@open_to(ANYONE)
def confirm_reading(token: str) -> Response:
    """Somebody says that they have read it."""
    links.record_reading(token, clock.now())
    wished = request.form.get("lang", "")
    language = wished if wished in LOCALES else current_locale()
    # By GET, so that loading the page again says nothing again.
    return redirect(url_for(".show_letter", token=token, lang=language), 303)


@blueprint.get("/letter/<token>/<language>.pdf")
@open_to(ANYONE)
def download_letter(token: str, language: str) -> Response:
    """The kept PDF."""
    link = _open_link(token)
    file = find_files(link.letter).get(language)
    if file is None:
        raise LinkUnknown
    answer = send_stored(file)  # first, so that nothing counts as fetched which could not be read
    if request.method == "GET":
        links.record_download(link)
    return answer


@blueprint.errorhandler(LinkExpired)
@blueprint.errorhandler(LinkWithdrawn)
def show_dead_link(refusal: Refusal) -> tuple[str, int]:
    """A real link that opens nothing any more: its own page, 410."""
    title, sentence = DEAD_LINK_TEXTS[type(refusal)]
    return render_template("letters/gone.html", title=gettext(title), sentence=gettext(sentence)), 410


@blueprint.errorhandler(LinkUnknown)
def show_unknown_link(refusal: Refusal) -> tuple[str, int]:
    """Unknown and malformed links get one page, 404."""
    return render_template("letters/unknown.html"), 404


def _open_link(token: str) -> LetterLink:
    """The link; the page speaks as somebody chose on it, else as its contact does."""
    link = links.open_link(token, clock.now())
    if request.args.get("lang") not in LOCALES and link.contact is not None:
        switch_language(link.contact.language)
    return link


def _render_letter(token: str, link: LetterLink) -> str:
    letter = link.letter
    return render_template(
        "letters/page.html",
        token=token,
        letter=letter,
        facts=letter.document["letter"],
        body=documents.render_body(letter.document, current_locale()),
        read=link.read_at is not None,
        replaced=letters.find_replacement(letter),
        file=find_files(letter).get(current_locale()),
    )
