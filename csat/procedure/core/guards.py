"""The checks that every step begins with: is there such a record, and is something written?"""

from __future__ import annotations

from typing import TypeVar

from peewee import ModelSelect

from csat.models.base import Condition, Table
from csat.models.clients import Client
from csat.procedure.core.refusals import NameTaken, NotFound, ValueMissing

T = TypeVar("T", bound=Table)
V = TypeVar("V")

LARGEST_KEY = 2**63 - 1


def need_text(text: str, field: str = "reason") -> str:
    """What is written, without space around it; raise ValueMissing at its field when it is blank."""
    if not text.strip():
        raise ValueMissing(field=field)
    return text.strip()


def need_free_name(table: type[Client], name: str, own: Table | None = None) -> str:
    """A name that no other record of the table has; raise ValueMissing or NameTaken."""
    name = need_text(name, "name")
    if table.select().where(table.name == name, table.id != (own.id if own else 0)).exists():  # no key is 0
        raise NameTaken(field="name", name=name)
    return name


def is_key(number: int) -> bool:
    """Whether a number can be a key at all."""
    # Beyond the store's range SQLite raises OverflowError, and PostgreSQL breaks off the transaction.
    return 0 < number <= LARGEST_KEY


def get_or_refuse(rows: type[T] | ModelSelect[T], *which: int | Condition) -> T:
    """The record of a table or query with this key, or for which these conditions hold; raise NotFound."""
    query: ModelSelect[T] = rows.select() if isinstance(rows, type) else rows
    if not all(is_key(one) for one in which if isinstance(one, int)):
        raise NotFound
    conditions = (query.model.id == one if isinstance(one, int) else one for one in which)
    return found_or_refuse(query.where(*conditions).first())


def found_or_refuse(found: V | None) -> V:
    """What a search found; raise NotFound when it found nothing."""
    if found is None:
        raise NotFound
    return found
