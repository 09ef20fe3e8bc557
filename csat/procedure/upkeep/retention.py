"""Retention: personal details are overwritten when their time is over, or when somebody asks (D5).

What becomes of each column that can name somebody stands in `overwriting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from peewee import ModelSelect, Select, chunked

from csat.database import write
from csat.models.answers import Response
from csat.models.asking import Attempt, Campaign, Invitation
from csat.models.clients import Contact, Incident
from csat.models.letters import LetterLink
from csat.models.people import Person
from csat.models.records import AuditEntry
from csat.procedure.clients.merging import same_person
from csat.procedure.core import audit, settings
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.people.permissions import has_permission
from csat.procedure.upkeep.overwriting import blank_contacts, strip_responses

BATCH_SIZE = 300  # rows in one transaction, so that nobody who answers waits for long


@dataclass(frozen=True)
class RetentionCounts:
    """What a round of the retention came to."""

    contacts: int
    responses: int


def overwrite_old_details(now: datetime, zone: tzinfo) -> RetentionCounts:
    """Overwrite what nobody needed for some years (setting): part of the daily round."""
    limit = subtract_years(now, settings.get_whole_number("retention_years"))
    with write():
        Contact.update(known_since=now.astimezone(zone).date()).where(Contact.known_since.is_null()).execute()
    contacts, responses = _list_idle_contacts(limit, zone), list(_select_old_responses(limit))
    # Responses first: whose name is to be covered in them is read from the contact.
    for some in chunked(responses, BATCH_SIZE):
        with write():
            strip_responses(some, now)
    for few in chunked(contacts, BATCH_SIZE):
        with write():
            blank_contacts(few, now)
    if contacts or responses:
        audit.record(None, "old details overwritten", "store", now, contacts=len(contacts), responses=len(responses))
    return RetentionCounts(len(contacts), len(responses))


def contact_to_erase_for(person: Person, key: int) -> Contact:
    """The contact that an administrator may erase; raise NotPermitted or NotFound."""
    if not has_permission(person, "clients"):
        raise NotPermitted
    return get_or_refuse(Contact, key, Contact.erased_at.is_null())


def count_named_responses(contact: Contact) -> int:
    """How many named responses an erasure would take the name from."""
    return len(_list_named_responses(_list_same_person(contact)))


def erase_contact(contact: Contact, by: audit.Actor, now: datetime) -> int:
    """Overwrite all personal details of a contact on request, whatever their age. How many responses."""
    with write():
        persons = _list_same_person(contact)
        responses = _list_named_responses(persons)
        strip_responses(responses, now)  # while it is still known whose name is to be covered
        blank_contacts(persons, now)
        audit.record(by, "contact erased", contact, now)
    return len(responses)


def subtract_years(now: datetime, years: int) -> datetime:
    """The same instant so many years earlier; of a leap day, the day before."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)


# --- whose time is over ------------------------------------------------------------------------------


def _list_idle_contacts(limit: datetime, zone: tzinfo) -> list[Contact]:
    """Contacts that we have known for long, and that nothing happened with since."""
    query = Contact.select().where(Contact.erased_at.is_null(), Contact.known_since < limit.astimezone(zone).date())
    for trace in _select_active_contacts(limit):
        query = query.where(Contact.id.not_in(trace))
    seen = AuditEntry.select(AuditEntry.subject).distinct()
    recent = {row.subject for row in seen.where(AuditEntry.subject.startswith("contact:"), AuditEntry.at >= limit)}
    return [contact for contact in query if audit.name_subject(contact) not in recent]


def _select_active_contacts(limit: datetime) -> list[Select]:
    """Queries for the contacts with which something happened since: asked, reached, answered, an incident."""
    asked = Invitation.select(Invitation.contact).where(Invitation.contact.is_null(False))
    happened = [Incident.opened_at, Incident.first_closed_at, Incident.closed_at]
    concerned = Incident.select(Incident.contact).where(Incident.contact.is_null(False))
    return [
        asked.join(Campaign).where(Campaign.closes_at >= limit),
        asked.join(Attempt).where(Attempt.at >= limit),
        Response.select(Response.contact).where(Response.contact.is_null(False), Response.received_at >= limit),
        LetterLink.select(LetterLink.contact).where(LetterLink.contact.is_null(False), LetterLink.made_at >= limit),
        *(concerned.where(instant >= limit) for instant in happened),
    ]


def _select_old_responses(limit: datetime) -> ModelSelect[Response]:
    """Named responses that came before the limit and still say who gave them."""
    return Response.select().where(~Response.anonymous, Response.erased_at.is_null(), Response.received_at < limit)


def _list_same_person(contact: Contact) -> list[Contact]:
    """A contact, and all that count as the same person."""
    return list(Contact.select().where(Contact.id.in_(same_person(contact)), Contact.erased_at.is_null()))


def _list_named_responses(persons: Sequence[Contact]) -> list[Response]:
    return list(Response.select().where(Response.contact.in_([one.id for one in persons])))
