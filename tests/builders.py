"""What stories are about: each builder makes one thing with sensible defaults and returns it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from csat.models.access import Account, RoleGrant
from csat.models.clients import Client, ClientCare, Contact, Incident, Tier
from csat.models.people import Department, Membership, Person
from csat.models.roles import Role

NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)  # a Monday, ten o'clock in Shanghai
LONG_AGO = date(2020, 1, 1)


def a_person(name: str = "李工", *roles: Role, department: Department | None = None) -> Person:
    """Somebody of the staff who holds these roles and belongs to a department."""
    person = Person.create(name=name, email=f"p{Person.select().count() + 1}@provider.example")
    for role in roles:
        RoleGrant.create(person=person, role=role, granted_at=NOW)
    if department is not None:
        Membership.create(person=person, department=department, since=LONG_AGO)
    return person


def an_account(person: Person, locale: str = "zh") -> Account:
    """An account without a password: tests sign in by a session of their own."""
    return Account.create(person=person, user_name=f"user{person.id}", locale=locale, made_at=NOW)


def a_department(name: str = "网络部", name_en: str = "Networks") -> Department:
    return Department.create(name=name, name_en=name_en)


def a_client(name: str = "华东物流", tier: Tier = Tier.CORE, manager: Person | None = None) -> Client:
    client = Client.create(name=name, tier=tier)
    if manager is not None:
        ClientCare.create(client=client, person=manager, since=LONG_AGO)
    return client


def a_contact(client: Client, name: str = "王女士", **more) -> Contact:
    details = {"email": "wang@client.example", "telephone": "13812345678", **more}
    return Contact.create(client=client, name=name, **details)


def an_incident(number: str = "INC1", client: Client | None = None, **more) -> Incident:
    return Incident.create(source="manual", number=number, client=client, **more)
