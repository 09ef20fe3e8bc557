"""Maps: how what one ticket system exports or sends becomes incidents. TOML in, frozen values out."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from csat.database import write
from csat.models.clients import ImportMap, IntakeMap
from csat.models.people import Person
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import InputWrong
from csat.procedure.incidents.fields import FIELD_LABELS
from csat.words import N_

Row = TypeVar("Row", ImportMap, IntakeMap)

DATE_ORDERS = ("dmy", "mdy", "ymd")
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "cp1252")


class MapWrong(InputWrong):
    """A map that cannot be used: which key, and what is wrong with it."""

    def __init__(self, sentence: str, **facts: object) -> None:
        self.sentence = sentence
        super().__init__(field="text", **facts)


@dataclass(frozen=True, kw_only=True)
class IncidentMap:
    """How to read one source's export or messages. Of several rows with one number the last wins, always."""

    items: str = ""  # of messages: the path of the incident, or of the list of them; '' is the message itself
    source: str
    date_order: str
    places: Mapping[str, str]  # our field -> the column's heading, or the path in a message
    zone: str = ""  # of the times in it; '' is the operator's
    date_formats: tuple[str, ...] = ()  # strptime formats; none: any date in the date order
    delimiter: str = ","
    encoding: str = "utf-8"
    unknown: tuple[str, ...] = ("",)
    major: tuple[str, ...] = ()  # priorities that count as major (§9)
    closed_states: tuple[str, ...] = ()  # words of the state column; none: a closing time suffices

    @property
    def zone_info(self) -> ZoneInfo | None:
        """The zone of the times in it, or None for the operator's."""
        return ZoneInfo(self.zone) if self.zone else None

    def drop_unknown(self, word: str) -> str:
        """A word, or '' for one that means unknown."""
        return "" if word in self.unknown else word

    def place_of(self, name: str) -> str:
        """Where a field stands, or its own name."""
        return self.places.get(name, name)


@dataclass(frozen=True)
class MapKind(Generic[Row]):
    """One of the two kinds of maps: where it is kept, and what its text calls things."""

    table: type[Row]
    places_key: str  # the part of the text that says where each field stands
    labels: Mapping[str, str]  # the fields that can stand somewhere
    foreign_keys: frozenset[str]  # what only the other kind's text has
    key_unknown: str  # the sentence that refuses a key

    def parse_map(self, text: str) -> IncidentMap:
        """Read a map; raise MapWrong naming the key and what is wrong with it."""
        try:
            return self.build_map(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise MapWrong(N_("This is not TOML: %(error)s."), error=str(error)) from error

    def build_map(self, given: Mapping[str, Any]) -> IncidentMap:
        """A map from plain values; raise MapWrong naming the key and what is wrong with it."""
        self._refuse_unknown_keys(given)
        _check_places(given, self.places_key, self.labels)
        made = IncidentMap(
            items=given.get("items", ""),
            source=_check_text(given, "source"),
            date_order=_check_choice(given, "date_order", DATE_ORDERS),
            places={name: place for name, place in given[self.places_key].items() if place},
            zone=_check_zone(given),
            date_formats=_check_formats(given),
            delimiter=_check_choice(given, "delimiter", DELIMITERS, ","),
            encoding=_check_choice(given, "encoding", ENCODINGS, "utf-8"),
            unknown=tuple(dict.fromkeys((*_check_words(given, "unknown"), ""))),  # each once
            major=_check_words(given, "major"),
            closed_states=_check_words(given, "closed_states"),
        )
        if not made.source or len(made.source) > 60:
            raise MapWrong(N_("source: name the system the file comes from, in at most 60 characters."))
        if made.closed_states and "state" not in made.places:
            raise MapWrong(N_("closed_states: this needs the state under [%(table)s]."), table=self.places_key)
        if made.major and "priority" not in made.places:
            raise MapWrong(N_("major: this needs the priority under [%(table)s]."), table=self.places_key)
        return made

    def format_map(self, made: IncidentMap) -> str:
        """A map as TOML; parse_map(format_map(m)) == m."""
        lines = []
        for each in fields(IncidentMap):
            value = getattr(made, each.name)
            if each.name != "places" and value != each.default:
                lines.append(f"{each.name} = {_quote_toml(value)}")
        lines += ["", f"[{self.places_key}]"]
        lines += [f"{name} = {_quote_toml(place)}" for name, place in made.places.items()]
        return "\n".join(lines) + "\n"

    def save_map(self, text: str, by: Person, now: datetime, kept: Row | None = None) -> Row:
        """Keep a map for its source; raise MapWrong for one that cannot be used."""
        source, table = self.parse_map(text).source, self.table
        if kept is not None and source != kept.source:  # aliases and incidents hang on its name
            sentence = N_("source: this map stays with “%(source)s”. Make a new map for another system.")
            raise MapWrong(sentence, source=kept.source)
        with write():
            row = table.get_or_none(table.source == source)
            if row is not None and kept is None:
                raise MapWrong(N_("source: there is a map for “%(source)s” already."), source=source)
            if row is not None and row.text == text:  # no entry in the history for nothing
                return row
            row = row or table(source=source)
            row.text, row.changed_by, row.changed_at = text, by, now
            row.save()
            audit.record(by, "import map kept", row, now, source=source)
        return row

    def list_maps(self) -> list[Row]:
        """The maps that are kept, by source."""
        return list(self.table.select().order_by(self.table.source))

    def get_map(self, key: int) -> Row:
        """A kept map; raise NotFound."""
        return get_or_refuse(self.table, key)

    def _refuse_unknown_keys(self, given: Mapping[str, object]) -> None:
        known = {each.name for each in fields(IncidentMap)} - {"places"} - self.foreign_keys
        for key in given:
            if key not in known | {self.places_key}:
                raise MapWrong(self.key_unknown, key=key)


TABLE_MAPS = MapKind(
    ImportMap, "columns", FIELD_LABELS, frozenset(["items"]), N_("%(key)s: there is no such key in an import map.")
)


def _check_places(given: Mapping[str, object], table: str, names: Mapping[str, str]) -> None:
    places = given.get(table)
    if not isinstance(places, dict):
        raise MapWrong(N_("[%(table)s] is missing: it says where each field stands."), table=table)
    for name, place in places.items():
        if name not in names:
            sentence = N_("[%(table)s] %(key)s: an incident has no such field. It has: %(fields)s.")
            raise MapWrong(sentence, table=table, key=name, fields=", ".join(names))
        if not isinstance(place, str):
            raise MapWrong(N_("[%(table)s] %(key)s: write where it stands in quotation marks."), table=table, key=name)
    if not places.get("number"):
        raise MapWrong(N_("[%(table)s] number is missing: without it no incident can be known again."), table=table)


def _check_text(given: Mapping[str, object], key: str, default: str = "") -> str:
    value = given.get(key, default)
    if not isinstance(value, str):
        raise MapWrong(N_("%(key)s: write a text in quotation marks."), key=key)
    return value.strip() if key != "delimiter" else value


def _check_choice(given: Mapping[str, object], key: str, values: tuple[str, ...], default: str = "") -> str:
    value = _check_text(given, key, default)
    if value not in values:
        choices = ", ".join(_quote_toml(choice) for choice in values)
        raise MapWrong(N_("%(key)s must be one of %(choices)s."), key=key, choices=choices)
    return value


def _check_words(given: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = given.get(key, [])
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise MapWrong(N_('%(key)s: write a list of texts, like ["?", ""].'), key=key)
    return tuple(value)


def _check_zone(given: Mapping[str, object]) -> str:
    name = _check_text(given, "zone")
    try:
        return str(ZoneInfo(name)) if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise MapWrong(N_("zone: “%(zone)s” is no time zone; write it as Asia/Shanghai."), zone=name) from error


def _check_formats(given: Mapping[str, object]) -> tuple[str, ...]:
    formats = _check_words(given, "date_formats")
    for form in formats:
        try:
            sure = datetime.strptime(datetime(2016, 2, 29, 13, 45).strftime(form), form)  # there and back
        except ValueError:
            sure = datetime.min  # which the next test refuses
        if sure.date() != datetime(2016, 2, 29).date():
            sentence = N_("date_formats: “%(form)s” lacks day, month or year; one that works: %%d-%%m-%%Y %%H:%%M")
            raise MapWrong(sentence, form=form)
    return formats


def _quote_toml(value: str | tuple[str, ...]) -> str:
    """A text or a list of texts as TOML writes it: JSON's are TOML's, but for one character."""
    listed = list(value) if isinstance(value, tuple) else value
    return json.dumps(listed, ensure_ascii=False).replace("\x7f", "\\u007f")
