"""Importing incidents from an export: bytes and a map in, incidents out; every bad row named with its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import islice

from csat.models.clients import Incident
from csat.procedure.clients.external_names import NameResolver
from csat.procedure.core import audit
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.incidents import incidents
from csat.procedure.incidents.fields import (
    ALIAS_KINDS,
    FIELDS_NEVER_CLEARED,
    TEXT_LENGTHS,
    TIME_FIELDS,
    refuse_invalid_fields,
)
from csat.procedure.incidents.incidents import BadRow, ImportCounts
from csat.procedure.incidents.mapping import IncidentMap
from csat.words import N_

MOST_BYTES = 64 * 1024 * 1024
BATCH_SIZE = 300  # rows in one transaction: long enough to be quick, short enough to let others write
NOT_TEXT_PATTERN = re.compile("[\x00\ud800-\udfff]")
DATE_PATTERN = re.compile(
    r"(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,4})日?"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp][Mm])?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)
PLAUSIBLE_YEARS = range(1990, 2101)


class FileUnusable(InputWrong):
    """The file as a whole cannot be read with this map."""

    def __init__(self, sentence: str, **facts: object) -> None:
        self.sentence = sentence
        super().__init__(field="file", **facts)


class RowBroken(InputWrong):
    sentence = N_("The row cannot be read as a table: %(error)s.")


class CellsWrong(InputWrong):
    sentence = N_("The row has %(found)s cells; the heading has %(expected)s.")


class NotText(InputWrong):
    sentence = N_("The row holds bytes that are no %(encoding)s text.")


class DateWrong(InputWrong):
    sentence = N_("“%(text)s” is no date and time in the order %(order)s.")


DATE_ORDER_LABELS = {"dmy": N_("day, month, year"), "mdy": N_("month, day, year"), "ymd": N_("year, month, day")}


@dataclass(frozen=True)
class IncidentRow:
    """A usable row: where it stands, its incident's number, and what it says of it."""

    line: int
    number: str
    fields: dict[str, object]


@dataclass
class ParsedTable:
    """A file as it will be imported: how many rows, the last one of each number, and the bad ones."""

    rows: int = 0
    last: dict[str, IncidentRow] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)


def read_table(content: bytes, made: IncidentMap, zone: tzinfo, now: datetime) -> ParsedTable:
    """Read an export without storing anything; raise FileUnusable when it does not fit the map at all."""
    if len(content) > MOST_BYTES:
        raise FileUnusable(N_("The file is larger than %(most)s MB."), most=MOST_BYTES // 2**20)
    lines = _read_lines(content, made)
    width, places = _read_heading(next(lines, None), made)
    reading = ParsedTable()
    for line, cells in lines:
        reading.rows += 1
        try:
            if isinstance(cells, Refusal):  # the reader goes on behind a broken row
                raise cells
            row = _read_row(line, cells, width, places, made, made.zone_info or zone)
            refuse_invalid_fields(None, made.source, row.number, row.fields, now)
            reading.last[row.number] = row
        except Refusal as refusal:
            reading.bad.append(BadRow(line, refusal))
    return reading


def import_incidents(
    reading: ParsedTable,
    made: IncidentMap,
    by: audit.Actor,
    now: datetime,
    zone: tzinfo,
    reached: Callable[[int, int], None] = lambda done, total: None,
) -> ImportCounts:
    """Put what was read into the store, in batches, telling how far it is; return what became of it."""
    names, counts = NameResolver(made.source), ImportCounts(bad=list(reading.bad))
    rows = iter((row.line, row.number, row.fields) for row in reading.last.values())
    done = 0
    while batch := list(islice(rows, BATCH_SIZE)):
        incidents.upsert_incidents(made.source, batch, by, now, zone, names, counts)
        done += len(batch)
        reached(done, len(reading.last))  # between transactions: whoever waits may write
    counts.bad.sort(key=lambda bad: bad.line)
    return counts


def count_known_incidents(reading: ParsedTable, made: IncidentMap) -> int:
    """How many of the numbers read the store has already."""
    numbers, known = iter(reading.last), 0
    while some := list(islice(numbers, BATCH_SIZE)):  # a store takes only so many parameters
        known += Incident.select().where(Incident.source == made.source, Incident.number.in_(some)).count()
    return known


def _read_lines(content: bytes, made: IncidentMap) -> Iterator[tuple[int, list[str] | Refusal]]:
    """Each row with the line it begins on; blank ones are left out."""
    encoding = "utf-8-sig" if made.encoding == "utf-8" else made.encoding  # spreadsheets begin a file with a mark
    try:
        text = content.decode(encoding, "surrogateescape")  # so that a row with wrong bytes is named by its line
    except UnicodeError as error:
        raise FileUnusable(N_("The file is no %(encoding)s text."), encoding=made.encoding) from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=made.delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, RowBroken(error=str(error))
            continue
        if any(cell.strip() for cell in cells):
            yield line, cells


def _read_heading(
    first: tuple[int, list[str] | Refusal] | None, made: IncidentMap
) -> tuple[int, list[tuple[str, int]]]:
    """How many columns there are, and where each field stands."""
    if first is None:
        raise FileUnusable(N_("The file is empty."))
    if isinstance(first[1], Refusal) or NOT_TEXT_PATTERN.search("".join(first[1])):
        sentence = N_("The file's first line is no %(encoding)s text. Which encoding does it have?")
        raise FileUnusable(sentence, encoding=made.encoding)
    headings = [heading.strip() for heading in first[1]]
    for name, heading in made.places.items():
        if headings.count(heading) != 1:
            sentence = N_("The map wants exactly one column “%(heading)s” for %(name)s. The file has: %(headings)s.")
            raise FileUnusable(sentence, heading=heading, name=name, headings=", ".join(headings)[:500])
    return len(headings), [(name, headings.index(heading)) for name, heading in made.places.items()]


def _read_row(
    line: int, cells: list[str], width: int, places: list[tuple[str, int]], made: IncidentMap, zone: tzinfo
) -> IncidentRow:
    if NOT_TEXT_PATTERN.search("".join(cells)):
        raise NotText(encoding=made.encoding)
    if len(cells) != width:
        raise CellsWrong(found=len(cells), expected=width)
    words = {name: made.drop_unknown(cells[at].strip()) for name, at in places}
    return IncidentRow(line, words["number"], parse_fields(words, made, zone))


def parse_fields(words: Mapping[str, str], made: IncidentMap, zone: tzinfo) -> dict[str, object]:
    """What the words of a row or message say of an incident; '' is unknown. Raise DateWrong."""
    fields: dict[str, object] = {name: words[name] for name in (*TEXT_LENGTHS, *ALIAS_KINDS) if name in words}
    fields = {name: word for name, word in fields.items() if word or name not in FIELDS_NEVER_CLEARED}
    fields |= {name: _parse_instant(name, words[name], made, zone) for name in TIME_FIELDS if name in words}
    if "priority" in words:
        fields["major"] = words["priority"] in made.major
    if made.closed_states and "state" in words and words["state"] not in made.closed_states:
        fields["closed_at"] = None
    return fields


def _parse_instant(name: str, text: str, made: IncidentMap, zone: tzinfo) -> datetime | None:
    if not text:
        return None
    try:
        formats = made.date_formats
        local = _parse_by_formats(text, formats) if formats else _parse_by_order(text, made.date_order)
        if local.year not in PLAUSIBLE_YEARS:
            raise ValueError(text)
    except ValueError as error:
        raise DateWrong(field=name, text=text[:40], order=DATE_ORDER_LABELS[made.date_order]) from error
    return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)


def _parse_by_formats(text: str, formats: tuple[str, ...]) -> datetime:
    for form in formats:
        with suppress(ValueError):
            return datetime.strptime(text, form)
    raise ValueError(text)


def _parse_by_order(text: str, order: str) -> datetime:
    match = DATE_PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(text)
    parts = dict(zip(order, match.group(1, 2, 3), strict=True))
    if len(parts["y"]) != 4:  # 26 could be a day as well
        raise ValueError(text)
    hour, minute, second = (int(part or 0) for part in match.group(4, 5, 6))
    if match[7]:
        if not 1 <= hour <= 12:  # 13 PM
            raise ValueError(hour)
        hour = hour % 12 + (12 if match[7].lower() == "pm" else 0)
    year, month, day = (int(parts[part]) for part in "ymd")
    return datetime(year, month, day, hour, minute, second, tzinfo=_parse_offset(match[8]))


def _parse_offset(text: str | None) -> tzinfo | None:
    if text is None or text == "Z":
        return UTC if text else None
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=minutes if text[0] == "+" else -minutes))
