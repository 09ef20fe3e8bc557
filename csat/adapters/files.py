"""Files kept outside the web root, under random names that only their owner is allowed to read."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from csat.adapters.keys import write_once


def keep(folder: Path, content: bytes) -> str:
    """Write a new file durably; return its place, a random name."""
    place = secrets.token_hex(16)
    write_once(_path(folder, place), content)
    return place


def read(folder: Path, place: str) -> bytes:
    """The content of a kept file."""
    return _path(folder, place).read_bytes()


def forget(folder: Path, place: str) -> None:
    """Delete a kept file; harmless when it is gone already."""
    _path(folder, place).unlink(missing_ok=True)


def _path(folder: Path, place: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{32}", place):
        raise ValueError(f"{place!r} is no place of a kept file")
    return folder / place[:2] / place
