"""Import of clients and contacts: one row for each contact, all or nothing, each bad row named.

A client is known by its name, a contact by client and e-mail (without one, by name). What is known is
updated; an empty cell leaves what is there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from csat.database import write
from csat.models.access import Account
from csat.models.clients import Client, Contact, Tier
from csat.models.people import Person
from csat.procedure.clients import clients, contacts
from csat.procedure.core import audit
from csat.procedure.core.contact_details import AddressKeys, make_address_keys
from csat.procedure.core.refusals import InputWrong, Refusal, ValueMissing
from csat.words import N_

MOST_ROWS = 5000  # it is read into memory, and imported in one transaction

Rows = Iterable[tuple[int, list[str]]]
Meaning = TypeVar("Meaning")


@dataclass(frozen=True)
class ImportColumn:
    """A column: what we call it, which headings mean it, and how long its text can be."""

    label: str
    headings: tuple[str, ...]
    most: int


COLUMNS: Mapping[str, ImportColumn] = {
    "client": ImportColumn(N_("Client"), ("client", "客户单位", "客户", "单位"), 200),
    "client_en": ImportColumn(
        N_("Client’s English name"), ("client in english", "单位英文名", "英文名", "client_en"), 200
    ),
    "tier": ImportColumn(N_("Tier"), ("tier", "客户等级", "等级"), 20),
    "manager": ImportColumn(N_("Project manager"), ("project manager", "项目经理", "manager"), 120),
    "name": ImportColumn(N_("Contact"), ("contact", "联系人", "name", "姓名"), 120),
    "email": ImportColumn(N_("E-mail"), ("e-mail", "电子邮箱", "email", "邮箱", "电子邮件"), 200),
    "telephone": ImportColumn(N_("Telephone"), ("telephone", "电话", "phone", "mobile", "手机", "联系电话"), 40),
    "language": ImportColumn(N_("Language"), ("language", "语言"), 20),
    "position": ImportColumn(N_("Position"), ("position", "职务", "title", "职位"), 120),
    "asked": ImportColumn(N_("Asked each quarter"), ("asked each quarter", "每季调查", "每季度调查"), 20),
}
TIERS = {**{tier.value: tier for tier in Tier}, **{"普通": Tier.ORDINARY, "重要": Tier.IMPORTANT, "核心": Tier.CORE}}
LANGUAGES = {"zh": "zh", "en": "en", "中文": "zh", "英文": "en", "chinese": "zh", "english": "en"}
ADDRESS_FIELDS = ("name", "email", "telephone")  # what the keys of addresses are made of
MARKS = {"yes": True, "no": False, "是": True, "否": False, "1": True, "0": False}


class ImportRefused(Refusal):
    sentence = N_("Nothing was imported: %(n)s rows have to be put right first.")


class ColumnMissing(InputWrong):
    sentence = N_("The first line must have a column “Client”.")


class ColumnTwice(InputWrong):
    sentence = N_("Two columns have this heading.")


class CellTooLong(InputWrong):
    sentence = N_("This is longer than %(most)s characters.")


class CellsBeyond(InputWrong):
    sentence = N_("This row has more cells than there are headings.")


class TierUnknown(InputWrong):
    sentence = N_("Please use ordinary, important or core.")


class LanguageUnknown(InputWrong):
    sentence = N_("Please use zh or en.")


class MarkUnknown(InputWrong):
    sentence = N_("Please use yes or no.")


class ManagerUnknown(InputWrong):
    sentence = N_("Nobody of this name or user name is on the staff.")


class ManagerUnclear(InputWrong):
    sentence = N_("Several persons have this name. Please use the user name.")


class ValueDiffers(InputWrong):
    sentence = N_("Line %(line)s says something else for the same client.")


class ContactTwice(InputWrong):
    sentence = N_("Line %(line)s has the same contact of this client.")


class RecordRetired(InputWrong):
    sentence = N_("This is retired here. Restore it first, or leave the row out.")


@dataclass(frozen=True)
class CellProblem:
    """What is wrong in which cell."""

    line: int
    column: str
    refusal: Refusal


@dataclass
class ContactPlan:
    """A contact of the file, and the one it updates, if any."""

    line: int
    values: dict[str, object]
    known: Contact | None

    @property
    def changes(self) -> bool:
        return self.known is None or any(getattr(self.known, name) != text for name, text in self.values.items())

    def make_keys(self) -> AddressKeys:
        """The keys of the addresses as they will be: a cell that is empty leaves what is there."""
        name, email, telephone = (str(self.values.get(one, getattr(self.known, one, ""))) for one in ADDRESS_FIELDS)
        return make_address_keys(name, email, telephone)


@dataclass
class ClientPlan:
    """A client of the file, the one it updates, if any, and its contacts."""

    line: int
    name: str
    known: Client | None
    given: dict[str, str] = field(default_factory=dict)
    tier: Tier | None = None
    manager: Person | None = None
    manager_now: Person | None = None
    contacts: list[ContactPlan] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        if self.known is None:
            return True
        given = (self.tier, self.given.get("client_en"), self.manager)
        there = (self.known.tier, self.known.name_en, self.manager_now)
        return any(new is not None and new != old for new, old in zip(given, there, strict=True))


@dataclass
class ImportPlan:
    """What an import would do, and what stands in its way."""

    clients: list[ClientPlan]
    problems: list[CellProblem]
    unused: list[str]

    def count_changes(self) -> dict[str, int]:
        """How many clients and contacts are new, changed, and as they were."""
        contacts = [contact for client in self.clients for contact in client.contacts]
        counts = {}
        for kind, plans in (("clients", self.clients), ("contacts", contacts)):
            counts[f"{kind}_new"] = sum(plan.known is None for plan in plans)
            counts[f"{kind}_changed"] = sum(plan.known is not None and plan.changes for plan in plans)
            counts[f"{kind}_same"] = sum(not plan.changes for plan in plans)
        return counts


EXAMPLE_ROWS = {
    "zh": (
        "示例物流",
        "Example Logistics",
        "核心",
        "",
        "张女士",
        "zhang@client.example",
        "13800000000",
        "中文",
        "主任",
        "是",
    ),
    "en": (
        "示例物流",
        "Example Logistics",
        "core",
        "",
        "Ms Zhang",
        "zhang@client.example",
        "13800000000",
        "English",
        "Director",
        "yes",
    ),
}


def build_template(language: str) -> str:
    """A CSV with our headings in a language, and one row as an example."""
    at = 0 if language == "en" else 1
    head = [column.headings[at] for column in COLUMNS.values()]
    return "".join(",".join(row) + "\r\n" for row in (head, EXAMPLE_ROWS[language]))


def plan_import(head: list[str], rows: Rows, day: date) -> ImportPlan:
    """Look at a table and say what importing it would do. Changes nothing."""
    reader = _RowReader(head, clients.list_managers(day))
    for line, cells in rows:
        reader.plan_row(line, cells)
    problems = sorted(reader.problems, key=lambda problem: problem.line)
    return ImportPlan(list(reader.clients.values()), problems, reader.unused)


def import_clients(head: list[str], rows: Rows, day: date, by: audit.Actor, now: datetime) -> dict[str, int]:
    """Import a table, all of it or, raising ImportRefused, nothing; return what was new and changed."""
    with write():
        made = plan_import(head, rows, day)
        if made.problems:
            raise ImportRefused(n=len({problem.line for problem in made.problems}))
        counts = made.count_changes()
        for client in made.clients:
            _import_client(client, day, by, now)
        audit.record(by, "clients imported", "import:clients", now, **counts)
    return counts


def _import_client(made: ClientPlan, day: date, by: audit.Actor, now: datetime) -> None:
    name_en = made.given.get("client_en", "")
    if made.known is None:
        client = clients.add_client(made.name, made.tier or Tier.ORDINARY, by, now, name_en)
    else:
        client = made.known
        fields = (client.name, made.tier or client.tier, name_en or client.name_en, client.note)
        clients.change_client(client, *fields, by, now)
    if made.manager is not None and made.manager != made.manager_now:
        clients.put_in_care(client, made.manager, day, by, now)
    fresh = [{"client": client, **one.values, **one.make_keys()} for one in made.contacts if one.known is None]
    if fresh:
        Contact.insert_many(fresh).execute()
    known = {one.known.id: {**one.values, **one.make_keys()} for one in made.contacts if one.known and one.changes}
    for key, values in known.items():
        Contact.update(values).where(Contact.id == key).execute()
    if fresh or known:  # one entry a client, not one a contact: an import may bring thousands
        audit.record(by, "contacts imported", client, now, added=len(fresh), changed=list(known))


class _RowReader:
    """Reads row after row into plans; what cannot be used becomes a problem."""

    def __init__(self, head: list[str], managers: Mapping[int, Person]) -> None:
        self.managers = managers
        self.problems: list[CellProblem] = []
        self.clients: dict[str, ClientPlan] = {}
        self.unused: list[str] = []
        self.places = self._find_columns(head)
        self.seen: dict[tuple[str, str], int] = {}
        self.known_clients = {client.name: client for client in Client.select()}
        self.known_contacts = _map_known_contacts()
        self.staff = _find_staff()

    def plan_row(self, line: int, cells: list[str]) -> None:
        if "client" not in self.places:
            return
        if any(cells[len(self.head) :]):
            self.object_to(line, "client", CellsBeyond())
        row = {key: _tidy_text(cells[at]) if at < len(cells) else "" for key, at in self.places.items()}
        for key, text in row.items():
            if len(text) > COLUMNS[key].most:
                self.object_to(line, key, CellTooLong(most=COLUMNS[key].most))
        if not row["client"]:
            self.object_to(line, "client", ValueMissing())
            return
        self._plan_contact(line, row, self._plan_client(line, row))

    def object_to(self, line: int, column: str, refusal: Refusal) -> None:
        self.problems.append(CellProblem(line, COLUMNS[column].label, refusal))

    def _find_columns(self, head: list[str]) -> dict[str, int]:
        self.head = head
        meanings = {heading: key for key, column in COLUMNS.items() for heading in column.headings}
        places: dict[str, int] = {}
        for at, heading in enumerate(head):
            key = meanings.get(_tidy_text(heading).casefold())
            if key is None:
                self.unused += [heading] if heading else []
            elif key in places:
                self.object_to(1, key, ColumnTwice())
            else:
                places[key] = at
        if "client" not in places:
            self.object_to(1, "client", ColumnMissing())
        return places

    def _plan_client(self, line: int, row: dict[str, str]) -> ClientPlan:
        made = self.clients.get(row["client"])
        if made is None:
            known = self.known_clients.get(row["client"])
            made = self.clients[row["client"]] = ClientPlan(line, row["client"], known)
            made.manager_now = self.managers.get(known.id) if known else None
            if known is not None and known.retired_at is not None:
                self.object_to(line, "client", RecordRetired())
        for key in ("client_en", "tier", "manager"):
            self._say_of_client(line, key, row.get(key, ""), made)
        return made

    def _say_of_client(self, line: int, key: str, text: str, made: ClientPlan) -> None:
        if not text or made.given.get(key) == text:
            return
        if key in made.given:  # which of the two lines is right, only who wrote them knows
            self.object_to(line, key, ValueDiffers(line=made.line))
            return
        made.given[key] = text
        if key == "tier":
            made.tier = TIERS.get(text.casefold())
            if made.tier is None:
                self.object_to(line, key, TierUnknown())
        if key == "manager":
            made.manager = self._find_manager(line, text)

    def _find_manager(self, line: int, text: str) -> Person | None:
        found = self.staff.get(text.casefold(), [])
        if len(found) != 1:
            self.object_to(line, "manager", ManagerUnclear() if found else ManagerUnknown())
            return None
        return found[0]

    def _plan_contact(self, line: int, row: dict[str, str], client: ClientPlan) -> None:
        name, email, telephone = (row.get(key, "") for key in ("name", "email", "telephone"))
        language = self._read_word(line, row, "language", LANGUAGES, LanguageUnknown())
        mark = self._read_word(line, row, "asked", MARKS, MarkUnknown())
        if not (name or email or telephone):
            return
        known = self._find_known(client, name, email)
        try:
            checked = contacts.check_contact_values(name, email, telephone, language or "zh")
        except InputWrong as refusal:
            self.object_to(line, refusal.field, refusal)
            return
        values: dict[str, object] = {**checked, "position": row.get("position", "")}
        if known is not None:
            values = {key: value for key, value in values.items() if value and (key != "language" or language)}
            if known.retired_at is not None:
                self.object_to(line, "name", RecordRetired())
        if known is None or mark is not None:  # who came in unmarked, and whose cell is empty, stay so
            values["asked_each_quarter"] = bool(mark)
        self._refuse_twin(line, client, f"key {known.id}" if known else _name_contact(name, email))
        client.contacts.append(ContactPlan(line, values, known))

    def _read_word(
        self, line: int, row: Mapping[str, str], column: str, meanings: Mapping[str, Meaning], refusal: Refusal
    ) -> Meaning | None:
        """What a cell says by one of a few words; None if it is empty, or none of them."""
        meaning = meanings.get(row.get(column, "").casefold())
        if row.get(column) and meaning is None:
            self.object_to(line, column, refusal)
        return meaning

    def _find_known(self, client: ClientPlan, name: str, email: str) -> Contact | None:
        if client.known is None:
            return None
        same = self.known_contacts.get((client.known.id, _name_contact(name, email)))
        namesake = self.known_contacts.get((client.known.id, _name_contact(name, "")))
        return same or (namesake if namesake is not None and not namesake.email else None)

    def _refuse_twin(self, line: int, client: ClientPlan, contact: str) -> None:
        key = (client.name, contact)
        if key in self.seen:
            self.object_to(line, "name", ContactTwice(line=self.seen[key]))
        self.seen.setdefault(key, line)


def _name_contact(name: str, email: str) -> str:
    return f"e-mail {email.casefold()}" if email else f"name {name}"


def _map_known_contacts() -> dict[tuple[int, str], Contact]:
    known: dict[tuple[int, str], Contact] = {}
    for contact in Contact.select().where(Contact.erased_at.is_null()):
        known.setdefault((contact.client_id, f"name {contact.name}"), contact)
        known.setdefault((contact.client_id, _name_contact(contact.name, contact.email)), contact)
    return known


def _find_staff() -> dict[str, list[Person]]:
    """Persons in use by name and by user name; a user name means one person only."""
    staff: dict[str, list[Person]] = {}
    for person in Person.select().where(Person.retired_at.is_null()):
        staff.setdefault(person.name.casefold(), []).append(person)
    for account in Account.select(Account, Person).join(Person).where(Account.closed_at.is_null()):
        staff[account.user_name] = [account.person]  # after the names: it tells namesakes apart
    return staff


def _tidy_text(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())  # some programs write é as two characters
