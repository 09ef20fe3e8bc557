"""The demo's people: departments, staff with accounts, clients with contacts, as an admin makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from csat.models.base import Json
from csat.models.clients import Client, Contact, Tier
from csat.models.people import Department, Person
from csat.models.roles import Role
from csat.procedure.clients import clients, contacts
from csat.procedure.core import settings
from csat.procedure.people import accounts, departments, persons, sessions

CARE_SINCE = date(2024, 1, 1)
DEMO_ACTOR = "demo"  # who acts before there is anybody


@dataclass
class DemoClient:
    """A client of the story: the record, its contacts, and how its mood moves from quarter to quarter."""

    record: Client
    contacts: list[Contact]
    level: list[float]
    language: str


@dataclass
class Cast:
    """Everybody in the story, by the names the story uses."""

    people: dict[str, Person] = field(default_factory=dict)  # by user name
    names: dict[str, Person] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    levels: dict[str, list[float]] = field(default_factory=dict)
    engineers: dict[str, list[str]] = field(default_factory=dict)
    owners: dict[int, Person] = field(default_factory=dict)  # by department id
    agents: list[Person] = field(default_factory=list)
    too_good: Person | None = None
    clients: list[DemoClient] = field(default_factory=list)
    accounts: list[tuple[str, str, str]] = field(default_factory=list)  # user name, name, what they do


def create_cast(content: Json, password_hash: str, now: datetime) -> Cast:
    """Make everybody; return the cast."""
    cast = Cast()
    admin = next(person for person in content["staff"] if person["user"] == "admin")
    boss = _with_account(cast, admin["name"], "admin", (Role.ADMIN,), password_hash, None, now)
    settings.set_provider_names(content["provider"]["name"], boss, now)
    for staff in content["staff"]:
        if staff is not admin:
            roles = (Role(staff["role"]),)
            _with_account(
                cast, staff["name"], staff["user"], roles, password_hash, boss, now, staff.get("locale", "zh")
            )
    for agent in content["agent"]:
        person = _with_account(cast, agent["name"], agent["user"], (Role.DESK,), password_hash, boss, now)
        cast.agents.append(person)
        if agent.get("too_good"):
            cast.too_good = person
    for department in content["department"]:
        _department(cast, department, password_hash, boss, now)
    for client in content["client"]:
        _client(cast, client, boss, now)
    return cast


def _with_account(
    cast: Cast,
    name: str,
    user: str,
    roles: tuple[Role, ...],
    password_hash: str,
    boss: Person | None,
    now: datetime,
    locale: str = "zh",
    department: Department | None = None,
) -> Person:
    person = persons.add_person(
        name, f"{user}@hengxin.example", "", boss or DEMO_ACTOR, now, department=department, since=CARE_SINCE
    )
    account = accounts.open_account(person, user, locale, boss or DEMO_ACTOR, now)
    for role in roles:
        accounts.grant_role(person, role, boss or DEMO_ACTOR, now)
    sessions.set_password(account, password_hash, now)
    cast.people[user] = cast.names[name] = person
    cast.accounts.append((user, name, "+".join(roles)))
    return person


def _department(cast: Cast, content: Json, password_hash: str, boss: Person, now: datetime) -> None:
    department = departments.add_department(content["name"], content["name_en"], boss, now)
    head = _with_account(
        cast,
        content["head"],
        content["owner"],
        (Role.DEPARTMENT,),
        password_hash,
        boss,
        now,
        department=department,
    )
    departments.change_department(department, department.name, department.name_en, head, boss, now)
    for name in content["engineers"]:
        cast.names[name] = persons.add_person(
            name, "", "", boss, now, department=department, since=CARE_SINCE
        )
    cast.departments[content["name"]] = department
    cast.levels[content["name"]] = content["level"]
    cast.engineers[content["name"]] = content["engineers"]
    cast.owners[department.id] = head


def _client(cast: Cast, content: Json, boss: Person, now: datetime) -> None:
    tier = Tier(content["tier"])
    language = content.get("language", "zh")
    record = clients.add_client(content["name"], tier, boss, now, name_en=content["name_en"])
    if manager := content.get("manager"):
        clients.put_in_care(record, cast.people[manager], CARE_SINCE, boss, now)
    people = []
    for number, name in enumerate(content["contacts"], 1):
        mail = f"contact{number}@{content['domain']}"
        telephone = f"138{record.id:04d}{number:04d}"
        people.append(contacts.add_contact(record, name, mail, telephone, language, boss, now))
    cast.clients.append(DemoClient(record, people, content["level"], language))


def is_workday(day: date) -> bool:
    """Whether the provider works on a day (weekends off)."""
    return day.weekday() < 5


def add_workdays(instant: datetime, days: int = 1) -> datetime:
    """The same time so many working days later."""
    while days:
        instant += timedelta(days=1)
        days -= is_workday(instant.date())
    return instant
