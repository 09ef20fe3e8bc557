"""Feedback entered by hand (P15): who said it, when, about which incident, with a file. It enters no rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from peewee import ModelSelect

from csat.database import write
from csat.models.base import Condition
from csat.models.clients import Client, Contact, Incident
from csat.models.feedback import Feedback, FeedbackOrigin, IssueType, Severity
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.campaigns.proposals import find_visible_clients
from csat.procedure.clients.clients import select_clients_in_use
from csat.procedure.clients.merging import client_family
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, NotFound, ValueMissing
from csat.procedure.feedback import classification
from csat.procedure.people import attachments, permissions, separation_of_duties
from csat.procedure.people.attachments import FileToAttach
from csat.words import N_

MOST_OFFERED = 10  # incidents of a client: of older ones the number is typed
HAND_ORIGINS = tuple(origin for origin in FeedbackOrigin if origin != FeedbackOrigin.RESPONSE)


class DayAhead(InputWrong):
    sentence = N_("This day is still to come. Please enter the day on which it was said or seen.")


class IncidentNotFound(InputWrong):
    sentence = N_("You see no incident with the number “%(number)s”. Please check it, or leave it empty.")


class IncidentUnclear(InputWrong):
    sentence = N_("Several ticket systems have an incident with this number. Please choose the client first.")


class IncidentOfOtherClient(InputWrong):
    sentence = N_("This incident belongs to another client. Please check the number or the client.")


class ContactOfOtherClient(InputWrong):
    sentence = N_("This person belongs to another client. Please choose again.")


@dataclass(frozen=True)
class Telling:
    """Who told us something without a response: how, when, of which client, about which incident."""

    origin: FeedbackOrigin
    said_on: date | None
    client: Client | None = None
    contact: Contact | None = None
    said_by: str = ""
    incident: Incident | None = None


def enter_feedback(
    telling: Telling,
    title: str,
    words: str,
    issue_type: IssueType,
    severity: Severity,
    by: Person,
    now: datetime,
    zone: tzinfo,
    files: Sequence[FileToAttach] = (),
) -> Feedback:
    """Put down what came without a response. Type and severity are a proposal: QA classifies and assigns it."""
    telling = check_telling(telling, by, now, zone)
    with write():
        made = classification.create_feedback(
            title, words, telling.origin, telling.client, issue_type, severity, Quarter.of(now, zone), by, now
        )
        made.contact, made.incident = telling.contact, telling.incident
        made.said_by, made.said_on = telling.said_by, telling.said_on
        made.save()
        attachments.attach_files(made, files, by, now)
    return made


def check_telling(telling: Telling, by: Person, now: datetime, zone: tzinfo) -> Telling:
    """What was told, with the client that contact or incident name; raise what is wrong with it."""
    if telling.said_on is None:
        raise ValueMissing(field="said_on")
    if telling.said_on > now.astimezone(zone).date():
        raise DayAhead(field="said_on")
    named = next((one.client for one in (telling.contact, telling.incident) if one and one.client_id), None)
    client = telling.client or named
    if client is not None:
        _refuse_foreign(telling, client)
        if telling.contact is not None and not permissions.has_permission(by, "clients.see"):
            raise NotFound  # none is offered to them: this key was made up (D2)
        if not select_clients(by, now, zone).where(Client.id.in_(client_family(client.id))).exists():
            raise NotFound
    return replace(telling, client=client, said_by=telling.said_by.strip())


def select_clients(person: Person, now: datetime, zone: tzinfo) -> ModelSelect[Client]:
    """The clients that a person can name: a project manager those in care, everybody else all."""
    found = select_clients_in_use()
    if permissions.roles_of(person) & {Role.DESK, Role.QA, Role.DEPARTMENT}:
        return found
    return found.where(Client.id.in_(find_visible_clients(person, zone, now) or set()))


def list_contacts(person: Person, client: Client | None) -> list[Contact]:
    """The people of a client, for who sees its contacts; to everybody else none is named (D2)."""
    if client is None or not permissions.has_permission(person, "clients.see"):
        return []
    own = Contact.client.in_(client_family(client.id)), Contact.counts_as.is_null()
    query = Contact.select().where(*own, Contact.retired_at.is_null(), Contact.erased_at.is_null())
    return list(query.order_by(Contact.name, Contact.id))


def select_incidents(person: Person, now: datetime, zone: tzinfo) -> ModelSelect[Incident]:
    """The incidents that a person may name: all, of clients in care, of their department, handled by them."""
    if permissions.has_permission(person, "incidents.see"):
        return Incident.select()
    mine, today = handled_condition(person), now.astimezone(zone).date()
    held = permissions.roles_of(person)
    if Role.DEPARTMENT in held:
        mine |= Incident.department.in_(separation_of_duties.departments_of(person, today))
    if Role.MANAGER in held:
        mine |= Incident.client.in_(find_visible_clients(person, zone, now) or set())
    return Incident.select().where(mine)


def handled_condition(person: Person) -> Condition:
    """The condition for incidents that a person handled: assigned to them, or resolved by them."""
    return (Incident.assigned_to == person) | (Incident.resolved_by == person)


def list_recent_incidents(person: Person, client: Client | None, now: datetime, zone: tzinfo) -> list[Incident]:
    """The latest incidents of a client that a person may name."""
    if client is None:
        return []
    query = select_incidents(person, now, zone).where(Incident.client.in_(client_family(client.id)))
    return list(query.order_by(Incident.opened_at.desc(), Incident.id.desc()).limit(MOST_OFFERED))


def find_incident(person: Person, number: str, client: Client | None, now: datetime, zone: tzinfo) -> Incident | None:
    """The incident of a number, None without one; raise IncidentNotFound or IncidentUnclear."""
    number = number.strip()
    if not number:
        return None
    found = list(select_incidents(person, now, zone).where(Incident.number == number).limit(MOST_OFFERED))
    if client is not None and len(found) > 1:
        family = client_family(client.id)
        found = [one for one in found if one.client_id in family]
    if not found:
        raise IncidentNotFound(field="incident", number=number)
    if len(found) > 1:
        raise IncidentUnclear(field="incident")
    return found[0]


def _refuse_foreign(telling: Telling, client: Client) -> None:
    family = client_family(client.id)
    if telling.contact is not None and telling.contact.client_id not in family:
        raise ContactOfOtherClient(field="contact")
    if telling.incident is not None and telling.incident.client_id not in (None, *family):
        raise IncidentOfOtherClient(field="incident")
