"""Exports as tables (P11, P12): what a workbook says of itself, and its sheets, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from types import ModuleType
from zoneinfo import ZoneInfo

from csat.adapters.spreadsheet import Sheet, Workbook
from csat.documents.locale_format import TableFormat
from csat.documents.tables import appraisal, contacts, feedback, figures, praise, responses
from csat.procedure.archive.exports import KIND_LABELS, ExportKind, ExportRequest
from csat.procedure.core import settings
from csat.words import N_

# Each has `build_sheets` (of a workbook), `build_table` (the one of a CSV), `describe_content` (on the first sheet).
TABLE_MODULES: dict[ExportKind, ModuleType] = {
    ExportKind.RESPONSES: responses,
    ExportKind.FIGURES: figures,
    ExportKind.FEEDBACK: feedback,
    ExportKind.APPRAISAL: appraisal,
    ExportKind.PRAISE: praise,
    ExportKind.CONTACTS: contacts,
}
ABOUT_TITLE = N_("About")
HIDDEN_EXPLAINED = N_(
    "Where fewer than %(least)s anonymous answers stand behind a number, or it would let one be worked out, "
    "it is left empty and marked."
)
MASKING_EXPLAINED = N_("Names, addresses and numbers of clients’ people are masked, in what they wrote too.")
ANONYMITY_EXPLAINED = N_(
    "Anonymous responses carry no person, incident or time. All responses stand in an order that says nothing."
)
DUTY_EXPLAINED = N_(
    "From the download on, whoever downloaded this file answers for it: keep it where only those can read it "
    "who need to, and delete it when it is no longer needed."
)


def build_workbook(wanted: ExportRequest, now: datetime, zone: ZoneInfo) -> Workbook:
    """The workbook of an export; its rows are read as they are written."""
    speech = TableFormat(wanted.language, zone, now)
    return Workbook(
        title=speech(KIND_LABELS[wanted.what]),
        about=(speech(ABOUT_TITLE), list(_about(wanted, speech))),
        sheets=TABLE_MODULES[wanted.what].build_sheets(wanted, speech),
        made_at=now.astimezone(zone),
        by=wanted.by.name,
    )


def build_table(wanted: ExportRequest, now: datetime, zone: ZoneInfo) -> Sheet:
    """The one table of an export, for a CSV."""
    return TABLE_MODULES[wanted.what].build_table(wanted, TableFormat(wanted.language, zone, now))


def count_rows(wanted: ExportRequest) -> int:
    """About how many rows there will be, for the progress; 0 where they are few."""
    return responses.count_rows(wanted) if wanted.what is ExportKind.RESPONSES else 0


def _about(wanted: ExportRequest, speech: TableFormat) -> Iterator[tuple[str, str]]:
    quarter, timeless = wanted.quarter, wanted.what is ExportKind.CONTACTS
    yield speech(N_("Provider")), speech.text(settings.get_provider_names()) or "–"
    if not timeless:
        yield speech(N_("Quarter")), speech.quarter(int(quarter)) if quarter else speech(N_("All quarters"))
    yield speech(N_("As of")), speech.instant(speech.now.isoformat())
    yield speech(N_("Asked for by")), wanted.by.name
    yield from TABLE_MODULES[wanted.what].describe_content(wanted, speech)
    if wanted.what in (ExportKind.FIGURES, ExportKind.APPRAISAL):
        hiding = speech(HIDDEN_EXPLAINED) % {"least": settings.get_whole_number("anonymous_least")}
        yield speech(N_("What is not shown")), hiding
    if wanted.what in (ExportKind.RESPONSES, ExportKind.FEEDBACK, ExportKind.PRAISE):
        yield speech(N_("Personal details")), speech(MASKING_EXPLAINED)
    if wanted.what is ExportKind.RESPONSES:
        yield speech(N_("Anonymous responses")), speech(ANONYMITY_EXPLAINED)
    yield speech(N_("Your duty")), speech(DUTY_EXPLAINED)
