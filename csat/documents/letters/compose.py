"""The client's letter as a document (P13): composed once into plain JSON, shown and printed from that.

`body` is what the browser shows, to QA before and to the client after; `pdf` the same on one A4 page.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from csat.adapters import pdf as adapter
from csat.config import LOCALES, PROJECT_ROOT
from csat.documents.locale_format import LocaleFormat
from csat.documents.rendering import render_template
from csat.models.base import Json, expect_value
from csat.models.letters import Letter
from csat.procedure.core import settings
from csat.procedure.core.refusals import InputWrong
from csat.words import N_

SCHEMA = 1
DENSITIES = ("airy", "usual", "dense", "dense tight")
STYLESHEET = PROJECT_ROOT / "static" / "letter.css"


class MoreThanOnePage(InputWrong):
    """Seldom: the lengths are counted before; very wide or broken words can still need more room."""

    sentence = N_("The letter does not fit on one page. Please shorten it a little; many short lines need most.")


def compose_letter(letter: Letter, zone: ZoneInfo) -> Json:
    """All that a letter shows, as it stands now; day and sender are added when it goes out."""
    old = letter.replaces
    return {
        "schema": SCHEMA,
        "letter": {
            "number": letter.number,
            "client": letter.facts["client"],
            "quarter": letter.quarter,
            "version": letter.version,
            "report": letter.facts["report"],
            "provider": dict(settings.get_provider_names()),
            "zone": str(zone),
            "composed_at": letter.worded_at.isoformat(),
            "manager": "",
            "sent_at": None,
            "replaces": old and {"number": old.number, "sent_at": expect_value(old.sent_at).isoformat()},
        },
        "figure": letter.facts["figure"],
        "missed": letter.facts["missed"],
        "words": letter.words,
    }


def render_body(document: Json, language: str) -> Markup:
    """The letter for a page in the browser; everything in it is escaped."""
    return Markup(_render_template("documents/letter/body.html", document, language))


def render_html(document: Json, language: str, density: str = DENSITIES[1]) -> str:
    """The letter for paper."""
    return _render_template("documents/letter/document.html", document, language, density=density)


def render_pdf(document: Json, language: str) -> bytes:
    """The letter as PDF, on one page: the same bytes for the same input. Raise MoreThanOnePage."""
    facts = document["letter"]
    made_at = datetime.fromisoformat(facts["sent_at"] or facts["composed_at"])
    for density in DENSITIES:  # the airiest that fits
        page = render_html(document, language, density)
        if adapter.count_pages(page, STYLESHEET) == 1:
            return adapter.render_pdf(page, STYLESHEET, made_at)
    raise MoreThanOnePage(field=f"done_{language}")


def refuse_second_page(document: Json) -> None:
    """Raise MoreThanOnePage unless both languages fit on one page each."""
    for language in LOCALES:
        if adapter.count_pages(render_html(document, language, DENSITIES[-1]), STYLESHEET) != 1:
            raise MoreThanOnePage(field=f"done_{language}")  # the longest section, where most can be cut


def _render_template(template: str, document: Json, language: str, **more: object) -> str:
    return render_template(
        template,
        language,
        t=LocaleFormat(language, ZoneInfo(document["letter"]["zone"])),
        letter=document["letter"],
        figure=document["figure"],
        missed=document["missed"],
        words=document["words"],
        lines=lambda text: [line for line in text.split("\n") if line.strip()],
        **more,
    )
