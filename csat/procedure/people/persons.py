"""The staff, with or without an account: who they are and how to reach them."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from peewee import ModelSelect

from csat.database import write
from csat.models.base import expect_value
from csat.models.clients import ClientCare
from csat.models.oversight import NoticeKind
from csat.models.people import Department, Membership, Person
from csat.procedure.core import audit, contact_details
from csat.procedure.core.guards import need_text
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.core.retirement import retire_record
from csat.procedure.people import accounts, notices, permissions, welcome_links
from csat.procedure.people.departments import join_department
from csat.words import N_


class AddressGuarded(InputWrong):
    sentence = N_("Another address for somebody who has signed in takes the word of a second person.")


class ClientsStillInCare(Refusal):
    sentence = N_("Clients are still in this person's care. Hand them over first.")


def add_person(
    name: str,
    email: str,
    telephone: str,
    by: audit.Actor,
    now: datetime,
    department: Department | None = None,
    zone: tzinfo | None = None,
    since: date | None = None,
) -> Person:
    """Add somebody of the staff; who belongs to a department does so from a day on, or from today in the zone."""
    with write():
        email, telephone = contact_details.parse_email(email), contact_details.parse_telephone(telephone)
        person = Person.create(name=need_text(name, "name"), email=email, telephone=telephone)
        audit.record(by, "person added", person, now, name=person.name)
        if department is not None:
            join_department(person, department, since or now.astimezone(expect_value(zone)).date(), by, now)
    return person


def change_person(person: Person, name: str, email: str, telephone: str, by: audit.Actor, now: datetime) -> None:
    """Change a person's name and how to reach them; the history keeps which fields, not the old addresses."""
    with write():
        email, telephone = contact_details.parse_email(email), contact_details.parse_telephone(telephone)
        if email != person.email:
            _refuse_guarded_address(person, by)
            _void_links(person, now)
        values = {"name": need_text(name, "name"), "email": email, "telephone": telephone}
        changed = audit.list_changes(person, **values)
        if changed:
            Person.update(values).where(Person.id == person.id).execute()
            audit.record(by, "person changed", person, now, fields=sorted(changed))


def is_address_guarded(person: Person) -> bool:
    """Whether a person's address is where the links of somebody go who has signed in, now or in the past (D4).

    A closed account counts too: who opened it again with another address would come in as its owner.
    """
    account = accounts.find_account(person)
    return account is not None and (account.password_hash is not None or account.last_sign_in_at is not None)


def set_address(person: Person, email: str, by: audit.Actor, second: Person, now: datetime) -> None:
    """Change a guarded address with a second person's word; links on their way to the old one die."""
    with write():
        Person.update(email=contact_details.parse_email(email)).where(Person.id == person.id).execute()
        _void_links(person, now)
        audit.record(by, "person changed", person, now, fields=["email"], second=second.id)
        notices.tell_readers([person], person, NoticeKind.ADDRESS_CHANGED, by, now)


def retire_person(person: Person, day: date, by: audit.Actor, now: datetime) -> None:
    """Somebody leaves: account closed, roles withdrawn, memberships ended; raise StillInCare."""
    cared_for = (ClientCare.person == person) & (ClientCare.until.is_null() | (ClientCare.until > day))
    with write():
        if ClientCare.select().where(cared_for).exists():
            raise ClientsStillInCare
        account = accounts.find_account(person)
        if account is not None and account.closed_at is None:
            accounts.close_account(account, by, now)
        for role in sorted(permissions.roles_of(person)):  # refuses the last administrator, and oneself
            accounts.withdraw_role(person, role, by, now)
        here = (Membership.person == person) & Membership.until.is_null()
        Membership.update(until=day).where(here & (Membership.since <= day)).execute()
        retire_record(person, by, now)


def _refuse_guarded_address(person: Person, by: audit.Actor) -> None:
    own = isinstance(by, Person) and by.id == person.id
    if isinstance(by, Person) and not own and is_address_guarded(person):
        raise AddressGuarded(field="email")


def _void_links(person: Person, now: datetime) -> None:
    account = accounts.find_account(person)
    if account is not None:
        welcome_links.kill_welcome_links(account, now)


def search_persons(
    search: str = "", department: Department | None = None, retired: bool = False
) -> ModelSelect[Person]:
    """A query of persons by name or e-mail and by the department they belong to, sorted by name."""
    query = Person.select().where(Person.retired_at.is_null(not retired)).order_by(Person.name, Person.id)
    if search:
        query = query.where(Person.name.contains(search) | Person.email.contains(search))
    if department is not None:
        here = (Membership.department == department) & Membership.until.is_null()
        query = query.where(Person.id.in_(Membership.select(Membership.person).where(here)))
    return query
