"""Tables that people bring, CSV and XLSX: text out, each row with the line it starts on."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl import load_workbook

from csat.words import N_

MOST_COLUMNS = 100
MOST_LINES = 100_000
MOST_UNPACKED = 100 * 1024 * 1024  # bytes of an XLSX: more is no table but a bomb
DELIMITERS = ",;\t|"


class TableUnreadable(Exception):
    """A file that is no table we can read; `facts` fill the sentence."""

    def __init__(self, sentence: str, **facts: object) -> None:
        super().__init__(sentence)
        self.sentence, self.facts = sentence, facts

    def __str__(self) -> str:
        return self.sentence % self.facts if self.facts else self.sentence


@dataclass(frozen=True)
class UploadedTable:
    """The headings, and the rows that say something, each with the line it starts on."""

    head: list[str]
    rows: list[tuple[int, list[str]]]


def read_table(content: bytes, most_rows: int) -> UploadedTable:
    """Read a CSV or XLSX file by what it is, not by its name; raise TableUnreadable."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableUnreadable(N_("This is an old .xls file. Please save it as .xlsx or CSV and try again."))
    lines = _of_xlsx(content) if content.startswith(b"PK") else _of_csv(_text(content))
    filled = ((line, cells) for line, cells in lines if any(cells))
    head = next(filled, None)
    if head is None:
        raise TableUnreadable(N_("The file is empty."))
    return UploadedTable(head[1][:MOST_COLUMNS], list(_at_most(filled, most_rows)))


def _at_most(rows: Iterable[tuple[int, list[str]]], most: int) -> Iterator[tuple[int, list[str]]]:
    for count, row in enumerate(rows):
        if count >= most:
            raise TableUnreadable(N_("The file has more than %(most)s rows. Please split it."), most=most)
        yield row


def _text(content: bytes) -> str:
    """The text of a file: UTF-8 with or without a mark, UTF-16 with one, else GB18030."""
    # GB18030 last: it can decode nearly anything, and Chinese Excel writes it
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise TableUnreadable(N_("This is no table we can read. Please save it as .xlsx, or as CSV in UTF-8."))


def _of_csv(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)  # Excel writes ; where a comma is the decimal mark
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    starts = 1
    try:
        for cells in reader:
            yield starts, _trimmed([cell.strip() for cell in cells])
            starts = reader.line_num + 1
    except csv.Error as error:
        sentence = N_("Line %(line)s cannot be read: its quotation marks do not match.")
        raise TableUnreadable(sentence, line=starts) from error


def _of_xlsx(content: bytes) -> Iterator[tuple[int, list[str]]]:
    unreadable = TableUnreadable(N_("This .xlsx file cannot be read. Please save it anew, or as CSV in UTF-8."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise unreadable
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which we do not read
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of its own size may be wrong
            for line, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1):
                if line > MOST_LINES:  # a file can claim millions of blank ones
                    raise unreadable
                yield line, _trimmed([_cell(cell) for cell in cells])
    except TableUnreadable:
        raise
    except Exception as error:  # openpyxl raises whatever its XML and zip readers do
        raise unreadable from error


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a telephone number that Excel took for a number
    if isinstance(value, datetime) and not value.time():
        value = value.date()
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value).strip()
