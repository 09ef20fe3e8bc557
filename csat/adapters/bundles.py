"""Bundles: zip files whose manifest names every file with its SHA-256, written and checked piece by piece."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

MANIFEST, LISTING = "manifest.json", "manifest.txt"
LARGEST_MANIFEST = 4 * 1024**2
CHUNK_SIZE = 1024**2
FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # a zip's own times say nothing here; equal input gives equal bytes
Manifest = dict[str, Any]
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class NotABundle(Exception):
    """This file is no bundle of ours: no zip, or without a manifest that can be read."""


class BundleWriter:
    """Writes a bundle: files first, then the manifest that names them all."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self.files: list[dict[str, object]] = []

    def add(self, name: str, content: bytes) -> None:
        """Put a file into the bundle."""
        self.copy(name, io.BytesIO(content))

    def copy(self, name: str, source: IO[bytes]) -> None:
        """Put a file into the bundle that may be larger than memory."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(_entry(name), "w", force_zip64=True) as inside:
            while piece := source.read(CHUNK_SIZE):
                inside.write(piece)
                digest.update(piece)
                size += len(piece)
        self.files.append({"name": name, "size": size, "sha256": digest.hexdigest()})

    def close(self, facts: Mapping[str, object], remarks: Iterable[str]) -> str:
        """End the bundle with its manifest and the listing for `sha256sum -c`; the manifest's SHA-256."""
        text = encode_manifest({**facts, "files": self.files, "remarks": list(remarks)})
        with self._zip:
            self._zip.writestr(_entry(MANIFEST), text)
            self._zip.writestr(_entry(LISTING), format_listing(json.loads(text), text))
        return hashlib.sha256(text).hexdigest()


def encode_manifest(manifest: Mapping[str, object]) -> bytes:
    """The one way to write a manifest, so that its SHA-256 is of what it says."""
    return json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def format_listing(manifest: Manifest, text: bytes) -> str:
    """What `sha256sum -c` reads: every file with its sum, below what a person should know."""
    lines = [f"# {remark}" for remark in manifest["remarks"]]
    sums = [*manifest["files"], {"name": MANIFEST, "sha256": hashlib.sha256(text).hexdigest()}]
    return "\n".join([*lines, *(f"{one['sha256']}  {one['name']}" for one in sums)]) + "\n"


@dataclass
class CheckedBundle:
    """What a bundle says of itself, and the names of the files that are not what it says."""

    manifest: Manifest
    sha256: str
    wrong: list[str] = field(default_factory=list)


def check_bundle(place: Path) -> CheckedBundle:
    """Hold every file of a bundle against its manifest; raise NotABundle for anything else."""
    try:
        with zipfile.ZipFile(place) as bundle:
            text = _manifest_of(bundle)
            checked = CheckedBundle(_parse_manifest(text), hashlib.sha256(text).hexdigest())
            checked.wrong = sorted(_wrong(bundle, checked.manifest, text))
    except (*UNREADABLE, KeyError, TypeError, ValueError) as error:
        raise NotABundle(str(place)) from error
    return checked


def read_table_rows(place: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of a table of a bundle that was found whole."""
    with zipfile.ZipFile(place) as bundle, bundle.open(name) as inside:
        yield from csv.DictReader(io.TextIOWrapper(inside, "utf-8-sig", newline=""))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, FIXED_TIME)
    entry.create_system, entry.external_attr = 3, 0o600 << 16
    # A PDF is packed already.
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(".pdf") else zipfile.ZIP_DEFLATED
    return entry


def _manifest_of(bundle: zipfile.ZipFile) -> bytes:
    if bundle.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise NotABundle(MANIFEST)
    return bundle.read(MANIFEST)


def _parse_manifest(text: bytes) -> Manifest:
    manifest = json.loads(text)
    if not isinstance(manifest, dict) or encode_manifest(manifest) != text:
        raise NotABundle(MANIFEST)
    names = [one["name"] for one in manifest["files"]]
    if len(set(names)) != len(names) or not all(isinstance(name, str) for name in names):
        raise NotABundle(MANIFEST)
    return cast(Manifest, manifest)


def _wrong(bundle: zipfile.ZipFile, manifest: Manifest, text: bytes) -> set[str]:
    """Files that were changed, taken out, put in, or stand in it twice."""
    said = {one["name"]: one for one in manifest["files"]}
    there = [entry.filename for entry in bundle.infolist()]
    wrong = {name for name in there if there.count(name) > 1 or name not in (*said, MANIFEST, LISTING)}
    wrong |= (said.keys() | {LISTING}) - set(there)
    wrong |= {name for name in said if name in there and not _fits(bundle, name, said[name])}
    expected = format_listing(manifest, text).encode()
    sums = {"size": len(expected), "sha256": hashlib.sha256(expected).hexdigest()}
    if LISTING in there and not _fits(bundle, LISTING, sums):
        wrong.add(LISTING)
    return wrong


def _fits(bundle: zipfile.ZipFile, name: str, said: Mapping[str, Any]) -> bool:
    """Whether a file has the size and sum of the manifest; no more of it is read than that size."""
    digest, size = hashlib.sha256(), 0
    try:
        with bundle.open(name) as inside:
            while size <= said["size"] and (piece := inside.read(CHUNK_SIZE)):
                digest.update(piece)
                size += len(piece)
    except UNREADABLE:  # the zip's own checksum does not fit, or what is packed cannot be unpacked
        return False
    return size == said["size"] and digest.hexdigest() == said["sha256"]
