"""Files kept outside the web root, under random names that only their owner is allowed to read."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO


def keep_file(folder: Path, content: bytes) -> str:
    """Write a new file durably; return its place, a random name."""
    place = secrets.token_hex(16)
    write_once(_path(folder, place), content)
    return place


def adopt_file(folder: Path, made: Path) -> str:
    """Keep a file that was written beside this folder's others, without reading it; return its place."""
    place = secrets.token_hex(16)
    target = _path(folder, place)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made.chmod(0o600)
    with made.open("rb") as content:
        os.fsync(content.fileno())
    made.rename(target)
    return place


def open_file(folder: Path, place: str) -> IO[bytes]:
    """A kept file to read from, a piece at a time."""
    return _path(folder, place).open("rb")


def read_file(folder: Path, place: str) -> bytes:
    """The content of a kept file."""
    return _path(folder, place).read_bytes()


def delete_file(folder: Path, place: str) -> None:
    """Delete a kept file; harmless when it is gone already."""
    _path(folder, place).unlink(missing_ok=True)


def delete_files(folder: Path, places: Iterable[str]) -> None:
    """Delete kept files; harmless for those that are gone already."""
    for place in places:
        delete_file(folder, place)


def delete_leftovers(folder: Path, prefix: str, before: datetime) -> int:
    """Delete unfinished folders of this prefix that nobody has touched since; return how many."""
    left = [one for one in folder.glob(f"{prefix}*") if one.stat().st_mtime < before.timestamp()]
    for one in left:
        shutil.rmtree(one, ignore_errors=True)
    return len(left)


def write_once(place: Path, content: bytes) -> None:
    """Write a new file that only its owner can read; leave it alone if somebody was faster."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        with create_private_file(fresh) as target:
            target.write(content)
        with suppress(FileExistsError):
            os.link(fresh, place)  # unlike a rename, a link never replaces what is there
    finally:
        fresh.unlink()


@contextmanager
def create_private_file(place: Path) -> Iterator[IO[bytes]]:
    """A new file that only its owner can read, on the disk when the block ends."""
    handle = os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as target:
        yield target
        target.flush()
        os.fsync(target.fileno())


def hash_file(place: Path) -> str:
    """The SHA-256 of a file, read a piece at a time."""
    with place.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _path(folder: Path, place: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{32}", place):
        raise ValueError(f"{place!r} is no place of a kept file")
    return folder / place[:2] / place
