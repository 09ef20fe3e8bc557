"""The intake map: where a ticket system's own message says what of an incident. TOML in, frozen values out.

It shares everything with the import map but the places, which are paths into JSON instead of headings:

    issue.fields.status.name              a value inside values
    organizations.0.name                  the first of a list
    team[role=requester].display_name     the one of a list that has this value
    customer.firstname + customer.lastname   several values, joined by a space
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csat.database import write
from csat.models.clients import IntakeMap
from csat.models.people import Person
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.incidents import table_mapping
from csat.procedure.incidents.incidents import FIELD_LABELS
from csat.procedure.incidents.table_mapping import IncidentMap, MapWrong
from csat.words import N_

FIELDS_TABLE = "fields"
MESSAGE_FIELD_LABELS: dict[str, str] = {
    **FIELD_LABELS,
    "contact_email": N_("Contact's e-mail"),
    "contact_telephone": N_("Contact's telephone"),
}
STEP_PATTERN = re.compile(r"[^.\[\]+]+(\[[^.\[\]=+]+=[^\[\]+]*\])?")
FIRST_OF_PATTERN = re.compile(r"(?P<name>[^\[]+)\[(?P<key>[^=]+)=(?P<value>[^\]]*)\]")
NOWHERE = object()


@dataclass(frozen=True)
class MessageMap:
    """How to read one system's messages: where its incidents stand, and how their words are meant."""

    items: str  # the path of the incident, or of the list of them; '' is the message itself
    reads: IncidentMap  # its columns are paths


def parse_map(text: str) -> MessageMap:
    """Read a map; raise MapWrong naming the key and what is wrong with it."""
    return build_map(table_mapping.parse_toml(text))


def build_map(given: Mapping[str, Any]) -> MessageMap:
    """A map from plain values; raise MapWrong naming the key and what is wrong with it."""
    rest = {"date_order": "ymd", **given}
    items = rest.pop("items", "")
    for key in ("delimiter", "encoding"):
        if key in rest:
            raise MapWrong(N_("%(key)s: there is no such key in an intake map."), key=key)
    made = table_mapping.build_map(rest, FIELDS_TABLE, MESSAGE_FIELD_LABELS)
    for key, path in {"items": items, **made.columns}.items():
        _refuse_path(key, path)
    return MessageMap(items, made)


def format_map(made: MessageMap) -> str:
    """A map as TOML; parse(to_text(m)) == m."""
    items = f"items = {table_mapping.quote_toml(made.items)}\n" if made.items else ""
    return items + table_mapping.format_map(made.reads, FIELDS_TABLE)


def save_map(text: str, by: Person, now: datetime, kept: IntakeMap | None = None) -> IntakeMap:
    """Keep a map for its source; raise MapWrong for one that cannot be used."""
    return table_mapping.save_map_text(IntakeMap, parse_map(text).reads.source, text, by, now, kept)


def delete_map(row: IntakeMap, by: Person, now: datetime) -> None:
    """Give a map up: the source's messages are read in our own format again."""
    with write():
        if IntakeMap.delete().where(IntakeMap.id == row.id).execute():
            audit.record(by, "import map dropped", row, now, source=row.source)


def list_maps() -> list[IntakeMap]:
    """The maps that are kept, by source."""
    return list(IntakeMap.select().order_by(IntakeMap.source))


def get_map(key: int) -> IntakeMap:
    """A kept map; raise NotFound."""
    return get_or_refuse(IntakeMap, key)


def find_map_of_source(source: str) -> MessageMap | None:
    """The map of a source, or None: its messages are in our own format."""
    row = IntakeMap.get_or_none(IntakeMap.source == source)
    return None if row is None else parse_map(row.text)


def find_value(place: str, message: object) -> Any:
    """What stands at a place of a message; NOWHERE when the message does not speak of it at all."""
    values = [_follow_path(path.strip().split("."), message) for path in place.split("+")]
    if len(values) == 1:
        return values[0]
    known = [value for value in values if value is not NOWHERE]
    if not all(value is None or isinstance(value, str | int | float) for value in known):
        return known
    words = [str(value).strip() for value in known if value not in (None, "")]
    return " ".join(words) if known else NOWHERE


def _follow_path(steps: list[str], value: object) -> Any:
    """Follow a path. A name may itself hold dots ('caller_id.email'): the longest that is there counts."""
    if not steps:
        return value
    if value is None or value == "" or value == []:
        return None  # spoken of, and empty: nobody is assigned
    if isinstance(value, list):
        return _follow_path(steps[1:], value[int(steps[0])]) if _is_index(steps[0], value) else NOWHERE
    if not isinstance(value, dict):
        return NOWHERE
    for size in range(len(steps), 0, -1):
        name = ".".join(steps[:size])
        if name in value:
            return _follow_path(steps[size:], value[name])
    return _find_first(steps, value)


def _is_index(step: str, values: list[object]) -> bool:
    return step.isdecimal() and len(step) < 6 and int(step) < len(values)


def _find_first(steps: list[str], value: Mapping[str, object]) -> Any:
    """The first of a list that has the value asked for; None when there is none."""
    match = FIRST_OF_PATTERN.fullmatch(steps[0])
    among = value.get(match["name"]) if match else None
    if match is None or not isinstance(among, list):
        return NOWHERE
    for one in among:
        if isinstance(one, dict) and str(one.get(match["key"])) == match["value"]:
            return _follow_path(steps[1:], one)
    return None


def _refuse_path(key: str, path: object) -> None:
    well = isinstance(path, str) and all(
        STEP_PATTERN.fullmatch(step) for place in path.split("+") for step in place.strip().split(".")
    )
    if not well and path != "":
        raise MapWrong(
            N_("%(key)s: “%(path)s” is no path; one that works: issue.fields.status.name"),
            key=key,
            path=str(path)[:100],
        )
