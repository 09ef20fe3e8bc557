"""The appraisal sheet as a table (P12): whole for QA and the director, for a manager what is their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from csat.adapters.spreadsheet import Column, Sheet
from csat.documents.locale_format import TableFormat
from csat.figures.appraisal import APPRAISAL_SORTS, Appraisal, AppraisalRow, compute_appraisal
from csat.figures.audience import find_audience
from csat.figures.issued import ISSUED, NAMED
from csat.figures.labels import ClientIndex, client_key
from csat.figures.staff import CLIENT, DEPARTMENT, ENGINEER, MANAGER
from csat.models.clients import Tier
from csat.models.feedback import Severity
from csat.procedure.archive.exports import ExportRequest
from csat.procedure.clients import clients
from csat.procedure.core.quarter import Quarter
from csat.procedure.people import permissions
from csat.words import N_

SORT_TITLES = {
    CLIENT: N_("Clients"),
    MANAGER: N_("Project managers"),
    DEPARTMENT: N_("Departments"),
    ENGINEER: N_("Engineers"),
}
SORT_NAMES = {
    CLIENT: N_("Client"),
    MANAGER: N_("Project manager"),
    DEPARTMENT: N_("Department"),
    ENGINEER: N_("Engineer"),
}
WITHOUT_INCIDENT = N_(
    "Only responses that carry the incident. %(n)s valid responses of the quarter carry none"
    " and are in none of these rows."
)
WITHOUT_MANAGER = N_(
    "Only responses with a name, by the manager in whose care the client was when it was"
    " asked. %(n)s valid responses carry no manager."
)

AS_ISSUED = N_("As the issued report %(number)s tells them.")
NAMED_ALONE = N_(
    "Answers with a name, and feedback from such answers. Anonymous ones count once the quarter’s report is issued."
)


def build_sheets(wanted: ExportRequest, speech: TableFormat) -> Iterator[Sheet]:
    """A sheet for each sort of row."""
    sheet = _compute_sheet(wanted, speech)
    for sort in _sorts(wanted):
        cells = [_cells(row, speech) for row in _list_own_rows(wanted, speech, sheet.of(sort))]
        yield Sheet(speech(SORT_TITLES[sort]), _columns(speech, SORT_NAMES[sort]), cells)


def build_table(wanted: ExportRequest, speech: TableFormat) -> Sheet:
    """All rows, with their sort in the first column."""
    sheet = _compute_sheet(wanted, speech)
    rows = _list_own_rows(wanted, speech, [row for row in sheet.rows if row.sort in _sorts(wanted)])
    columns = (speech.column(N_("Row of")), *_columns(speech, N_("Name")))
    cells = [[speech(SORT_NAMES[row.sort]), *_cells(row, speech)] for row in rows]
    return Sheet(speech(N_("Appraisal sheet")), columns, cells)


def describe_content(wanted: ExportRequest, speech: TableFormat) -> Iterator[tuple[str, str]]:
    """How the rows are made."""
    sheet = _compute_sheet(wanted, speech)
    if _sees_all(wanted):
        yield speech(N_("Engineers and departments")), speech(WITHOUT_INCIDENT) % {"n": sheet.without_incident}
        yield speech(N_("Project managers")), speech(WITHOUT_MANAGER) % {"n": sheet.without_manager}
    else:
        yield speech(N_("What is in it")), speech(N_("Your own row, and the clients in your care today."))
    if sheet.answers == ISSUED:
        yield speech(N_("Which answers count")), speech(AS_ISSUED) % {"number": sheet.report}
    if sheet.answers == NAMED:
        yield speech(N_("Which answers count")), speech(NAMED_ALONE)


def _compute_sheet(wanted: ExportRequest, speech: TableFormat) -> Appraisal:
    quarter = wanted.quarter or Quarter.of(speech.now, speech.zone)
    return compute_appraisal(quarter, speech.now, speech.zone, find_audience(wanted.by))


def _sees_all(wanted: ExportRequest) -> bool:
    return permissions.has_permission(wanted.by, "figures")


def _sorts(wanted: ExportRequest) -> tuple[str, ...]:
    return APPRAISAL_SORTS if _sees_all(wanted) else (CLIENT, MANAGER)


def _list_own_rows(wanted: ExportRequest, speech: TableFormat, rows: Iterable[AppraisalRow]) -> list[AppraisalRow]:
    """What of the rows the asker may see: all, or a manager's own and those of the clients in their care."""
    if _sees_all(wanted):
        return list(rows)
    known, day = ClientIndex(), speech.now.astimezone(speech.zone).date()
    # by the root: a merged client's figures stand under the one it counts as
    cared = {client_key(known.root(client.id)) for client in clients.clients_of(wanted.by, day)}
    mine = {(CLIENT, key) for key in cared} | {(MANAGER, str(wanted.by.id))}
    return [row for row in rows if (row.sort, row.key) in mine]


def _columns(speech: TableFormat, name: str) -> tuple[Column, ...]:
    return (
        speech.column(name, width=26),
        speech.column(N_("Tier"), width=11),
        speech.column(N_("Satisfaction rate"), "share"),
        speech.column(N_("Interval from"), "share"),
        speech.column(N_("Interval to"), "share"),
        speech.column(N_("Valid responses"), "number"),
        speech.column(N_("Index"), "decimal", 9),
        *(Column(speech.word(one), "number", 11) for one in Severity),
        speech.column(N_("Feedback handled in time"), "share"),
        speech.column(N_("Handled in time"), "number"),
        speech.column(N_("Handled or past due"), "number"),
        speech.column(N_("Note"), width=20),
    )


def _cells(row: AppraisalRow, speech: TableFormat) -> list[Any]:
    tier = speech.word(Tier(row.tier)) if row.tier else ""
    rate, in_time = row.rate, row.handled_in_time
    counted = (row.critical, row.major, row.minor, row.suggestion)
    return [
        *(speech.text(row.name), tier, rate.value, rate.low, rate.high, rate.n, row.index.value),
        *(*counted, in_time.value, in_time.good, in_time.of),
        speech.hidden(rate.hidden or in_time.hidden),
    ]
