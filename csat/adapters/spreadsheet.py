"""Tables that people take with them, XLSX and CSV: written row by row, so that their size costs no memory."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

FORMULA = tuple("=+-@")
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # and what turns text round
UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
MOST_ROWS = 1_048_575  # of a sheet, below its heading: what is more goes on in another sheet
LONGEST_CELL = 32_000  # of a cell, as Excel counts characters (UTF-16); it takes 32,767
LONGEST_NAME = 31  # of a sheet's name, counted likewise
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")

CellKind = Literal["text", "number", "decimal", "share", "instant", "day"]
Cells = Sequence[Any]
RowsDone = Callable[[int], None]  # told how many rows are done

TOP: dict[str, object] = {"valign": "top"}
FORMATS: dict[str, dict[str, object]] = {
    "text": {**TOP, "text_wrap": True},
    "number": {**TOP, "num_format": "#,##0"},
    "decimal": {**TOP, "num_format": "0.0"},
    "share": {**TOP, "num_format": "0.0%"},
    "instant": {**TOP, "num_format": "yyyy-mm-dd hh:mm", "align": "left"},
    "day": {**TOP, "num_format": "yyyy-mm-dd", "align": "left"},
    "heading": {**TOP, "text_wrap": True, "bold": True, "bottom": 1, "bg_color": "#EEF1F4"},
    "title": {**TOP, "bold": True, "font_size": 14},
    "strong": {**TOP, "bold": True},
}
DECIMALS = 6  # of what a CSV writes out: more would be noise
TIMES = {"instant": "%Y-%m-%d %H:%M", "day": "%Y-%m-%d"}


@dataclass(frozen=True)
class Column:
    """A heading and what stands below it: shares are 0–1, instants local times without a zone."""

    title: str
    kind: CellKind = "text"
    width: int = 14  # characters


@dataclass(frozen=True)
class Sheet:
    """A table; its rows are taken once, one after another. None is an empty cell."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Cells]


@dataclass(frozen=True)
class Workbook:
    """A workbook: what its first sheet says of it, and its tables."""

    title: str
    about: tuple[str, Sequence[tuple[str, str]]]  # the first sheet's name, and its lines
    sheets: Iterable[Sheet]
    made_at: datetime
    by: str


def neutralise_formula(text: str) -> str:
    """A text that no spreadsheet takes for a formula and every file can carry: `'` goes before what looks like one."""
    text = _cut(UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text), LONGEST_CELL)
    shown = UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    risky = shown.startswith(("\t", "\n")) or _first(shown).startswith(FORMULA)
    return f"'{shown}" if risky else shown


def _first(text: str) -> str:
    """The first character that is seen, of full-width and other twins the plain one."""
    seen = (one for one in text if not one.isspace() and unicodedata.category(one) not in ("Cc", "Cf"))
    return unicodedata.normalize("NFKC", next(seen, ""))


def write_xlsx(target: Path, book: Workbook, reached: RowsDone) -> int:
    """Write a workbook and return how many rows its tables have; rows wait on disk beside the target."""
    options = {
        "constant_memory": True,
        "tmpdir": str(target.parent),
        **dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False),
    }
    rows = 0
    with xlsxwriter.Workbook(str(target), options) as workbook:
        said = {"title": neutralise_formula(book.title), "author": neutralise_formula(book.by)}
        workbook.set_properties({**said, "created": book.made_at.replace(tzinfo=None)})
        formats = {name: workbook.add_format(one) for name, one in FORMATS.items()}
        names = {_name(book.about[0], 1).lower(), "history"}  # the second is Excel's own
        _write_about(workbook.add_worksheet(_name(book.about[0], 1)), book, formats)
        for sheet in book.sheets:
            for cells in _portions(sheet.rows):
                written = workbook.add_worksheet(_free_name(sheet.name, names))
                rows = _write_sheet(written, sheet.columns, cells, formats, rows, reached)
    return rows


def write_csv(target: Path, sheet: Sheet, reached: RowsDone) -> int:
    """Write one table and return how many rows it has; Excel sees by its first bytes that it is UTF-8."""
    kinds, rows = [column.kind for column in sheet.columns], 0
    with target.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow([neutralise_formula(column.title) for column in sheet.columns])
        for rows, cells in enumerate(sheet.rows, start=1):
            writer.writerow([_plain(kind, cell) for kind, cell in zip(kinds, cells, strict=True)])
            reached(rows)
    return rows


def write_csv_rows(out: IO[str], rows: Iterable[Cells]) -> None:
    """Write bare rows as CSV, every text harmless; None is an empty cell."""
    harmless = ([neutralise_formula(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    csv.writer(out).writerows(harmless)


def _write_about(sheet: Worksheet, book: Workbook, formats: dict[str, Format]) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, neutralise_formula(book.title), formats["title"])
    for at, (what, said) in enumerate(book.about[1], start=2):
        sheet.write_string(at, 0, neutralise_formula(what), formats["strong"])
        sheet.write_string(at, 1, neutralise_formula(said), formats["text"])


def _write_sheet(
    sheet: Worksheet,
    columns: Sequence[Column],
    rows: Iterable[Cells],
    formats: dict[str, Format],
    done: int,
    reached: RowsDone,
) -> int:
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width)
        sheet.write_string(0, at, neutralise_formula(column.title), formats["heading"])
    sheet.freeze_panes(1, 0)
    last = 0
    for last, cells in enumerate(rows, start=1):
        for at, (column, cell) in enumerate(zip(columns, cells, strict=True)):
            _write_cell(sheet, last, at, cell, column.kind, formats)
        reached(done + last)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    return done + last


def _write_cell(sheet: Worksheet, row: int, at: int, cell: Any, kind: CellKind, formats: dict[str, Format]) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        sheet.write_string(row, at, neutralise_formula(cell), formats["text"])
    elif kind in TIMES:
        sheet.write_datetime(row, at, cell, formats[kind])
    else:
        sheet.write_number(row, at, cell, formats["decimal" if kind == "number" and cell % 1 else kind])


def _plain(kind: CellKind, cell: Any) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return neutralise_formula(cell)
    if kind in TIMES:
        return str(cell.strftime(TIMES[kind]))
    return round(cell, DECIMALS) if isinstance(cell, float) else cell


def _portions(rows: Iterable[Cells]) -> Iterator[Iterator[Cells]]:
    """The rows in portions that a sheet can hold; at least one, though it be empty."""
    left = iter(rows)
    yield islice(left, MOST_ROWS)
    for first in left:
        yield chain((first,), islice(left, MOST_ROWS - 1))


def _free_name(wanted: str, taken: set[str]) -> str:
    """A sheet's name as Excel takes it, with a number if there is one of this name already."""
    at = 1
    while (name := _name(wanted, at)).lower() in taken:
        at += 1
    taken.add(name.lower())
    return name


def _name(wanted: str, at: int) -> str:
    end = f" {at}" if at > 1 else ""
    plain = " ".join(NOT_IN_NAMES.sub(" ", UNSEEN.sub("", UNWRITABLE.sub("", wanted))).split()) or "–"
    return _cut(plain, LONGEST_NAME - len(end)).strip() + end


def _cut(text: str, longest: int) -> str:
    """The beginning of a text, no longer than Excel would count it."""
    if len(text) * 2 <= longest:
        return text
    return text.encode("utf-16-le")[: longest * 2].decode("utf-16-le", "ignore")
