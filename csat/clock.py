"""The only clock. Rules receive `now`; pages, commands and jobs ask here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, tzinfo

_standing: datetime | None = None
_zone: tzinfo = UTC


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _standing or datetime.now(UTC)


def set_zone(zone: tzinfo) -> None:
    """Say where the provider is, as the configuration has it: beside opening the store."""
    global _zone
    _zone = zone


def local_day(instant: datetime) -> date:
    """The day of an instant where the provider is: for rules that are asked without a zone."""
    return instant.astimezone(_zone).date()


@contextmanager
def freeze_at(instant: datetime) -> Iterator[None]:
    """Let the clock stand still at an aware instant: for tests and for the demo's story."""
    global _standing
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    before, _standing = _standing, instant.astimezone(UTC)
    try:
        yield
    finally:
        _standing = before
