"""Contacts as a table: of the clients that its reader sees, addresses masked (D2); as they stand now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from peewee import ModelSelect

from csat.adapters.spreadsheet import Sheet
from csat.documents.locale_format import TableFormat
from csat.models.clients import Client, Contact
from csat.models.people import Person
from csat.procedure.archive.exports import ExportRequest
from csat.procedure.clients import clients, opt_out
from csat.procedure.core.contact_details import mask_email, mask_telephone
from csat.words import N_

LANGUAGES = {"zh": "中文", "en": "English"}  # each in its own words
ROWS_AT_ONCE = 500  # so that no snapshot of the store stays open meanwhile


def build_sheets(wanted: ExportRequest, speech: TableFormat) -> Iterator[Sheet]:
    """The one sheet."""
    yield build_table(wanted, speech)


def build_table(wanted: ExportRequest, speech: TableFormat) -> Sheet:
    """One line for each contact who is still with a client in use."""
    column = speech.column
    columns = (
        column(N_("Client"), width=24),
        column(N_("Tier"), width=11),
        column(N_("Project manager")),
        column(N_("Contact"), width=16),
        column(N_("Position"), width=18),
        column(N_("E-mail (masked)"), width=22),
        column(N_("Telephone (masked)"), width=16),
        column(N_("Language"), width=10),
        column(N_("Asked each quarter"), width=12),
        column(N_("Wants no surveys"), width=12),
    )
    return Sheet(speech(N_("Contacts")), columns, _rows(wanted, speech))


def describe_content(wanted: ExportRequest, speech: TableFormat) -> Iterator[tuple[str, str]]:
    """Whose contacts they are, and where an address can be read in full."""
    said = N_(
        "The contacts in use of the clients that the asker sees, as they stand now. An address in full is read on "
        "the page of its contact, one at a time and on record."
    )
    yield speech(N_("What is in it")), speech(said)


def _rows(wanted: ExportRequest, speech: TableFormat) -> Iterator[list[object]]:
    day = speech.now.astimezone(speech.zone).date()
    managers = clients.list_managers(day)
    seen, last = clients.list_clients(wanted.by, day).order_by().select(Client.id), 0
    while portion := _portion(seen, last):
        out = opt_out.find_opted_out([contact.id for contact in portion])
        for contact in portion:
            yield _cells(contact, managers.get(contact.client_id), contact.id in out, speech)
        last = portion[-1].id


def _portion(seen: ModelSelect[Client], last: int) -> list[Contact]:
    query = Contact.select(Contact, Client).join(Client).where(Contact.client.in_(seen), Contact.id > last)
    used = Contact.retired_at.is_null() & Contact.counts_as.is_null()
    return list(query.where(used).order_by(Contact.id).limit(ROWS_AT_ONCE))


def _cells(contact: Contact, manager: Person | None, out: bool, speech: TableFormat) -> list[Any]:
    client = contact.client
    return [
        *(speech.name(client), speech.word(client.tier), manager.name if manager else "", contact.name),
        *(contact.position, mask_email(contact.email), mask_telephone(contact.telephone)),
        LANGUAGES.get(contact.language, contact.language),
        *(speech.yes_no(contact.asked_each_quarter), speech.yes_no(out)),
    ]
