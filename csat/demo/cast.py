"""The demo's people: departments, staff with accounts, clients with contacts, as an admin makes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from functools import partial

from csat.models.base import Json
from csat.models.clients import Client, Contact, Tier
from csat.models.people import Department, Person
from csat.models.roles import Role
from csat.procedure.clients import clients, contacts
from csat.procedure.clients.contacts import ContactRole
from csat.procedure.core import settings
from csat.procedure.incidents import beginning
from csat.procedure.people import accounts, departments, notices, persons, welcome_links

CARE_SINCE = date(2024, 1, 1)
POSITIONS = {
    "zh": ("信息中心主任", "运维主管", "业务负责人"),
    "en": ("Head of IT", "Operations lead", "Business owner"),
}
DEMO_ACTOR = "demo"  # who acts before there is anybody


@dataclass(frozen=True)
class DemoClient:
    """A client of the story: the record, its contacts, and how its mood moves from quarter to quarter."""

    record: Client
    contacts: list[Contact]
    level: list[float]
    language: str
    help_desk: list[Contact] = field(default_factory=list)  # who only reports incidents: nobody asks them each quarter


@dataclass(frozen=True)
class DemoDepartment:
    """A department of the story: the record, its people, and how well it does from quarter to quarter."""

    record: Department
    head: Person
    engineers: list[Person]
    level: list[float]


@dataclass
class Cast:
    """Everybody in the story, by the names the story uses."""

    people: dict[str, Person] = field(default_factory=dict)  # by user name
    departments: dict[str, DemoDepartment] = field(default_factory=dict)
    agents: list[Person] = field(default_factory=list)
    too_good: Person | None = None
    clients: list[DemoClient] = field(default_factory=list)
    accounts: list[tuple[str, str, str]] = field(default_factory=list)  # user name, name, what they do
    visitors_token: str = ""  # of the open link that is printed

    def head_of(self, department_id: int | None) -> Person:
        """Who answers for a department."""
        return next(one.head for one in self.departments.values() if one.record.id == department_id)

    @property
    def contacts(self) -> list[Contact]:
        """Everybody at the clients whom the quarterly round asks."""
        return [contact for one in self.clients for contact in one.contacts]

    def client_named(self, name: str) -> DemoClient:
        """A client of the story."""
        return next(one for one in self.clients if one.record.name == name)


def create_cast(content: Json, password_hash: str, now: datetime, zone: tzinfo) -> Cast:
    """Make everybody, and say when the provider began and how clients reach it; return the cast."""
    cast = Cast()
    admin = next(person for person in content["staff"] if person["user"] == "admin")
    boss = _add_account(cast, admin, Role.ADMIN, password_hash, DEMO_ACTOR, now)
    provider = content["provider"]
    settings.set_provider_names(provider["name"], boss, now)
    settings.set_provider_contact(provider["telephone"], provider["email"], boss, now)
    beginning.set_beginning(now.astimezone(zone).date(), boss, now, zone)
    add_account = partial(_add_account, cast, password_hash=password_hash, by=boss, now=now)
    for staff in content["staff"]:
        if staff is not admin:
            add_account(staff, Role(staff["role"]))
    for agent in content["agent"]:
        cast.agents.append(add_account(agent, Role.DESK))
        if agent.get("too_good"):
            cast.too_good = cast.agents[-1]
    for one in content["department"]:
        department = departments.add_department(one["name"], one["name_en"], boss, now)
        about_head = {"name": one["head"], "user": one["owner"]}
        head = add_account(about_head, Role.DEPARTMENT, department=department)
        departments.change_department(department, department.name, department.name_en, head, boss, now)
        engineers = [_add_engineer(name, one, department, add_account, boss, now) for name in one["engineers"]]
        cast.departments[one["name"]] = DemoDepartment(department, head, engineers, one["level"])
    for client in content["client"]:
        cast.clients.append(_add_client(cast, client, boss, now))
    for about in content["help_desks"]:
        _add_help_desk(cast, about, boss, now)
    return cast


def _add_engineer(
    name: str, about: Json, department: Department, add_account: Callable[..., Person], boss: Person, now: datetime
) -> Person:
    """Most engineers are known from incidents alone; some sign in."""
    if user := about.get("accounts", {}).get(name):
        return add_account({"name": name, "user": user}, Role.DEPARTMENT, department=department)
    return persons.add_person(name, "", "", boss, now, department=department, since=CARE_SINCE)


def _add_account(
    cast: Cast,
    about: Json,
    role: Role,
    password_hash: str,
    by: Person | str,
    now: datetime,
    department: Department | None = None,
) -> Person:
    name, user = about["name"], about["user"]
    mail = f"{user}@hengxin.example"
    telephone = about.get("telephone", "")  # of project managers, for their clients
    person = persons.add_person(name, mail, telephone, by, now, department=department, since=CARE_SINCE)
    account = accounts.open_account(person, user, about.get("locale", "zh"), by, now)
    accounts.grant_role(person, role, by, now)
    welcome_links.set_password(account, password_hash, now, person)
    for notice in notices.list_latest_notices(person):  # of their first role
        notices.mark_notice_read(person, notice.id, now)
    cast.people[user] = person
    cast.accounts.append((user, name, role.value))
    return person


def _add_client(cast: Cast, about: Json, boss: Person, now: datetime) -> DemoClient:
    language = about.get("language", "zh")
    record = clients.add_client(about["name"], Tier(about["tier"]), boss, now, name_en=about["name_en"])
    if manager := about.get("manager"):
        clients.put_in_care(record, cast.people[manager], CARE_SINCE, boss, now)
    people = []
    for number, name in enumerate(about["contacts"], 1):
        mail = f"contact{number}@{about['domain']}"
        telephone = f"138{record.id:04d}{number:04d}"
        role: ContactRole = {"position": POSITIONS[language][(number - 1) % 3], "asked_each_quarter": True}
        people.append(contacts.add_contact(record, name, mail, telephone, language, boss, now, role))
    return DemoClient(record, people, about["level"], language)


def _add_help_desk(cast: Cast, about: Json, boss: Person, now: datetime) -> None:
    """Who reports a client's incidents and is not asked each quarter; who works for two clients has one address."""
    client, email = cast.client_named(about["client"]), ""
    for known in cast.contacts:
        email = known.email if known.name == about["name"] else email
    role: ContactRole = {"position": about["position"], "asked_each_quarter": False}
    named = about["name"], email, about["telephone"], client.language
    client.help_desk.append(contacts.add_contact(client.record, *named, boss, now, role))
