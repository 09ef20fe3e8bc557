"""Files as people bring them, small and whole; and the ways in which they go wrong."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

from csat.config import Config

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
MADE = (2026, 9, 14, 10, 0, 0)  # the same bytes at any time: names of tests may be made of them
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
MAIN = {"docx": "wordprocessingml.document", "xlsx": "spreadsheetml.sheet", "pptx": "presentationml.presentation"}
ODF = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}


def a_png() -> bytes:
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks)


def an_ooxml(ending: str = "docx", more_types: str = "", **parts: bytes) -> bytes:
    """An office file of Microsoft's kind; `parts` are more files inside, by name with _ for /."""
    main = f"application/vnd.openxmlformats-officedocument.{MAIN[ending]}.main+xml"
    types = f'<?xml version="1.0"?><Types><Override PartName="/x" ContentType="{main}"/>{more_types}</Types>'
    return zipped({"[Content_Types].xml": types.encode(), "x": b"<x/>", **_named(parts)})


def an_odf(ending: str = "odt", **parts: bytes) -> bytes:
    """An office file of the open kind."""
    kind = f"application/vnd.oasis.opendocument.{ODF[ending]}".encode()
    return zipped({"mimetype": kind, "content.xml": b"<x/>", **_named(parts)})


def zipped(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in parts.items():
            archive.writestr(zipfile.ZipInfo(name, MADE), inside, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def kept_files(config: Config) -> list[Path]:
    """Every file that the store keeps beside its tables."""
    return [place for place in config.files.rglob("*") if place.is_file()]


def _named(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {name.replace("__", "/").replace("_dot_", "."): inside for name, inside in parts.items()}


def _chunk(name: bytes, inside: bytes) -> bytes:
    return struct.pack(">I", len(inside)) + name + inside + struct.pack(">I", zlib.crc32(name + inside))
