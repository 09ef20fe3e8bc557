"""What all tables share: the store, and the kinds of column that are ours."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from peewee import BigIntegerField, CharField, Model, TextField

from csat.database import store

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Table(Model):
    """A table of the store."""

    if TYPE_CHECKING:  # what Peewee adds by itself: the key, `client_id` beside `client`, back references
        id: Any

        def __getattr__(self, name: str) -> Any: ...

    class Meta:
        database = store
        legacy_table_names = False


class InstantField(BigIntegerField):
    """An instant: microseconds since 1970 in the store, aware UTC in Python; naive times are refused."""

    def db_value(self, value: Any) -> Any:
        if value is None or isinstance(value, int):
            return value
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return (value - EPOCH) // MICROSECOND

    def python_value(self, value: Any) -> Any:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class CodeField(CharField):
    """One of a fixed list of short codes: text in the store, the enumeration in Python."""

    def __init__(self, codes: type[StrEnum], **options: Any) -> None:
        self.codes = codes
        super().__init__(max_length=24, **options)

    def db_value(self, value: Any) -> Any:
        return None if value is None else self.codes(value).value

    def python_value(self, value: Any) -> Any:
        return None if value is None else self.codes(value)


class JsonField(TextField):
    """Canonical JSON text (sorted keys, no spaces): kept and shown, never queried."""

    def db_value(self, value: Any) -> Any:
        return None if value is None else canonical(value)

    def python_value(self, value: Any) -> Any:
        return None if value is None else json.loads(value)


class Localised(dict):
    """A text in our languages, {"zh": …, "en": …}."""

    def in_(self, locale: str) -> str:
        """The text in the language asked for, or in the other one rather than nothing."""
        return self.get(locale) or self.get("zh") or self.get("en") or ""


class LocalisedField(JsonField):
    """A text in both languages."""

    def python_value(self, value: Any) -> Any:
        return None if value is None else Localised(json.loads(value))


def canonical(value: Any) -> str:
    """The one way to write a value as JSON text, so that equal values have equal bytes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def random_key() -> int:
    """63 random bits: a key that says nothing about when or in which order (design, 'Keys')."""
    return secrets.randbits(63)
