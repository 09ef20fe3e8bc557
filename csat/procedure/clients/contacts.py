"""The contacts of clients, whom we may ask: addresses show masked (D2), an erased one is nobody (D5)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypedDict

from peewee import JOIN, fn

from csat.database import write
from csat.models.clients import Client, Contact
from csat.models.people import Person
from csat.procedure.clients import clients
from csat.procedure.core import audit, contact_details
from csat.procedure.core.contact_details import make_address_keys, mask_email, mask_telephone
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.refusals import NotFound


class ContactValues(TypedDict):
    """What people enter about a contact."""

    name: str
    email: str
    telephone: str
    language: str


class ContactRole(TypedDict):
    """What a contact is at the client, and whether the quarterly campaign asks them (P3)."""

    position: str
    asked_each_quarter: bool


UNMARKED: ContactRole = {"position": "", "asked_each_quarter": False}


def add_contact(
    client: Client,
    name: str,
    email: str,
    telephone: str,
    language: str,
    by: audit.Actor,
    now: datetime,
    role: ContactRole | None = None,
) -> Contact:
    """Add somebody at a client whom we may ask; each quarter only if `role` says so (P3)."""
    values = check_contact_values(name, email, telephone, language)
    with write():
        keys = make_address_keys(values["name"], values["email"], values["telephone"])
        contact = Contact.create(client=client, **values, **keys, **_tidy_role(role or UNMARKED))
        audit.record(by, "contact added", contact, now, client=client.id)
    return contact


def change_contact(
    contact: Contact,
    name: str,
    email: str,
    telephone: str,
    language: str,
    by: audit.Actor,
    now: datetime,
    role: ContactRole | None = None,
) -> None:
    """Change a contact. An address sent back masked stays, and so does a role that is not named."""
    if contact.erased_at is not None:  # it is nobody any more, and must not become somebody again (D5)
        raise NotFound
    email = contact.email if email.strip() == mask_email(contact.email) else email
    telephone = contact.telephone if telephone.strip() == mask_telephone(contact.telephone) else telephone
    checked = check_contact_values(name, email, telephone, language)
    keys = make_address_keys(checked["name"], checked["email"], checked["telephone"])
    values: dict[str, object] = {**checked}
    if role is not None:
        values |= _tidy_role(role)
    with write():
        changed = audit.list_changes(contact, **values)
        if changed:  # the history keeps which fields changed, no addresses
            Contact.update({**values, **keys}).where(Contact.id == contact.id).execute()
            audit.record(by, "contact changed", contact, now, fields=sorted(changed))


def toggle_quarterly_asking(contact: Contact, by: audit.Actor, now: datetime) -> None:
    """Mark a contact as asked each quarter, or no longer (P3)."""
    with write():
        asked = not Contact.get_by_id(contact.id).asked_each_quarter  # as stored: the page may be older
        Contact.update(asked_each_quarter=asked).where(Contact.id == contact.id).execute()
        audit.record(by, "contact asked each quarter", contact, now, asked=asked)


def unmask_contact(contact: Contact, by: Person, now: datetime) -> tuple[str, str]:
    """E-mail and telephone in full, for the step at hand; the looking is on record (D2)."""
    audit.record(by, "contact unmasked", contact, now)
    return contact.email, contact.telephone


def contact_for(person: Person, key: int, day: date) -> Contact:
    """The contact, for a person who may change it; raise NotFound for anybody else."""
    contact = get_or_refuse(Contact, key, Contact.erased_at.is_null())
    clients.editable_client_for(person, contact.client_id, day)
    return contact


def contacts_of(client: Client) -> list[Contact]:
    """A client's contacts, those in use first, by name."""
    rows = Contact.select().where(Contact.client == client).order_by(Contact.name, Contact.id)
    return sorted(rows, key=lambda row: row.retired_at is not None)


def count_contacts(keys: list[int]) -> dict[int, int]:
    """How many contacts in use each of these clients has."""
    query = (
        Client.select(Client.id, fn.COUNT(Contact.id))
        .join(Contact, JOIN.LEFT_OUTER, on=(Contact.client == Client.id) & Contact.retired_at.is_null())
        .where(Client.id.in_(keys))
        .group_by(Client.id)
    )
    return dict(query.tuples())


def check_contact_values(name: str, email: str, telephone: str, language: str) -> ContactValues:
    """What is kept of a contact, checked; raise at the field that cannot be used."""
    email, telephone = contact_details.parse_email(email), contact_details.parse_telephone(telephone)
    return {"name": need_text(name, "name"), "email": email, "telephone": telephone, "language": language}


def _tidy_role(role: ContactRole) -> ContactRole:
    return {**role, "position": role["position"].strip()}
