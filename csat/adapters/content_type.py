"""What an uploaded file really is, by its content alone: PDF, PNG, JPEG, an office file without macros, or refused."""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from csat.words import N_

MOST_PARTS = 5_000
MOST_UNPACKED = 200 * 1024 * 1024  # bytes of an office file: more is no document but a bomb
LONGEST_NAME = 120

OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."


@dataclass(frozen=True)
class FileKind:
    """What a file is: its media type, and how its name may end, the usual ending first."""

    media_type: str
    endings: tuple[str, ...]


PDF = FileKind("application/pdf", (".pdf",))
PNG = FileKind("image/png", (".png",))
JPEG = FileKind("image/jpeg", (".jpg", ".jpeg"))
MAIN_PARTS = {
    "wordprocessingml.document": ".docx",
    "spreadsheetml.sheet": ".xlsx",
    "presentationml.presentation": ".pptx",
}
BY_MAIN_PART = {f"{OOXML}{part}": FileKind(f"{OOXML}{part}", (ending,)) for part, ending in MAIN_PARTS.items()}
MIMETYPES = {"text": ".odt", "spreadsheet": ".ods", "presentation": ".odp"}
BY_MIMETYPE = {f"{ODF}{name}": FileKind(f"{ODF}{name}", (ending,)) for name, ending in MIMETYPES.items()}
FILE_KINDS = (PDF, PNG, JPEG, *BY_MAIN_PART.values(), *BY_MIMETYPE.values())
ACCEPTED_ENDINGS = ",".join(ending for kind in FILE_KINDS for ending in kind.endings)

UNKNOWN = N_(
    "This kind of file is not taken. Please choose a PDF, a picture (PNG or JPEG) or an office file "
    "(docx, xlsx, pptx, odt, ods, odp)."
)
EMPTY = N_("This file is empty.")
BROKEN = N_("This file is damaged or not whole. Please choose a whole one.")
OLD = N_("Old and password-protected office files cannot be checked. Please save it as docx, xlsx or PDF.")
MACROS = N_("This office file holds macros or scripts. Please save it without them, or as PDF.")
BOMB = N_("Unpacked, this file would be too large. Please save it as PDF.")


class FileRefused(Exception):
    """A file that is not taken: a msgid that says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def recognise_file(content: bytes) -> FileKind:
    """What a file is, by its content; raise FileRefused."""
    if not content:
        raise FileRefused(EMPTY)
    if content.startswith(b"%PDF-"):
        return _whole(PDF, b"%%EOF" in content[-2048:])
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _whole(PNG, _png_ends(content))
    if content.startswith(b"\xff\xd8\xff"):
        return _whole(JPEG, b"\xff\xd9" in content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(OLD)
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    raise FileRefused(UNKNOWN)


def clean_file_name(name: str, kind: FileKind) -> str:
    """A file's own name without folders, controls and tricks, ending as what it is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in last)
    tidy = re.sub(r'[<>:"|?*%;]+', "_", " ".join(shown.split())).strip(" .")
    if PurePosixPath(tidy).suffix.lower() not in kind.endings:
        tidy = f"{tidy or 'file'}{kind.endings[0]}"
    ending = PurePosixPath(tidy).suffix
    return f"{tidy[: -len(ending)][: LONGEST_NAME - len(ending)] or 'file'}{ending}"


def _whole(kind: FileKind, whole: bool) -> FileKind:
    if not whole:
        raise FileRefused(BROKEN)
    return kind


def _png_ends(content: bytes) -> bool:
    """Whether the chunks of a picture go on, head first, to its end."""
    place = 8
    while place + 12 <= len(content):
        length, name = struct.unpack_from(">I4s", content, place)
        if (place == 8) != (name == b"IHDR"):
            return False
        if name == b"IEND":
            return True
        place += 12 + length
    return False


# --- office files --------------------------------------------------------------------------------------


def _office(content: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = _names(archive)
            kind = _of_odf(archive, names) if "mimetype" in names else _of_ooxml(archive, names)
            _read_through(archive)
            return kind
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error) as broken:
        raise FileRefused(BROKEN) from broken
    except (RuntimeError, NotImplementedError) as locked:  # a password, or a packing no office uses
        raise FileRefused(OLD) from locked


def _names(archive: zipfile.ZipFile) -> set[str]:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise FileRefused(BOMB)
    if any(part.flag_bits & 1 for part in parts):
        raise FileRefused(OLD)
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise FileRefused(UNKNOWN)
    names = {part.filename for part in parts}
    # Which of two parts of one name is read differs from program to program; to some, cases are alike.
    if len({name.casefold() for name in names}) != len(parts):
        raise FileRefused(BROKEN)
    return names


def _of_ooxml(archive: zipfile.ZipFile, names: set[str]) -> FileKind:
    """By the types its parts are declared to have."""
    if "[Content_Types].xml" not in names:
        raise FileRefused(UNKNOWN)
    declared = _head(archive, "[Content_Types].xml", 4 * 1024 * 1024)
    # References, and letters of two bytes each, could hide a word from us.
    if any(hiding in declared for hiding in (b"<!", b"&#", b"\0")):
        raise FileRefused(UNKNOWN)
    low = declared.lower()
    hidden = any(name.lower().endswith("vbaproject.bin") for name in names)  # there, whatever is declared
    if hidden or any(word in low for word in (b"macro", b"vbaproject", b"activex")):
        raise FileRefused(MACROS)
    for main, kind in BY_MAIN_PART.items():
        if f"{main}.main+xml".encode() in declared:
            return kind
    raise FileRefused(UNKNOWN)


def _of_odf(archive: zipfile.ZipFile, names: set[str]) -> FileKind:
    kind = BY_MIMETYPE.get(_head(archive, "mimetype", 200).decode("ascii", "replace").strip())
    if kind is None:
        raise FileRefused(UNKNOWN)
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise FileRefused(MACROS)
    return kind


def _head(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    with archive.open(name) as part:
        found = part.read(most + 1)
    if len(found) > most:
        raise FileRefused(UNKNOWN)
    return found


def _read_through(archive: zipfile.ZipFile) -> None:
    """Read every part to its end: what is cut short or lies about its size shows by its checksum."""
    for part in archive.infolist():
        with archive.open(part) as content:
            while content.read(1024 * 1024):
                pass
