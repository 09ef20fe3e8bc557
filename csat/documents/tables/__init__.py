"""Exports as tables: what a workbook says of itself, and its sheets, row by row (P11, P12).

Each sort of export is a module here with `sheets` (of a workbook), `table` (the one that a CSV can hold),
`about` (its lines on the first sheet) and `total` (of its rows, where they may be many).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from types import ModuleType
from zoneinfo import ZoneInfo

from csat.adapters.spreadsheet import Book, Sheet
from csat.documents.tables import appraisal, feedback, figures, responses
from csat.documents.tables.speech import Speech
from csat.procedure.archive.exports import NAMES, Wanted, What
from csat.procedure.core import settings
from csat.words import N_

KINDS: dict[What, ModuleType] = {
    What.RESPONSES: responses,
    What.FIGURES: figures,
    What.FEEDBACK: feedback,
    What.APPRAISAL: appraisal,
}
ABOUT = N_("About")
HIDING = N_(
    "Where fewer than %(least)s anonymous answers stand behind a number, or it would let one be worked out, "
    "it is left empty and marked."
)
MASKED = N_("Names, addresses and numbers of clients’ people are masked, in what they wrote too.")
ANONYMOUS = N_(
    "Anonymous responses carry no person, incident or time. All responses stand in an order that says"
    " nothing."
)
DUTY = N_(
    "From the download on, whoever downloaded this file answers for it: keep it where only those can read it "
    "who need to, and delete it when it is no longer needed."
)


def book(wanted: Wanted, now: datetime, zone: ZoneInfo) -> Book:
    """The workbook of an export; its rows are read as they are written."""
    speech = Speech(wanted.language, zone, now)
    return Book(
        title=speech(NAMES[wanted.what]),
        about=(speech(ABOUT), list(_about(wanted, speech))),
        sheets=KINDS[wanted.what].sheets(wanted, speech),
        made_at=now.astimezone(zone),
        by=wanted.by.name,
    )


def table(wanted: Wanted, now: datetime, zone: ZoneInfo) -> Sheet:
    """The one table of an export, for a CSV."""
    return KINDS[wanted.what].table(wanted, Speech(wanted.language, zone, now))


def total(wanted: Wanted) -> int:
    """About how many rows there will be, for the progress; 0 where they are few."""
    return KINDS[wanted.what].total(wanted)


def _about(wanted: Wanted, speech: Speech) -> Iterator[tuple[str, str]]:
    quarter = wanted.quarter
    yield speech(N_("Provider")), speech.text(settings.provider()) or "–"
    yield speech(N_("Quarter")), speech.quarter(int(quarter)) if quarter else speech(N_("All quarters"))
    yield speech(N_("As of")), speech.instant(speech.now.isoformat())
    yield speech(N_("Asked for by")), wanted.by.name
    yield from KINDS[wanted.what].about(wanted, speech)
    if wanted.what in (What.FIGURES, What.APPRAISAL):
        hiding = speech(HIDING) % {"least": settings.whole("anonymous_least")}
        yield speech(N_("What is not shown")), hiding
    if wanted.what in (What.RESPONSES, What.FEEDBACK):
        yield speech(N_("Personal details")), speech(MASKED)
    if wanted.what is What.RESPONSES:
        yield speech(N_("Anonymous responses")), speech(ANONYMOUS)
    yield speech(N_("Your duty")), speech(DUTY)
