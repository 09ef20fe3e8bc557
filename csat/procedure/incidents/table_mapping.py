"""The import map: how the columns of one source's export become incidents. TOML in, frozen values out."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from csat.database import write
from csat.models.clients import ImportMap, IntakeMap
from csat.models.people import Person
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import InputWrong
from csat.procedure.incidents.incidents import FIELD_LABELS
from csat.words import N_

Map = TypeVar("Map", ImportMap, IntakeMap)

DATE_ORDERS = ("dmy", "mdy", "ymd")
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "cp1252")


class MapWrong(InputWrong):
    """A map that cannot be used: which key, and what is wrong with it."""

    def __init__(self, sentence: str, **facts: object) -> None:
        self.sentence = sentence
        super().__init__(field="text", **facts)


@dataclass(frozen=True)
class IncidentMap:
    """How to read one source's export. Of several rows with one number the last wins, always."""

    source: str
    date_order: str
    columns: Mapping[str, str]  # our field -> the column's heading
    zone: str = ""  # of the times in the file; '' is the operator's
    date_formats: tuple[str, ...] = ()  # strptime formats; none: any date in the date order
    delimiter: str = ","
    encoding: str = "utf-8"
    unknown: tuple[str, ...] = ("",)
    major: tuple[str, ...] = ()  # priorities that count as major (§9)
    closed_states: tuple[str, ...] = ()  # words of the state column; none: a closing time suffices

    @property
    def zone_info(self) -> ZoneInfo | None:
        """The zone of the times in the file, or None for the operator's."""
        return ZoneInfo(self.zone) if self.zone else None


def parse_map(text: str) -> IncidentMap:
    """Read a map; raise MapWrong naming the key and what is wrong with it."""
    return build_map(parse_toml(text))


def parse_toml(text: str) -> dict[str, object]:
    """The plain values of a TOML text; raise MapWrong when it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MapWrong(N_("This is not TOML: %(error)s."), error=str(error)) from error


def build_map(
    given: Mapping[str, Any], table: str = "columns", names: Mapping[str, str] = FIELD_LABELS
) -> IncidentMap:
    """A map from plain values; raise MapWrong naming the key and what is wrong with it.

    `table` is what the map calls the part that says where each of the fields (`names`) stands.
    """
    _refuse_unknown_keys(given, table)
    _check_columns(given, table, names)
    made = IncidentMap(
        source=_check_text(given, "source", ""),
        date_order=_check_choice(given, "date_order", DATE_ORDERS, ""),
        columns={name: heading for name, heading in given[table].items() if heading},
        zone=_check_zone(given),
        date_formats=_check_formats(given),
        delimiter=_check_choice(given, "delimiter", DELIMITERS, ","),
        encoding=_check_choice(given, "encoding", ENCODINGS, "utf-8"),
        unknown=tuple(dict.fromkeys((*_check_words(given, "unknown"), ""))),
        major=_check_words(given, "major"),
        closed_states=_check_words(given, "closed_states"),
    )
    if not made.source or len(made.source) > 60:
        raise MapWrong(N_("source: name the system the file comes from, in at most 60 characters."))
    if made.closed_states and "state" not in made.columns:
        raise MapWrong(N_("closed_states: this needs the state under [%(table)s]."), table=table)
    if made.major and "priority" not in made.columns:
        raise MapWrong(N_("major: this needs the priority under [%(table)s]."), table=table)
    return made


def format_map(made: IncidentMap, table: str = "columns") -> str:
    """A map as TOML; parse(to_text(m)) == m."""
    lines = []
    for each in fields(IncidentMap):
        value = getattr(made, each.name)
        if each.name != "columns" and value != each.default:
            lines.append(f"{each.name} = {quote_toml(value)}")
    lines += ["", f"[{table}]"]
    lines += [f"{name} = {quote_toml(heading)}" for name, heading in made.columns.items()]
    return "\n".join(lines) + "\n"


def save_map(text: str, by: Person, now: datetime, kept: ImportMap | None = None) -> ImportMap:
    """Keep a map for its source; raise MapWrong for one that cannot be used.

    A kept map keeps its source: aliases and incidents hang on its name.
    """
    return save_map_text(ImportMap, parse_map(text).source, text, by, now, kept)


def save_map_text(
    table: type[Map], source: str, text: str, by: Person, now: datetime, kept: Map | None = None
) -> Map:
    """Keep the text of a map in its table; what it says has been checked."""
    if kept is not None and source != kept.source:
        raise MapWrong(
            N_("source: this map stays with “%(source)s”. Make a new map for another system."),
            source=kept.source,
        )
    with write():
        row = table.get_or_none(table.source == source)
        if row is not None and kept is None:
            raise MapWrong(N_("source: there is a map for “%(source)s” already."), source=source)
        if row is not None and row.text == text:
            return row
        row = row or table(source=source)
        row.text, row.changed_by, row.changed_at = text, by, now
        row.save()
        audit.record(by, "import map kept", row, now, source=source)
    return row


def list_maps() -> list[ImportMap]:
    """The maps that are kept, by source."""
    return list(ImportMap.select().order_by(ImportMap.source))


def get_map(key: int) -> ImportMap:
    """A kept map; raise NotFound."""
    return get_or_refuse(ImportMap, key)


def _refuse_unknown_keys(given: Mapping[str, object], table: str) -> None:
    known = {each.name for each in fields(IncidentMap)} - {"columns"} | {table}
    for key in given:
        if key not in known:
            raise MapWrong(N_("%(key)s: there is no such key in an import map."), key=key)


def _check_columns(given: Mapping[str, object], table: str, names: Mapping[str, str]) -> None:
    columns = given.get(table)
    if not isinstance(columns, dict):
        raise MapWrong(N_("[%(table)s] is missing: it says where each field stands."), table=table)
    for name, heading in columns.items():
        if name not in names:
            raise MapWrong(
                N_("[%(table)s] %(key)s: an incident has no such field. It has: %(fields)s."),
                table=table,
                key=name,
                fields=", ".join(names),
            )
        if not isinstance(heading, str):
            raise MapWrong(
                N_("[%(table)s] %(key)s: write where it stands in quotation marks."), table=table, key=name
            )
    if not columns.get("number"):
        raise MapWrong(
            N_("[%(table)s] number is missing: without it no incident can be known again."), table=table
        )


def _check_text(given: Mapping[str, object], key: str, default: str) -> str:
    value = given.get(key, default)
    if not isinstance(value, str):
        raise MapWrong(N_("%(key)s: write a text in quotation marks."), key=key)
    return value.strip() if key != "delimiter" else value


def _check_choice(given: Mapping[str, object], key: str, values: tuple[str, ...], default: str) -> str:
    value = _check_text(given, key, default)
    if value not in values:
        choices = ", ".join(quote_toml(choice) for choice in values)
        raise MapWrong(N_("%(key)s must be one of %(choices)s."), key=key, choices=choices)
    return value


def _check_words(given: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = given.get(key, [])
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise MapWrong(N_('%(key)s: write a list of texts, like ["?", ""].'), key=key)
    return tuple(value)


def _check_zone(given: Mapping[str, object]) -> str:
    name = _check_text(given, "zone", "")
    try:
        return str(ZoneInfo(name)) if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise MapWrong(
            N_("zone: “%(zone)s” is no time zone; write it as Asia/Shanghai."), zone=name
        ) from error


def _check_formats(given: Mapping[str, object]) -> tuple[str, ...]:
    formats = _check_words(given, "date_formats")
    for form in formats:
        try:
            sure = datetime.strptime(datetime(2016, 2, 29, 13, 45).strftime(form), form)
        except ValueError:
            sure = datetime.min
        if sure.date() != datetime(2016, 2, 29).date():
            raise MapWrong(
                N_("date_formats: “%(form)s” lacks day, month or year; one that works: %%d-%%m-%%Y %%H:%%M"),
                form=form,
            )
    return formats


def quote_toml(value: str | tuple[str, ...]) -> str:
    """A text or a list of texts as TOML writes it: JSON's are TOML's, but for one character."""
    listed = list(value) if isinstance(value, tuple) else value
    return json.dumps(listed, ensure_ascii=False).replace("\x7f", "\\u007f")
