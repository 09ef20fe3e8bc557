"""A back-up as one file: store, kept files, then the manifest with all checksums, in a tar encrypted as a stream."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import secrets
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from csat.adapters.backup_cipher import CHUNK, KEY_BYTES, MAGIC, BackupCorrupt, KeyAbsent, OpeningStream, SealingStream
from csat.adapters.files import create_private_file, hash_file, write_once
from csat.words import N_

STORE, MANIFEST = "store.sqlite", "manifest.json"
KEPT_FILE = re.compile(r"files/[0-9a-f]{2}/[0-9a-f]{32}")

Manifest = dict[str, Any]


class ForeignFile(Exception):
    """A file stands where the back-up should go, and it is none."""


@dataclass(frozen=True)
class BackupPart:
    """A file that goes into a back-up: its name there, and its opened content."""

    name: str
    content: IO[bytes]


@dataclass(frozen=True)
class WrittenBackup:
    """A back-up that was written: how large, and its checksum."""

    size: int
    sha256: str


def find_copy_problem(folder: str, apart: tuple[Path, ...]) -> str:
    """Why back-ups cannot be copied to a folder: a msgid, or '' when they can ('' is no folder at all)."""
    place = Path(folder)
    if not folder:
        return ""
    if not place.is_absolute():
        return N_("Please enter the whole path, beginning with /.")
    if any(place.resolve().is_relative_to(other.resolve()) for other in apart):
        return N_("Please choose a folder apart from the store and from the keys.")
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return N_("The server cannot write to this folder. It must exist and belong to the service.")
    return ""


# --- the key -----------------------------------------------------------------------------------------


def locate_key(folder: Path) -> Path:
    """Where the back-up key lies: a line of 64 letters and digits that can be printed and typed."""
    return folder / "backup_key"


def load_or_create_key(folder: Path) -> bytes:
    """The back-up key, made at first use."""
    if not locate_key(folder).exists():
        write_once(locate_key(folder), secrets.token_bytes(32).hex().encode() + b"\n")
    return load_key(folder)


def load_key(folder: Path) -> bytes:
    """The back-up key; raise KeyAbsent."""
    try:
        key = bytes.fromhex(locate_key(folder).read_text("ascii"))
    except (FileNotFoundError, ValueError) as absent:
        raise KeyAbsent(str(locate_key(folder))) from absent
    if len(key) != KEY_BYTES:
        raise KeyAbsent(str(locate_key(folder)))
    return key


# --- writing -----------------------------------------------------------------------------------------


def write_backup(target: Path, key: bytes, parts: Iterable[BackupPart], facts: Manifest) -> WrittenBackup:
    """Write a back-up, read it again, and only then give it its name; raise ForeignFile."""
    with _replaced_when_whole(target) as fresh:
        with create_private_file(fresh) as file:
            sealing = SealingStream(file, key)
            _pack(sealing, parts, facts)
            sealing.finish()
        read_backup(fresh, key)  # a back-up that nobody can read would be found when it is too late
        return WrittenBackup(fresh.stat().st_size, hash_file(fresh))


def refuse_foreign_file(target: Path) -> None:
    """Raise ForeignFile when something else than a back-up has this name."""
    if target.is_dir():
        raise ForeignFile(str(target))
    if target.exists():
        with target.open("rb") as known:
            if known.read(len(MAGIC)) != MAGIC:
                raise ForeignFile(str(target))


def copy_backup(source: Path, folder: Path) -> Path:
    """Copy a back-up into a second folder, complete or not at all; compare what arrived."""
    target = folder / source.name
    with _replaced_when_whole(target) as fresh:
        with source.open("rb") as there, create_private_file(fresh) as here:
            shutil.copyfileobj(there, here, CHUNK)
        if hash_file(fresh) != hash_file(source):
            raise BackupCorrupt(str(fresh))
    return target


@contextmanager
def _replaced_when_whole(target: Path) -> Iterator[Path]:
    """A place beside a back-up's own, which it takes when the block ends well; raise ForeignFile."""
    refuse_foreign_file(target)
    fresh = target.with_name(f"{target.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        yield fresh
        os.replace(fresh, target)
        handle = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)  # a new name is safe only when its folder is on the disk too
        finally:
            os.close(handle)
    finally:
        fresh.unlink(missing_ok=True)


def _pack(sealing: SealingStream, parts: Iterable[BackupPart], facts: Manifest) -> None:
    sums = {}
    with tarfile.open(fileobj=sealing, mode="w|", bufsize=CHUNK) as archive:
        for part in parts:
            with part.content:
                info = tarfile.TarInfo(part.name)
                info.size = os.fstat(part.content.fileno()).st_size
                content = _Hashing(part.content)
                archive.addfile(info, content)
            sums[part.name] = {"size": info.size, "sha256": content.hexdigest()}
        text = json.dumps({**facts, "parts": sums}, ensure_ascii=False, sort_keys=True).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))


class _Hashing(io.RawIOBase):
    """Takes the checksum of what is read from a file."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._sum = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._source.read(size)
        self._sum.update(content)
        return content

    def hexdigest(self) -> str:
        return self._sum.hexdigest()


# --- reading -----------------------------------------------------------------------------------------


def read_backup(place: Path, key: bytes, into: Path | None = None) -> Manifest:
    """Read a whole back-up, into a folder if told; check every checksum. Raise KeyAbsent or BackupCorrupt."""
    with place.open("rb") as source:
        opening = OpeningStream(source, key)
        try:
            manifest, sums = _unpack(opening, into)
            opening.drain()
        except (tarfile.TarError, ValueError, EOFError) as broken:
            raise BackupCorrupt(str(place)) from broken
    if manifest is None or manifest.get("parts") != sums or STORE not in sums:
        raise BackupCorrupt(str(place))
    return manifest


def _unpack(opening: OpeningStream, into: Path | None) -> tuple[Manifest | None, dict[str, Any]]:
    manifest, sums = None, {}
    with tarfile.open(fileobj=opening, mode="r|", bufsize=CHUNK) as archive:
        for info in archive:
            content = archive.extractfile(info)
            if content is None or manifest is not None:
                raise ValueError(info.name)
            if info.name == MANIFEST:
                manifest = json.load(content)
            elif info.name == STORE or KEPT_FILE.fullmatch(info.name):
                sums[info.name] = _read_part(content, into and into / info.name)
            else:
                raise ValueError(info.name)
    return manifest, sums


def _read_part(content: IO[bytes], place: Path | None) -> dict[str, object]:
    """Read a part to its end, and put it into its place if it has one."""
    source, size = _Hashing(content), 0
    if place is not None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with nullcontext() if place is None else create_private_file(place) as target:
        while block := source.read(CHUNK):
            size += len(block)
            if target is not None:
                target.write(block)
    return {"size": size, "sha256": source.hexdigest()}
