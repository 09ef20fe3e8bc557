"""The audit history: every decision, change, unmasking, export and download, tamper-evident (D3).

Each entry's seal is a keyed hash over its row and the seal before it; the readable detail hangs beside it
with a salt, so that it can be erased by law without breaking the chain.
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

from peewee import JOIN, ModelSelect, fn

from csat.database import write
from csat.models.access import Account
from csat.models.base import EPOCH, MICROSECOND, Table, canonical
from csat.models.clients import Client
from csat.models.people import Department, Person
from csat.models.records import AuditDetail, AuditEntry

Actor = Person | str | None
_seal_key = b""  # whoever opens a store sets it


def set_seal_key(key: bytes) -> None:
    """Use the key of this installation; it lies in the keys folder, apart from the store."""
    global _seal_key
    _seal_key = key


NAME_FIELDS: dict[type[Table], str] = {Person: "name", Account: "user_name", Department: "name", Client: "name"}


def record(by: Actor, action: str, subject: Table | str, now: datetime, **detail: object) -> AuditEntry:
    """Add an entry, inside the transaction of what it records; `action` is a verb in the past ('client changed').

    `detail` is plain JSON values, and never holds a token, a code or a password.
    """
    text, salt = canonical(detail), secrets.token_hex(16)
    with write():
        last = AuditEntry.select(AuditEntry.seal).order_by(AuditEntry.id.desc()).first()
        entry = AuditEntry(at=now, actor=name_actor(by), action=action, subject=name_subject(subject))
        entry.digest = _hash_detail(salt, text)
        entry.seal = compute_seal(entry, last.seal if last else "")
        entry.save()
        AuditDetail.create(entry=entry, salt=salt, detail=text)
    return entry


def compute_seal(entry: AuditEntry, before: str) -> str:
    """The seal an entry must carry after the seal before it."""
    microseconds = (entry.at - EPOCH) // MICROSECOND  # as stored: no engine rounds it
    parts = (before, str(microseconds), entry.actor, entry.action, entry.subject, entry.digest)
    return hmac.new(_seal_key, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def find_first_broken_entry() -> AuditEntry | None:
    """The first entry whose seal or detail does not fit, or None when the history is whole."""
    before = ""
    details = {row.entry_id: row for row in AuditDetail.select()}
    for entry in AuditEntry.select().order_by(AuditEntry.id):
        detail = details.get(entry.id)
        if entry.seal != compute_seal(entry, before):
            return entry
        if detail is not None and entry.digest != _hash_detail(detail.salt, detail.detail):
            return entry
        before = entry.seal
    return None


def search_entries(
    action: str = "",
    who: str = "",
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    by: Person | None = None,
) -> ModelSelect[AuditEntry]:
    """A query of entries with their details, the latest first; `by` narrows it to one person's acts."""
    query = AuditEntry.select(AuditEntry, AuditDetail).join(AuditDetail, JOIN.LEFT_OUTER)
    query = query.order_by(AuditEntry.id.desc())
    if action:
        query = query.where(AuditEntry.action == action)
    if who:
        named = [name_actor(person) for person in Person.select().where(Person.name.contains(who))]
        query = query.where(AuditEntry.actor.in_(named) | AuditEntry.actor.contains(who))
    if subject:
        query = query.where((AuditEntry.subject == subject) | AuditEntry.subject.startswith(f"{subject}:"))
    if since is not None:
        query = query.where(AuditEntry.at >= since)
    if until is not None:
        query = query.where(AuditEntry.at < until)
    return query if by is None else query.where(AuditEntry.actor == name_actor(by))


def find_last_acts(actions: Iterable[str]) -> dict[str, AuditEntry]:
    """The latest entry about each subject among these kinds of act, by the subject's name in the history."""
    newest = AuditEntry.select(fn.MAX(AuditEntry.id)).where(AuditEntry.action.in_(list(actions)))
    return {
        row.subject: row for row in AuditEntry.select().where(AuditEntry.id.in_(newest.group_by(AuditEntry.subject)))
    }


def list_actions() -> list[str]:
    """Every kind of act on record."""
    query = AuditEntry.select(AuditEntry.action).distinct().order_by(AuditEntry.action)
    return [entry.action for entry in query]


def find_actor_names(entries: list[AuditEntry]) -> dict[str, str]:
    """The names of the persons who acted, by how the history names them."""
    keys = {entry.actor.removeprefix("person:") for entry in entries if entry.actor.startswith("person:")}
    persons = Person.select().where(Person.id.in_([int(key) for key in keys]))
    return {name_actor(person): person.name for person in persons}


def find_subject_names(entries: list[AuditEntry]) -> dict[str, str]:
    """What people call the persons, accounts, departments and clients that entries are about."""
    names = {}
    for table, column in NAME_FIELDS.items():
        start = f"{table._meta.table_name}:"
        keys = {entry.subject.removeprefix(start) for entry in entries if entry.subject.startswith(start)}
        for row in table.select().where(table.id.in_([int(key) for key in keys if key.isdecimal()])):
            names[name_subject(row)] = getattr(row, column)
    return names


def name_actor(by: Actor) -> str:
    """How the history names who acted: a person, a command's user, or the system itself."""
    return f"person:{by.id}" if isinstance(by, Person) else by or "system"


def name_command_user() -> str:
    """The actor of a command: who called it on this machine."""
    return f"command:{getpass.getuser()}"


def name_subject(subject: Table | str) -> str:
    """How the history names a record: its table and key."""
    return subject if isinstance(subject, str) else f"{subject._meta.table_name}:{subject.get_id()}"


def list_changes(record: Table, **values: object) -> Mapping[str, list[str]]:
    """What would change on a record: {field: [before, after]} as texts, for the detail of an entry."""
    before = {name: getattr(record, name) for name in values}
    return {name: [str(before[name]), str(value)] for name, value in values.items() if before[name] != value}


def _hash_detail(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
