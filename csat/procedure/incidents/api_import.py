"""Taking in what a ticket system sends, in our own format or read by its map: the bad refused one by one, by field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from csat.database import write
from csat.models.base import Json, expect_value
from csat.models.clients import Contact, Incident
from csat.procedure.clients import contacts
from csat.procedure.clients.external_names import NameResolver
from csat.procedure.core import audit
from csat.procedure.core.refusals import InputWrong, Refusal, ValueMissing
from csat.procedure.incidents import incidents
from csat.procedure.incidents.fields import (
    ALIAS_KINDS,
    FIELDS_NEVER_CLEARED,
    TEXT_LENGTHS,
    TIME_FIELDS,
    refuse_invalid_fields,
)
from csat.procedure.incidents.incidents import ImportCounts, ImportOutcome
from csat.procedure.incidents.json_mapping import NOWHERE, find_value
from csat.procedure.incidents.json_values import (
    ADDRESS_PARSERS,
    keep_usable_addresses,
    parse_address,
    parse_instant,
    parse_text,
)
from csat.procedure.incidents.mapping import IncidentMap
from csat.procedure.incidents.table_import import NOT_TEXT_PATTERN, parse_fields
from csat.words import N_

MAX_INCIDENTS = 1000  # incidents in one message
LIST_KEY = "incidents"  # where our own format has them, when there are several
OWN_FIELDS = ("number", *TEXT_LENGTHS, *ALIAS_KINDS, *ADDRESS_PARSERS, *TIME_FIELDS, "major")


class JsonMalformed(Refusal):
    sentence = N_("This is no JSON: see line %(line)s, column %(column)s.")


class JsonUnreadable(Refusal):
    sentence = N_("This JSON cannot be read: it is nested too deep, or holds a number that is none.")


class NothingSent(Refusal):
    sentence = N_("The message holds no incident.")


class TooManySent(Refusal):
    sentence = N_("The message holds %(found)s incidents. Please send at most %(most)s at once.")


class NotAnIncident(InputWrong):
    sentence = N_("This is no incident: it must be an object with names and values.")


class FieldUnknown(InputWrong):
    sentence = N_("An incident has no such field. It has: %(fields)s.")


class BooleanWrong(InputWrong):
    sentence = N_("This must be true or false.")


@dataclass
class MessageItem:
    """One incident of a message: its place there, what is said of it, or why it cannot be used."""

    index: int
    number: str = ""
    fields: dict[str, object] = field(default_factory=dict)
    reach: dict[str, str] = field(default_factory=dict)  # the contact's addresses
    on_arrival: bool = False  # closed, but nobody says when: it closes as we hear of it
    refusal: Refusal | None = None
    outcome: ImportOutcome | None = None


def parse_json(text: str) -> Any:
    """The plain values of a JSON text; raise JsonMalformed or JsonUnreadable."""
    try:
        return json.loads(text, parse_constant=_reject_constant)
    except json.JSONDecodeError as error:
        raise JsonMalformed(line=error.lineno, column=error.colno) from error
    except (RecursionError, ValueError) as error:  # [[[[…, NaN, or a number of 5,000 digits
        raise JsonUnreadable from error


def _reject_constant(text: str) -> None:
    raise ValueError(text)


def read_message(message: object, made: IncidentMap | None, zone: tzinfo) -> list[MessageItem]:
    """The incidents of a message, by its source's map or (None) in our own format; raise NothingSent or TooManySent."""
    parts = _split_message(message, made)
    if not parts:
        raise NothingSent
    if len(parts) > MAX_INCIDENTS:
        raise TooManySent(found=len(parts), most=MAX_INCIDENTS)
    return [_read_item(index, part, made, zone) for index, part in enumerate(parts)]


def check_items(items: Iterable[MessageItem], source: str, now: datetime) -> None:
    """Say of each incident read why it would be refused, as far as that can be told without the store."""
    for item in items:
        try:
            refuse_invalid_fields(None, source, item.number, item.fields, now)
        except Refusal as refusal:
            item.refusal = item.refusal or refusal  # why it could not be read comes first


def import_items(items: list[MessageItem], source: str, by: audit.Actor, now: datetime, zone: tzinfo) -> None:
    """Bring a source's incidents to what was read, in one transaction; each item learns its outcome."""
    names = NameResolver(source)
    with write():
        for turn in _split_turns(items):  # of several with one number the first closing counts (P1)
            _close_on_arrival(turn, source, now)
            rows = [(item.index, item.number, item.fields) for item in turn]
            counts = ImportCounts()
            outcomes = incidents.upsert_incidents(source, rows, by, now, zone, names, counts)
            why = {bad.line: bad.why for bad in counts.bad}
            for item in turn:
                item.outcome, item.refusal = outcomes.get(item.index), why.get(item.index)
            _add_addresses([item for item in turn if item.reach and item.outcome], source, by, now)


# --- reading -----------------------------------------------------------------------------------------


def _split_message(message: object, made: IncidentMap | None) -> list[Any]:
    if made is not None:
        message = find_value(made.items, message) if made.items else message
        return [] if message is NOWHERE or message is None else _require_list(message)
    if isinstance(message, dict) and set(message) == {LIST_KEY}:  # with other keys beside it, it is an incident
        message = message[LIST_KEY]
    return _require_list(message)


def _require_list(parts: object) -> list[Any]:
    return parts if isinstance(parts, list) else [parts]


def _read_item(index: int, part: object, made: IncidentMap | None, zone: tzinfo) -> MessageItem:
    item = MessageItem(index)
    try:
        if not isinstance(part, dict):
            raise NotAnIncident
        if made is None:
            _read_own_format(item, part)
        else:
            _read_mapped_format(item, part, made, made.zone_info or zone)
    except Refusal as refusal:
        item.refusal = refusal
    return item


def _read_own_format(item: MessageItem, part: Json) -> None:
    """Our own format: the names of our fields, times with their offset."""
    item.number = parse_text("number", part.get("number"))
    for name, value in part.items():
        if name not in OWN_FIELDS:
            raise FieldUnknown(field=NOT_TEXT_PATTERN.sub("?", name[:60]), fields=", ".join(OWN_FIELDS))
        if name in ADDRESS_PARSERS:
            item.reach |= parse_address(name, parse_text(name, value))
        elif name != "number":
            item.fields |= _read_field(name, value)
    if not item.number:
        raise ValueMissing(field="number")


def _read_field(name: str, value: object) -> dict[str, object]:
    if name == "major":
        if not isinstance(value, bool):
            raise BooleanWrong(field=name)
        return {name: value}
    text = parse_text(name, value)
    if name in FIELDS_NEVER_CLEARED and not text:
        return {}
    return {name: parse_instant(name, text) if name in TIME_FIELDS else text}


def _read_mapped_format(item: MessageItem, part: Json, made: IncidentMap, zone: tzinfo) -> None:
    """A message of its own kind: each field from where the map says; what it does not speak of stays."""
    there = {name: find_value(path, part) for name, path in made.places.items()}
    words = {name: made.drop_unknown(parse_text(name, it)) for name, it in there.items() if it is not NOWHERE}
    item.number = words.get("number", "")
    if not item.number:
        raise ValueMissing(field="number")
    item.fields = parse_fields(words, made, zone)
    item.reach = keep_usable_addresses({name: words[name] for name in ADDRESS_PARSERS if name in words})
    if made.closed_states and "state" not in words:  # a closing time counts in the states that mean closed
        item.fields.pop("closed_at", None)
    elif made.closed_states:
        item.on_arrival = words["state"] in made.closed_states and not item.fields.get("closed_at")


# --- taking ------------------------------------------------------------------------------------------


def _split_turns(items: Iterable[MessageItem]) -> Iterator[list[MessageItem]]:
    """The usable items in as many turns as the most frequent number has, each number once in a turn."""
    left = [item for item in items if item.refusal is None]
    while left:
        turn: dict[str, MessageItem] = {}  # each number once: a batch knows what the store had before it
        later = [item for item in left if turn.setdefault(item.number, item) is not item]
        yield list(turn.values())
        left = later


def _close_on_arrival(turn: list[MessageItem], source: str, now: datetime) -> None:
    """Who is closed without a time closes now, or keeps the closing that we know of."""
    closed = {item.number: item for item in turn if item.on_arrival}
    for item in closed.values():
        item.fields["closed_at"] = now  # of a new one we know no better
    known = Incident.select().where(Incident.source == source, Incident.number.in_(list(closed)))
    for incident in known if closed else ():
        closed[incident.number].fields["closed_at"] = incident.closed_at or now


def _add_addresses(items: list[MessageItem], source: str, by: audit.Actor, now: datetime) -> None:
    """Give a contact the address it lacks; one that is there stays, for people may have corrected it."""
    named = {item.number: item for item in items if item.fields.get("contact")}
    if not named:
        return
    query = Incident.select(Incident, Contact).join(Contact, on=Incident.contact)
    for incident in query.where(Incident.source == source, Incident.number.in_(list(named))):
        item, known = named[incident.number], expect_value(incident.contact)
        if not _missing_addresses(known, item.reach):
            continue
        contact = Contact.get_by_id(known.id)  # another incident of the same message may have added it just now
        lacking = _missing_addresses(contact, item.reach)
        if lacking:
            email, telephone = lacking.get("email", contact.email), lacking.get("telephone", contact.telephone)
            contacts.change_contact(contact, contact.name, email, telephone, contact.language, by, now)
            item.outcome = "changed" if item.outcome == "same" else item.outcome


def _missing_addresses(contact: Contact, reach: dict[str, str]) -> dict[str, str]:
    if contact.erased_at is not None:  # what was erased does not come back this way (D5)
        return {}
    given = {name.removeprefix("contact_"): text for name, text in reach.items()}
    return {name: text for name, text in given.items() if not getattr(contact, name)}
