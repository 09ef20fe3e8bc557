"""Files of evidence (I1, C1, K1): attached to a record, read by who may see it, withdrawn only on record.

Each kind of record says once who sees its files and who may add or withdraw some (`about`). What a file
is was checked, and its content kept, before it comes here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from csat.database import write
from csat.models.base import Table
from csat.models.evidence import Evidence
from csat.models.people import Person
from csat.models.work import StoredFile
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.refusals import InputWrong, NotFound, NotPermitted, OutOfOrder
from csat.procedure.people import permissions
from csat.words import N_

MAX_FILES_AT_ONCE, MAX_FILES = 5, 20


class TooManyFiles(InputWrong):
    sentence = N_("No more than %(most)s files belong to one record. Please put some of them together.")


class AttachmentWithdrawn(OutOfOrder):
    sentence = N_("This file was withdrawn already.")


class FileToAttach(NamedTuple):
    """A file that lies in its place, checked, and not yet on record."""

    place: str
    name: str
    media_type: str
    size: int
    sha256: str


WithdrawalHook = Callable[[Evidence, Person, datetime], None]


@dataclass(frozen=True)
class AttachmentRules:
    """A kind of record that can have evidence: whose a record is, whether its files may change still (each is
    asked with the record's key), and what a withdrawal brings."""

    is_own: Callable[[Person, int, date], bool]
    is_open: Callable[[int], bool]
    withdrawn: WithdrawalHook | None = None


ATTACHMENT_RULES: dict[str, AttachmentRules] = {}


def register_attachments(kind: str, rules: AttachmentRules) -> None:
    """Let records of a kind ('action') have evidence."""
    ATTACHMENT_RULES[kind] = rules


def attach_files(
    record: Table, kept: Iterable[FileToAttach], by: Person, now: datetime, words: str = ""
) -> list[Evidence]:
    """Put kept files on record as evidence; who may is the rule of the step they belong to. Raise TooManyFiles."""
    kept, name = list(kept), audit.name_subject(record)
    if not kept:
        return []
    with write():
        there = Evidence.select().where(Evidence.about == name, Evidence.withdrawn_at.is_null()).count()
        if there + len(kept) > MAX_FILES:
            raise TooManyFiles(field="files", most=MAX_FILES)
        made = [_create_attachment(name, one, words, by, now) for one in kept]
        told = [{"file": one.file.id, "size": one.file.size, "sha256": one.file.sha256} for one in made]
        audit.record(by, "evidence attached", name, now, files=told)
    return made


def list_attachments(record: Table | str) -> list[Evidence]:
    """The evidence about a record, the oldest first; what was withdrawn is among it, marked."""
    return list_attachments_by_record([record])[audit.name_subject(record)]


def list_attachments_by_record(records: Sequence[Table | str]) -> dict[str, list[Evidence]]:
    """The evidence about several records, by their names ('action:12')."""
    found: dict[str, list[Evidence]] = {audit.name_subject(record): [] for record in records}
    query = Evidence.select(Evidence, StoredFile, Person).join(StoredFile).switch(Evidence)
    query = query.join(Person, on=(Evidence.by == Person.id)).where(Evidence.about.in_(list(found)))
    for one in query.order_by(Evidence.id):
        found[one.about].append(one)
    return found


def attachment_for(person: Person, key: int, today: date) -> Evidence:
    """A piece of evidence that a person may see, withdrawn only for who reads everything; raise NotFound."""
    found = get_or_refuse(Evidence, key)
    rules, about = _find_rules(found.about)
    if rules is None:  # a kind of record that nobody declared: shown to nobody
        raise NotFound
    if not permissions.sees_all(person) and (found.withdrawn_at or not rules.is_own(person, about, today)):
        raise NotFound
    return found


def open_attachment(person: Person, key: int, today: date, now: datetime) -> StoredFile:
    """The file of a piece of evidence, for who may see it; that it was downloaded goes on record (D3)."""
    found = attachment_for(person, key, today)
    audit.record(person, "evidence downloaded", found, now, about=found.about)
    return found.file


def may_change_attachments(person: Person, record: Table | str, today: date) -> bool:
    """Whether a person may add evidence to a record and withdraw some: whose it is, while it is open."""
    rules, key = _find_rules(audit.name_subject(record))
    return rules is not None and rules.is_open(key) and rules.is_own(person, key, today)


def withdraw_attachment(person: Person, key: int, reason: str, today: date, now: datetime) -> Evidence:
    """Withdraw a file that was attached by mistake: row, file and reason stay; nothing goes silently."""
    reason = need_text(reason)
    with write():
        found = attachment_for(person, key, today)
        if not may_change_attachments(person, found.about, today):
            raise NotPermitted
        if found.withdrawn_at is not None:
            raise AttachmentWithdrawn
        found.withdrawn_by, found.withdrawn_at, found.withdrawn_because = person, now, reason
        found.save()
        audit.record(person, "evidence withdrawn", found, now, about=found.about, reason=reason)
        rules, _ = _find_rules(found.about)
        if rules is not None and rules.withdrawn is not None:
            rules.withdrawn(found, person, now)
    return found


def _create_attachment(name: str, kept: FileToAttach, words: str, by: Person, now: datetime) -> Evidence:
    file = StoredFile.create(**kept._asdict(), stored_by=by, stored_at=now)
    return Evidence.create(file=file, about=name, words=words.strip()[:200], by=by, at=now)


def _find_rules(name: str) -> tuple[AttachmentRules | None, int]:
    """The rules of a record named like 'action:12', and its key."""
    kind, _, key = name.partition(":")
    return ATTACHMENT_RULES.get(kind), int(key)
