"""Who is told what happens to an account: its owner, and the director where it went past the owner's mail (D4).

A notice is a row: shown on the reader's own page until read, and mailed by the room of mails where mail is set up.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from peewee import JOIN, ModelSelect

from csat.database import write
from csat.models.access import Account
from csat.models.oversight import AccountNotice, NoticeKind
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.people import permissions


def tell_owner(account: Account, kind: NoticeKind, by: audit.Actor, now: datetime, role: Role | None = None) -> None:
    """Tell somebody what happened to their own account."""
    tell_readers([account.person], account.person, kind, by, now, role)


def tell_owner_and_directors(account: Account, kind: NoticeKind, by: audit.Actor, now: datetime) -> None:
    """Tell the owner, and each director."""
    others = [one for one in permissions.list_role_holders(Role.DIRECTOR) if one.id != account.person_id]
    tell_readers([account.person, *others], account.person, kind, by, now)


def tell_readers(
    readers: Iterable[Person],
    person: Person,
    kind: NoticeKind,
    by: audit.Actor,
    now: datetime,
    role: Role | None = None,
) -> None:
    """Tell people something about a person's account; nobody is told of what they did themselves, but by mail."""
    with write():
        for reader in readers:
            own = isinstance(by, Person) and by.id == reader.id
            AccountNotice.create(
                reader=reader,
                person=person,
                kind=kind,
                role=role,
                by=by if isinstance(by, Person) else None,
                at=now,
                read_at=now if own else None,
            )


def count_unread_notices(reader: Person) -> int:
    """How much somebody was told and has not yet said to know."""
    return AccountNotice.select().where(AccountNotice.reader == reader, AccountNotice.read_at.is_null()).count()


def list_latest_notices(reader: Person, number: int = 10) -> list[AccountNotice]:
    """What somebody was told last, read or not."""
    return list(_select_notices(reader).limit(number))


def mark_notice_read(reader: Person, key: int, now: datetime) -> None:
    """The reader knows."""
    notice = get_or_refuse(AccountNotice.select().where(AccountNotice.reader == reader), key)
    with write():
        AccountNotice.update(read_at=now).where(
            AccountNotice.id == notice.id, AccountNotice.read_at.is_null()
        ).execute()


def _select_notices(reader: Person) -> ModelSelect[AccountNotice]:
    About, By = Person.alias(), Person.alias()
    query = AccountNotice.select(AccountNotice, About, By).join(About, on=AccountNotice.person)
    query = query.join_from(AccountNotice, By, JOIN.LEFT_OUTER, on=AccountNotice.by)
    return query.where(AccountNotice.reader == reader).order_by(AccountNotice.id.desc())
