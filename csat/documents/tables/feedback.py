"""Feedback as tables: what its reader sees on the board, a department its own (I6), texts masked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from peewee import ModelSelect

from csat.adapters.spreadsheet import Sheet
from csat.documents.locale_format import TableFormat
from csat.documents.tables import praise
from csat.models.feedback import Action, ActionFeedback, DueDate, Feedback, IssueType
from csat.models.people import Person
from csat.procedure.archive.exports import ExportRequest
from csat.procedure.core.contact_details import mask_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback import access, due_moves
from csat.procedure.feedback.board import join_names
from csat.words import N_

ROWS_AT_ONCE = 500  # so that no snapshot of the store stays open meanwhile


def build_sheets(wanted: ExportRequest, speech: TableFormat) -> Iterator[Sheet]:
    """Feedback, the actions it led to, and the praise of the same quarters."""
    yield build_table(wanted, speech)
    columns = (
        speech.column(N_("Feedback"), width=11),
        speech.column(N_("Kind"), width=12),
        speech.column(N_("What is done"), width=50),
        speech.column(N_("Owner")),
        speech.column(N_("Due"), "day", 12),
        speech.column(N_("Done at"), "instant", 17),
        speech.column(N_("Done in time"), width=12),
    )
    yield Sheet(speech(N_("Actions")), columns, _actions(wanted, speech))
    yield praise.build_table(wanted, speech)


def build_table(wanted: ExportRequest, speech: TableFormat) -> Sheet:
    """One line for each feedback."""
    column = speech.column
    columns = (
        column(N_("Number"), width=10),
        column(N_("Quarter"), width=9),
        column(N_("Title"), width=36),
        column(N_("What was said"), width=50),
        column(N_("Came by"), width=12),
        column(N_("Client"), width=20),
        column(N_("Department"), width=16),
        column(N_("Type"), width=16),
        column(N_("Risk domain"), width=16),
        column(N_("Severity"), width=11),
        column(N_("State"), width=12),
        column(N_("QA supervisor")),
        column(N_("Entered at"), "instant", 17),
        column(N_("Call-back due"), "instant", 17),
        column(N_("Called back at"), "instant", 17),
        column(N_("Called back in time"), width=11),
        column(N_("Closing due"), "instant", 17),
        column(N_("Closed at"), "instant", 17),
        column(N_("Closed in time"), width=11),
        column(N_("Passed on"), "number", 10),
        column(N_("Recurred"), width=10),
        column(N_("Linked to"), width=10),
        column(N_("Call-back due before it was moved"), "instant", 17),
        column(N_("Closing due before it was moved"), "instant", 17),
    )
    return Sheet(speech(N_("Feedback")), columns, _rows(wanted, speech))


def describe_content(wanted: ExportRequest, speech: TableFormat) -> Iterator[tuple[str, str]]:
    """Whose feedback it is."""
    said = N_("The feedback that the asker sees on the board; a department’s own only.")
    yield speech(N_("What is in it")), speech(said)


def _chosen(wanted: ExportRequest, speech: TableFormat) -> ModelSelect[Feedback]:
    """The feedback of an export."""
    query = access.select_visible(wanted.by, speech.now.astimezone(speech.zone).date())
    return query if wanted.quarter is None else query.where(Feedback.quarter == int(wanted.quarter))


def _rows(wanted: ExportRequest, speech: TableFormat) -> Iterator[list[object]]:
    chosen = _chosen(wanted, speech)
    supervisors = {person.id: person.name for person in Person.select()}
    domains = {kind.id: speech.text(kind.domain.name) for kind in IssueType.select()}
    last = 0
    while portion := _portion(chosen, last):
        before = {(row.id, move.about): move.before for row, move in due_moves.list_standing_moves(portion)}
        for row in portion:
            told = _cells(row, domains[row.issue_type_id], supervisors.get(row.supervisor_id or 0, ""), speech)
            yield [*told, *(speech.local(before.get((row.id, about))) for about in DueDate)]
        last = portion[-1].id


def _portion(chosen: ModelSelect[Feedback], last: int) -> list[Feedback]:
    named = join_names(chosen.where(Feedback.id > last))
    return list(named.order_by(Feedback.id).limit(ROWS_AT_ONCE))


def _cells(row: Feedback, domain: str, supervisor: str, speech: TableFormat) -> list[Any]:
    return [
        *(row.number, str(Quarter.from_int(row.quarter)), mask_text(row.title), mask_text(row.words)),
        *(speech.word(row.origin), speech.name(row.client), speech.name(row.department)),
        *(speech.text(row.issue_type.name), domain),
        *(speech.word(row.severity), speech.word(row.state), supervisor, speech.local(row.created_at)),
        *(speech.local(row.call_back_due_at), speech.local(row.called_back_at)),
        *(speech.yes_no(row.called_back_in_time), speech.local(row.close_due_at)),
        *(speech.local(row.closed_at), speech.yes_no(row.closed_in_time), row.passed_on),
        *(speech.yes_no(row.recurred), f"F-{row.linked_to_id:04d}" if row.linked_to_id else ""),
    ]


def _actions(wanted: ExportRequest, speech: TableFormat) -> Iterator[list[object]]:
    """An action stands once, with all the feedback of this export that shares it."""
    shown = _chosen(wanted, speech).select(Feedback.id)
    shared = (
        ActionFeedback.select(ActionFeedback.action, ActionFeedback.feedback)
        .where(ActionFeedback.feedback.in_(shown))
        .order_by(ActionFeedback.feedback)
        .tuples()
    )
    numbers: dict[int, list[str]] = {}
    for action, feedback in shared:
        numbers.setdefault(action, []).append(f"F-{feedback:04d}")
    found = Action.select(Action, Person).join(Person, on=Action.owner).order_by(Action.due, Action.id)
    for action in found.iterator():
        if action.id in numbers:  # not asked for by key: an export may have more than a query takes
            yield _action(action, numbers[action.id], speech)


def _action(action: Action, numbers: list[str], speech: TableFormat) -> list[Any]:
    return [
        *(", ".join(numbers), speech.word(action.kind), mask_text(action.what), action.owner.name, action.due),
        *(speech.local(action.done_at), speech.yes_no(action.done_in_time)),
    ]
