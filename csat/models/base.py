"""What all tables share: the store, and the kinds of column that are ours."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeAlias, TypeVar, overload

from peewee import BigIntegerField, CharField, ColumnBase, Field, IntegerField, Model, ModelSelect, TextField

from csat.database import store

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Condition: TypeAlias = ColumnBase  # what `where` takes
Rows: TypeAlias = "ModelSelect[Any]"  # what is read as tuples of whatever was asked for
Json: TypeAlias = dict[str, Any]  # an object out of JSON or TOML, used as it was read

V = TypeVar("V")
Code = TypeVar("Code", bound=StrEnum)


class Table(Model):
    """A table of the store.

    Peewee adds by itself: the key, `client_id` beside `client`, back references. What is read of them stands
    in each table as an annotation without a value: Peewee passes it over, mypy reads it.
    """

    id: IntegerField[int]

    class Meta:
        database = store
        legacy_table_names = False


class TypedField(Field, Generic[V]):
    """A column whose value mypy knows: V, or V | None where it may be empty."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: object) -> Self: ...
        @overload
        def __get__(self, instance: object, owner: object) -> V: ...
        def __get__(self, instance: object, owner: object) -> object: ...
        def __set__(self, instance: object, value: V) -> None: ...


class InstantField(TypedField[V], BigIntegerField):
    """An instant: microseconds since 1970 in the store, aware UTC in Python; naive times are refused."""

    if TYPE_CHECKING:

        @overload
        def __init__(self: InstantField[datetime], *, null: Literal[False] = ..., **more: object) -> None: ...
        @overload
        def __init__(self: InstantField[datetime | None], *, null: Literal[True], **more: object) -> None: ...
        def __init__(self, **more: object) -> None: ...

    def db_value(self, value: datetime | int | None) -> int | None:
        if value is None or isinstance(value, int):
            return value
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return (value - EPOCH) // MICROSECOND

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class CodeField(TypedField[V], CharField):
    """One of a fixed list of short codes: text in the store, the enumeration in Python."""

    @overload
    def __init__(self: CodeField[Code], codes: type[Code], *, null: Literal[False] = ..., **more: object) -> None: ...
    @overload
    def __init__(self: CodeField[Code | None], codes: type[Code], *, null: Literal[True], **more: object) -> None: ...
    def __init__(self, codes: type[StrEnum], **more: object) -> None:
        self.codes = codes
        super().__init__(max_length=24, **more)  # room for longer codes without a migration

    def db_value(self, value: str | None) -> str | None:
        return None if value is None else self.codes(value).value

    def python_value(self, value: str | None) -> StrEnum | None:
        return None if value is None else self.codes(value)


class JsonField(TextField):
    """Canonical JSON text (sorted keys, no spaces): kept and shown, never queried."""

    def db_value(self, value: object) -> str | None:
        return None if value is None else canonical(value)

    def python_value(self, value: str | None) -> object:
        return None if value is None else json.loads(value)


class Localised(dict[str, str]):
    """A text in our languages, {"zh": …, "en": …}."""

    def in_(self, locale: str) -> str:
        """The text in the language asked for, or in the other one rather than nothing."""
        return self.get(locale) or self.get("zh") or self.get("en") or ""


class LocalisedField(TypedField[Localised], JsonField):
    """A text in both languages."""

    def python_value(self, value: str | None) -> Localised | None:
        return None if value is None else Localised(json.loads(value))


def expect_value(value: V | None) -> V:
    """What a row has by what it is, though the column is empty in others: what closed has its instant."""
    if value is None:
        raise ValueError("a column is empty that cannot be, by what its row is")
    return value


def canonical(value: object) -> str:
    """The one way to write a value as JSON text, so that equal values have equal bytes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def random_key() -> int:
    """63 random bits: a key that says nothing about when or in which order (design, 'Keys')."""
    return secrets.randbits(63)  # BIGINT has a sign
