"""Slips with a QR code, eight on an A4 page, each in its contact's language (P5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from csat.adapters import pdf as adapter
from csat.adapters import qrcode
from csat.config import LOCALES, PROJECT_ROOT
from csat.documents.locale_format import LocaleFormat
from csat.documents.rendering import render_template
from csat.models.asking import Invitation, Naming
from csat.models.base import Localised
from csat.words import N_

ON_A_PAGE = 8
NAMING_PROMISES = {
    Naming.BOTH: N_("You can answer with or without your name."),
    Naming.ANONYMOUS: N_("You answer without your name."),
    Naming.NAMED: N_("You answer with your name, so that we can come back to you."),
}


@dataclass(frozen=True)
class Slip:
    """What stands on a slip."""

    lang: str
    asks: str
    title: str
    sentences: tuple[str, ...]
    until: str
    code: str
    code_says: str
    address: str
    whom: str


def render_pdf(slips: Sequence[Slip], language: str, made_at: datetime) -> bytes:
    """The sheets to print. They carry the links: whoever gets this file sends it on and keeps no copy."""
    pages = [slips[at : at + ON_A_PAGE] for at in range(0, len(slips), ON_A_PAGE)]
    tongue = LocaleFormat(language, ZoneInfo("UTC"))  # of any zone: the sheet itself tells no time
    title = tongue.texts.gettext(N_("Slips"))
    html = render_template("campaigns/slip_sheets.html", language, pages=pages, lang=tongue.html, title=title)
    return adapter.render_pdf(html, PROJECT_ROOT / "static" / "slips.css", made_at)


def build_slip(invitation: Invitation, address: str, provider: Localised, zone: ZoneInfo, with_name: bool) -> Slip:
    """The slip of an invitation; the contact's name stands on it only if asked for."""
    contact, campaign, version = invitation.contact, invitation.campaign, invitation.campaign.version
    tongue = LocaleFormat(contact.language if contact and contact.language in LOCALES else LOCALES[0], zone)
    say = tongue.texts.gettext
    minutes = tongue.texts.ngettext(
        "Please scan the code or type the address below. It takes about %(number)s minute.",
        "Please scan the code or type the address below. It takes about %(number)s minutes.",
        version.minutes,
    )
    return Slip(
        lang=tongue.html,
        asks=provider.in_(tongue.language),
        title=tongue.text(version.title),
        sentences=(minutes % {"number": version.minutes}, say(NAMING_PROMISES[campaign.naming])),
        until=say(N_("Valid until %(day)s, for one answer.")) % {"day": tongue.day(campaign.last_moment.isoformat())},
        code=qrcode.make_data_uri(address),
        code_says=say(N_("QR code of the address on this slip")),
        address=address,
        whom=" · ".join([tongue.name(invitation.client), *([contact.name] if with_name and contact else [])]),
    )
