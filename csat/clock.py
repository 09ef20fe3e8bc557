"""The only clock. Rules receive `now`; pages, commands and jobs ask here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_standing: datetime | None = None


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _standing or datetime.now(UTC)


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
