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
from datetime import datetime
from typing import Any

from csat.database import write
from csat.models.clients import IntakeMap
from csat.models.people import Person
from csat.procedure.core import audit
from csat.procedure.incidents.fields import FIELD_LABELS
from csat.procedure.incidents.mapping import IncidentMap, MapKind, MapWrong
from csat.words import N_

MESSAGE_FIELD_LABELS: dict[str, str] = {
    **FIELD_LABELS,
    "contact_email": N_("Contact's e-mail"),
    "contact_telephone": N_("Contact's telephone"),
}
STEP_PATTERN = re.compile(r"[^.\[\]+]+(\[[^.\[\]=+]+=[^\[\]+]*\])?")
FIRST_OF_PATTERN = re.compile(r"(?P<name>[^\[]+)\[(?P<key>[^=]+)=(?P<value>[^\]]*)\]")
NOWHERE = object()


class MessageMapKind(MapKind[IntakeMap]):
    """Maps of messages: their places are paths, and a source can do without one."""

    def build_map(self, given: Mapping[str, Any]) -> IncidentMap:
        """A map from plain values; raise MapWrong, also for what is no path."""
        made = super().build_map({"date_order": "ymd", **given})
        for key, path in {"items": made.items, **made.places}.items():
            _refuse_path(key, path)
        return made

    def find_map_of_source(self, source: str) -> IncidentMap | None:
        """The map of a source, or None: its messages are in our own format."""
        row = IntakeMap.get_or_none(IntakeMap.source == source)
        return None if row is None else self.parse_map(row.text)

    def delete_map(self, row: IntakeMap, by: Person, now: datetime) -> None:
        """Give a map up: the source's messages are read in our own format again."""
        with write():
            if IntakeMap.delete().where(IntakeMap.id == row.id).execute():
                audit.record(by, "import map dropped", row, now, source=row.source)


MESSAGE_MAPS = MessageMapKind(
    IntakeMap,
    "fields",
    MESSAGE_FIELD_LABELS,
    frozenset(["delimiter", "encoding"]),
    N_("%(key)s: there is no such key in an intake map."),
)


def find_value(place: str, message: object) -> Any:
    """What stands at a place of a message; NOWHERE when the message does not speak of it at all."""
    values = [_follow_path(path.strip().split("."), message) for path in place.split("+")]
    if len(values) == 1:
        return values[0]
    known = [value for value in values if value is not NOWHERE]
    if not all(value is None or isinstance(value, str | int | float) for value in known):
        return known  # no texts to join: parse_text refuses it by its field
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
    return step.isdecimal() and len(step) < 6 and int(step) < len(values)  # int() of long texts takes long


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
        sentence = N_("%(key)s: “%(path)s” is no path; one that works: issue.fields.status.name")
        raise MapWrong(sentence, key=key, path=str(path)[:100])
