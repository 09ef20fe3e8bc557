"""Praise as a table: what its reader sees on the page, a department its own, words by nobody's name (P16)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from csat.adapters.spreadsheet import Sheet
from csat.documents.locale_format import TableFormat
from csat.models.praise import Praise
from csat.procedure.archive.exports import ExportRequest
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback import praise_view
from csat.words import N_


def build_sheets(wanted: ExportRequest, speech: TableFormat) -> Iterator[Sheet]:
    """The one sheet."""
    yield build_table(wanted, speech)


def build_table(wanted: ExportRequest, speech: TableFormat) -> Sheet:
    """One line for each praise that counts."""
    column = speech.column
    columns = (
        column(N_("Number"), width=10),
        column(N_("Quarter"), width=9),
        column(N_("What was said"), width=50),
        column(N_("Came by"), width=12),
        column(N_("Client"), width=20),
        column(N_("Incident"), width=14),
        column(N_("Department"), width=16),
        column(N_("Whom it names"), width=20),
        column(N_("Said on"), "day", 12),
    )
    return Sheet(speech(N_("Praise")), columns, _rows(wanted, speech))


def describe_content(wanted: ExportRequest, speech: TableFormat) -> Iterator[tuple[str, str]]:
    """Whose praise it is."""
    said = N_("The praise that the asker sees: a department’s own, a project manager’s by name, of clients in care.")
    yield speech(N_("What is in it")), speech(said)


def _rows(wanted: ExportRequest, speech: TableFormat) -> Iterator[list[object]]:
    quarter = None if wanted.quarter is None else int(wanted.quarter)
    rows = list(praise_view.select_praise(wanted.by, speech.now, speech.zone, quarter))
    praised = praise_view.list_praised(rows)
    for row in rows:
        yield _cells(row, ", ".join(person.name for person in praised[row.id]), speech)


def _cells(row: Praise, named: str, speech: TableFormat) -> list[Any]:
    incident = row.incident.number if row.incident else ""
    return [
        *(row.number, str(Quarter.from_int(row.quarter)), praise_view.retell(row), speech.word(row.origin)),
        *(speech.name(row.client), incident, speech.name(row.department), named, row.said_on),
    ]
