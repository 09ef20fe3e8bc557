"""Incidents: tickets by source and number, by hand or imported; the first closing starts the survey clock.

`put` is the single verb for every way in. Running it again with the same content writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal

from peewee import JOIN, Model, ModelSelect

from csat.database import write
from csat.models.base import Json
from csat.models.clients import AliasKind, Client, Contact, Incident
from csat.procedure.clients.external_names import NameResolver
from csat.procedure.core import audit, settings
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, Refusal, ValueMissing
from csat.procedure.incidents.survey_cooldown import STILL_DUE, skip_in_cooldown
from csat.words import N_

MANUAL_SOURCE = "manual"
TIME_FIELDS = ("opened_at", "responded_at", "resolved_at", "closed_at")
TEXT_LENGTHS = {"title": 300, "priority": 60, "category": 120, "reported_by": 60}
ALIAS_KINDS = {
    "client": AliasKind.CLIENT,
    "contact": AliasKind.CONTACT,
    "department": AliasKind.DEPARTMENT,
    "assigned_to": AliasKind.PERSON,
    "resolved_by": AliasKind.PERSON,
}
NAME_LENGTHS = {"source": 60, "number": 60, "client": 200} | dict.fromkeys(list(ALIAS_KINDS)[1:], 120)
FIELD_LABELS = {
    "number": N_("Number"),
    "title": N_("Title"),
    "client": N_("Client"),
    "contact": N_("Contact"),
    "department": N_("Department"),
    "assigned_to": N_("Assigned to"),
    "resolved_by": N_("Resolved by"),
    "opened_at": N_("Opened"),
    "responded_at": N_("First response"),
    "resolved_at": N_("Resolved"),
    "closed_at": N_("Closed"),
    "priority": N_("Priority"),
    "category": N_("Category"),
    "reported_by": N_("Reported through"),
    "state": N_("State"),
}
CLOCK_TOLERANCE = timedelta(hours=1)  # how far another system's clock may be ahead of ours

ImportOutcome = Literal["new", "changed", "same"]
ClosingRule = Callable[[datetime], Json]


class TextTooLong(InputWrong):
    sentence = N_("This has %(found)s characters; at most %(most)s fit.")


class BeforeOpening(InputWrong):
    sentence = N_("This lies before the opening of the incident.")


class ClosedInFuture(InputWrong):
    sentence = N_("This closing lies in the future.")


class NumberTaken(InputWrong):
    sentence = N_("Incident %(number)s exists already. Please choose another number.")


class ContactOfOtherClient(InputWrong):
    sentence = N_("This contact belongs to another client.")


class IncidentClosed(Refusal):
    sentence = N_("This incident is closed and can no longer be changed by hand.")


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be used: its line in the file, and why."""

    line: int
    why: Refusal

    @property
    def field(self) -> str:
        """The field the reason belongs to; '' when it is the whole row."""
        return getattr(self.why, "field", "")


@dataclass
class ImportCounts:
    """What became of the incidents of an import, and of the rows that could not be used."""

    new: int = 0
    changed: int = 0
    same: int = 0
    bad: list[BadRow] = field(default_factory=list)


STATE_CONDITIONS = {
    "open": Incident.closed_at.is_null(),
    "closed": Incident.closed_at.is_null(False),
    "due": STILL_DUE,
}


def upsert_incident(
    source: str, number: str, fields: Mapping[str, object], by: audit.Actor, now: datetime, zone: tzinfo
) -> tuple[Incident, ImportOutcome]:
    """Bring an incident to what `fields` say, and tell whether it is new, changed or the same.

    Clients, contacts, departments and persons are given as records or as the source's names; unknown
    names are made. A field that is not given stays as it is. The first closing fixes quarter and survey
    clock once (P1, F8; `zone` is the operator's). Refuses texts too long and times before the opening.
    """
    with write():
        known = Incident.get_or_none(Incident.source == source, Incident.number == number)
        refuse_invalid_fields(known, source, number, fields, now)
        values = _resolve_values(known, fields, NameResolver(source), by, now, make_closing_rule(zone))
        if known is None:
            incident = Incident.create(source=source, number=number, **values)
            audit.record(by, "incident added", incident, now, number=number, source=source)
        elif _write_changes(known, values, by, now):
            incident = known
        else:
            return known, "same"
        if values.get("first_closed_at") and skip_in_cooldown(now, only=[incident.id]):
            incident = Incident.get_by_id(incident.id)
        return incident, "new" if known is None else "changed"


def upsert_incidents(
    source: str,
    rows: Iterable[tuple[int, str, Mapping[str, object]]],
    by: audit.Actor,
    now: datetime,
    zone: tzinfo,
    names: NameResolver,
    counts: ImportCounts,
) -> dict[int, ImportOutcome]:
    """Put a batch of (line, number, fields) in one transaction, each number once; a refused row leaves
    nothing behind. Return what became of the others, by line."""
    rows, closing = list(rows), make_closing_rule(zone)
    outcomes: dict[int, ImportOutcome] = {}
    with write():
        numbers = [number for _, number, _ in rows]
        known = {
            row.number: row
            for row in Incident.select().where(Incident.source == source, Incident.number.in_(numbers))
        }
        fresh = []
        for line, number, fields in rows:
            try:
                refuse_invalid_fields(known.get(number), source, number, fields, now)
                values = _resolve_values(known.get(number), fields, names, by, now, closing)
            except Refusal as refusal:
                counts.bad.append(BadRow(line, refusal))
                continue
            if number not in known:
                fresh.append({"source": source, "number": number, **BLANK_FIELDS, **values})
                outcomes[line] = "new"
            elif _write_changes(known[number], values, by, now):
                counts.changed += 1
                outcomes[line] = "changed"
            else:
                counts.same += 1
                outcomes[line] = "same"
        if fresh:
            Incident.insert_many(fresh).execute()
            counts.new += len(fresh)
            audit.record(
                by, "incidents imported", f"source:{source}", now, numbers=[row["number"] for row in fresh]
            )
        skip_in_cooldown(now)
    return outcomes


def list_incidents(words: str = "", state: str = "") -> ModelSelect[Incident]:
    """A query of incidents by number, title or client, the newest first; `state` is open, closed or due."""
    query = Incident.select(Incident, Client).join(Client, JOIN.LEFT_OUTER)
    if words:
        found = Incident.number.contains(words) | Incident.title.contains(words)
        query = query.where(found | Client.name.contains(words) | Client.name_en.contains(words))
    if state in STATE_CONDITIONS:
        query = query.where(STATE_CONDITIONS[state])
    return query.order_by(Incident.id.desc())


def enter_incident(
    number: str, fields: Mapping[str, object], by: audit.Actor, now: datetime, zone: tzinfo
) -> Incident:
    """Enter an incident by hand; raise NumberTaken when its number is known already."""
    _refuse_contact_without_client(fields)
    with write():
        if Incident.get_or_none(Incident.source == MANUAL_SOURCE, Incident.number == number):
            raise NumberTaken(field="number", number=number)
        return upsert_incident(MANUAL_SOURCE, number, fields, by, now, zone)[0]


def edit_incident(
    incident: Incident, fields: Mapping[str, object], by: audit.Actor, now: datetime, zone: tzinfo
) -> ImportOutcome:
    """Change an incident by hand, until it is closed; raise IncidentClosed afterwards."""
    _refuse_contact_without_client(fields)
    with write():
        if Incident.get_by_id(incident.id).closed_at is not None:
            raise IncidentClosed
        return upsert_incident(incident.source, incident.number, fields, by, now, zone)[1]


def get_incident(key: int) -> Incident:
    """The incident of a key; raise NotFound. Whoever may see incidents may see all of them."""
    return get_or_refuse(Incident, key)


BLANK_FIELDS: dict[str, object] = {
    **dict.fromkeys(TEXT_LENGTHS, ""),
    **dict.fromkeys(TIME_FIELDS),
    **dict.fromkeys(ALIAS_KINDS),
    "major": False,
    "first_closed_at": None,
    "quarter": None,
    "survey_due_at": None,
}


def refuse_invalid_fields(
    known: Incident | None, source: str, number: str, fields: Mapping[str, Any], now: datetime
) -> None:
    """Refuse what no incident can be: no number, texts too long, times before the opening or ahead of now."""
    if not number:
        raise ValueMissing(field="number")
    texts = {"source": source, "number": number, **fields}
    for name, most in {**TEXT_LENGTHS, **NAME_LENGTHS}.items():
        text = texts.get(name)
        if isinstance(text, str) and len(text) > most:
            raise TextTooLong(field=name, found=len(text), most=most)
    times = {name: fields.get(name, getattr(known, name, None)) for name in TIME_FIELDS}
    for name in TIME_FIELDS[1:]:
        if times["opened_at"] and times[name] and times[name] < times["opened_at"]:
            raise BeforeOpening(field=name)
    if times["closed_at"] and times["closed_at"] > now + CLOCK_TOLERANCE:
        raise ClosedInFuture(field="closed_at")


def _resolve_values(
    known: Incident | None,
    fields: Mapping[str, Any],
    names: NameResolver,
    by: audit.Actor,
    now: datetime,
    closing: ClosingRule,
) -> Json:
    """The columns that `fields` ask for, names turned into keys. Nothing is made before all is checked."""
    values = {name: fields[name] for name in (*TEXT_LENGTHS, *TIME_FIELDS, "major") if name in fields}
    _refuse_unclear(names, fields)
    for name in ("client", "department", "assigned_to", "resolved_by"):
        if name in fields:
            values[name] = _resolve_key(names, ALIAS_KINDS[name], fields[name], by, now)
    if "contact" in fields or "client" in fields:
        client = values.get("client", known.client_id if known else None)
        values["contact"] = _resolve_contact(known, fields, client, names, by, now)
    if values.get("closed_at") and (known is None or known.first_closed_at is None):
        values |= closing(values["closed_at"])
    return values


def make_closing_rule(zone: tzinfo) -> ClosingRule:
    """What the first closing of an incident fixes: its quarter (F8) and until when it is surveyed (P1)."""
    within = timedelta(hours=settings.get_number("survey_hours"))

    def fixed(at: datetime) -> dict[str, object]:
        return {"first_closed_at": at, "quarter": int(Quarter.of(at, zone)), "survey_due_at": at + within}

    return fixed


def _refuse_contact_without_client(fields: Mapping[str, object]) -> None:
    """By hand, a contact needs their client; an import just cannot say who it was."""
    if fields.get("contact") and not fields.get("client"):
        raise ValueMissing(field="client")


def _refuse_unclear(names: NameResolver, fields: Mapping[str, Any]) -> None:
    for name in ("assigned_to", "resolved_by"):
        if isinstance(fields.get(name), str) and fields[name]:
            names.find(AliasKind.PERSON, fields[name], field=name)
    contact, client = fields.get("contact"), fields.get("client")
    if isinstance(contact, Contact) and isinstance(client, Model) and contact.client_id != client.get_id():
        raise ContactOfOtherClient(field="contact")


def _resolve_key(
    names: NameResolver, kind: AliasKind, given: Any, by: audit.Actor, now: datetime
) -> int | None:
    if isinstance(given, Model):
        return given.get_id()
    return names.find_or_make(kind, given, by, now) if given else None


def _resolve_contact(
    known: Incident | None,
    fields: Mapping[str, Any],
    client: int | None,
    names: NameResolver,
    by: audit.Actor,
    now: datetime,
) -> int | None:
    """The contact asked for; without one, the contact so far, unless the client is another one now."""
    given = fields.get("contact")
    if isinstance(given, Model):
        return given.get_id()
    if given and client is not None:
        return names.find_or_make(AliasKind.CONTACT, given, by, now, client)
    stays = known is not None and "contact" not in fields and known.client_id == client
    return known.contact_id if known is not None and stays else None


def _write_changes(incident: Incident, values: Mapping[str, object], by: audit.Actor, now: datetime) -> bool:
    """Write what differs, with an entry in the history; False when nothing does."""
    before = {name: incident.__data__[name] for name in values}
    differing = {name: value for name, value in values.items() if before[name] != value}
    if not differing:
        return False
    for name, value in differing.items():
        setattr(incident, name, value)
    incident.save(only=list(differing))
    changes = {name: [str(before[name]), str(value)] for name, value in differing.items()}
    audit.record(by, "incident changed", incident, now, **changes)
    return True
