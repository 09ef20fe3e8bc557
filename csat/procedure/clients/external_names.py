"""Names that other systems use: whom or what they mean here, and making what is not known yet.

A name is found by its alias of that source, then by its exact spelling, then among the names that departments had
before; what is made from a name gets an alias, so that it stays found after somebody renames it here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import ModelSelect, fn

from csat.database import write
from csat.models.access import Account
from csat.models.base import Table
from csat.models.clients import EVERY_SOURCE, Alias, AliasKind, Client, Contact, ImportMap, Incident, Tier
from csat.models.people import Department, Person
from csat.procedure.core import audit
from csat.procedure.core.refusals import InputWrong, NameTaken
from csat.words import N_

ALIAS_TABLES: dict[AliasKind, type[Table]] = {
    AliasKind.CLIENT: Client,
    AliasKind.CONTACT: Contact,
    AliasKind.DEPARTMENT: Department,
    AliasKind.PERSON: Person,
}
HANDLES = (Incident.assigned_to == Person.id) | (Incident.resolved_by == Person.id)
CLIENT_SEPARATOR = "/"  # the alias of a contact names its client: the same caller may occur at several


class NameUnclear(InputWrong):
    sentence = N_("Several people are called “%(name)s”: an administrator must say which of them is meant.")


class NameResolver:
    """Looks names of one source up, and remembers what it found: made for one import or one form."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._found: dict[tuple[AliasKind, int | None, str], int] = {}

    def find(self, kind: AliasKind, name: str, client: int | None = None, field: str = "") -> int | None:
        """The key of who or what a name means, or None when nobody is called so; raise NameUnclear."""
        place = (kind, client, name)
        if place not in self._found:
            key = _find_by_alias(self.source, kind, name, client) or _find_by_spelling(kind, name, client, field)
            key = key or _find_by_alias(EVERY_SOURCE, kind, name, client)
            if key is None:
                return None
            self._found[place] = key
        return self._found[place]

    def find_or_make(
        self, kind: AliasKind, name: str, by: audit.Actor, now: datetime, client: int | None = None
    ) -> int:
        """The key of who or what a name means; made, with an alias, when nobody is called so."""
        key = self.find(kind, name, client)
        if key is None:
            key = self._make_record(kind, name, by, now, client)
            self._found[(kind, client, name)] = key
        return key

    def _make_record(self, kind: AliasKind, name: str, by: audit.Actor, now: datetime, client: int | None) -> int:
        with write():
            values: dict[str, object] = {"name": name}
            if kind is AliasKind.CONTACT:
                values["client"] = client
            if kind is AliasKind.CLIENT:
                values["tier"] = Tier.ORDINARY
            record = ALIAS_TABLES[kind].create(**values)  # found by its alias still when somebody renames it here
            Alias.create(source=self.source, kind=kind, name=_alias_name(name, client), **{kind.value: record.get_id()})
            audit.record(by, f"{kind.value} added", record, now, name=name, source=self.source)
        return record.get_id()


class NameUnknown(InputWrong):
    sentence = N_("%(source)s has sent no incident handled by “%(name)s”. Please check how it spells the name.")


def assign_alias(source: str, name: str, person: Person, by: audit.Actor, now: datetime) -> Alias:
    """Say whom a source means by a name; raise NameTaken, or NameUnknown once the source has sent incidents."""
    with write():
        known = Alias.get_or_none(Alias.source == source, Alias.kind == AliasKind.PERSON, Alias.name == name)
        if known is None:
            _refuse_misspelt(source, name)
            known = Alias.create(source=source, kind=AliasKind.PERSON, name=name, person=person)
        elif known.person_id != person.id:
            # Whom an import made for the name hands over the incidents: who handled them does not survey them (P2).
            _hand_over_incidents(known, person)
        audit.record(by, "name given", person, now, name=name, source=source)
    return known


def list_aliases(words: str = "") -> ModelSelect[Alias]:
    """A query of the names that sources have for persons."""
    query = Alias.select(Alias, Person).join(Person).where(Alias.kind == AliasKind.PERSON)
    if words:
        query = query.where(Alias.name.contains(words) | Person.name.contains(words))
    return query.order_by(Alias.source, Alias.name)


def list_same_spellings(words: str = "") -> ModelSelect[Person]:
    """A query of handlers whom a source calls by the name they have here: (person, `source`)."""
    named = Alias.select(Alias.id).where(
        Alias.kind == AliasKind.PERSON, Alias.person == Person.id, Alias.source == Incident.source
    )
    query = Person.select(Person.id, Person.name, Incident.source.alias("source")).join(Incident, on=HANDLES)
    query = query.where(~fn.EXISTS(named), Incident.source != "manual").distinct()
    if words:
        query = query.where(Person.name.contains(words))
    return query.order_by(Person.name, Person.id).objects()


def _refuse_misspelt(source: str, name: str) -> None:
    """A name that nobody uses would stand in the list and never be found."""
    sent = Incident.select().where(Incident.source == source)
    alike = Person.select().join(Incident, on=HANDLES).where(Person.name == name, Incident.source == source)
    if sent.exists() and not alike.exists():
        raise NameUnknown(field="name", source=source, name=name)


def list_sources() -> list[str]:
    """The systems that incidents, or maps for them, come from."""
    found = {row.source for row in Incident.select(Incident.source).distinct()}
    return sorted(found | {row.source for row in ImportMap.select(ImportMap.source)})


def _hand_over_incidents(alias: Alias, person: Person) -> None:
    before = alias.person
    if before is None or Account.select().where(Account.person == before).exists():
        raise NameTaken(field="name", name=alias.name)
    alias.person = person
    alias.save()
    for role in (Incident.assigned_to, Incident.resolved_by):
        mine = (Incident.source == alias.source) & (role == before)
        Incident.update({role: person}).where(mine).execute()


def _alias_name(name: str, client: int | None) -> str:
    return name if client is None else f"{client}{CLIENT_SEPARATOR}{name}"


def _find_by_alias(source: str, kind: AliasKind, name: str, client: int | None) -> int | None:
    alias = Alias.get_or_none(Alias.source == source, Alias.kind == kind, Alias.name == _alias_name(name, client))
    return None if alias is None else alias.__data__[kind.value]


def _find_by_spelling(kind: AliasKind, name: str, client: int | None, field: str) -> int | None:
    table: Any = ALIAS_TABLES[kind]
    query = table.select(table.id).where(table.name == name).order_by(table.id)
    if kind is AliasKind.CONTACT:
        query = query.where(table.client == client)
    keys = [row.id for row in query.limit(2)]
    if len(keys) > 1 and kind is AliasKind.PERSON:
        raise NameUnclear(field=field, name=name)
    if keys:
        return keys[0]
    return _find_by_english_name(table, name) if kind in (AliasKind.CLIENT, AliasKind.DEPARTMENT) else None


def _find_by_english_name(table: type[Client | Department], name: str) -> int | None:
    keys = [row.id for row in table.select(table.id).where(table.name_en == name).limit(2)]
    return keys[0] if len(keys) == 1 else None  # English names need not be unique: of two, neither is meant
