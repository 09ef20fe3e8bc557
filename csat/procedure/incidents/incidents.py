"""Incidents by source and number, by one verb for every way in; the first closing starts the survey clock (P1, F8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Literal

from peewee import JOIN, Model, ModelSelect

from csat.database import write
from csat.models.base import Condition, Json
from csat.models.clients import AliasKind, Client, Contact, Incident
from csat.procedure.clients.external_names import NameResolver
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.incidents.beginning import IS_HISTORY
from csat.procedure.incidents.fields import ALIAS_KINDS, BLANK_FIELDS, TEXT_LENGTHS, TIME_FIELDS, refuse_invalid_fields
from csat.procedure.incidents.survey_clock import STILL_DUE, ClosingRule, make_closing_rule
from csat.procedure.incidents.survey_cooldown import skip_in_cooldown
from csat.words import N_

ImportOutcome = Literal["new", "changed", "same"]


class ContactOfOtherClient(InputWrong):
    sentence = N_("This contact belongs to another client.")


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
    "history": IS_HISTORY,
}


def upsert_incident(
    source: str, number: str, fields: Mapping[str, object], by: audit.Actor, now: datetime, zone: tzinfo
) -> tuple[Incident, ImportOutcome]:
    """Bring an incident to what `fields` say (records or names); tell whether it is new, changed or the same."""
    with write():
        known = Incident.get_or_none(Incident.source == source, Incident.number == number)
        refuse_invalid_fields(known, source, number, fields, now)
        values = _resolve_values(known, fields, NameResolver(source), by, now, make_closing_rule(zone))
        if known is not None and not _write_changes(known, values, by, now):
            return known, "same"
        incident = known or Incident.create(source=source, number=number, **values)
        if known is None:
            audit.record(by, "incident added", incident, now, number=number, source=source)
        # At once: the desk must not call today whom the night would skip.
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
    """Put a batch of (line, number, fields) in one transaction, each number once; say what became of each line."""
    rows, closing = list(rows), make_closing_rule(zone)
    outcomes: dict[int, ImportOutcome] = {}
    with write():
        numbers = [number for _, number, _ in rows]
        query = Incident.select().where(Incident.source == source, Incident.number.in_(numbers))
        known, fresh = {row.number: row for row in query}, []
        for line, number, fields in rows:
            try:
                refuse_invalid_fields(known.get(number), source, number, fields, now)
                values = _resolve_values(known.get(number), fields, names, by, now, closing)
            except Refusal as refusal:
                counts.bad.append(BadRow(line, refusal))
                continue
            if number in known:
                outcomes[line] = "changed" if _write_changes(known[number], values, by, now) else "same"
            else:
                fresh.append({"source": source, "number": number, **BLANK_FIELDS, **values})
                outcomes[line] = "new"
        became = Counter(outcomes.values())
        counts.new, counts.changed = counts.new + became["new"], counts.changed + became["changed"]
        counts.same += became["same"]
        if fresh:
            Incident.insert_many(fresh).execute()
            audit.record(by, "incidents imported", f"source:{source}", now, numbers=[row["number"] for row in fresh])
        skip_in_cooldown(now)
    return outcomes


def list_incidents(words: str = "", state: str = "") -> ModelSelect[Incident]:
    """A query of incidents by number, title or client, the newest first; `state` is one of STATE_CONDITIONS."""
    query = Incident.select(Incident, Client).join(Client, JOIN.LEFT_OUTER)
    if words:
        query = query.where(match_words(words))
    if state in STATE_CONDITIONS:
        query = query.where(STATE_CONDITIONS[state])
    return query.order_by(Incident.id.desc())


def match_words(words: str) -> Condition:
    """Whether an incident of a query that has joined the client has these words in number, title or client."""
    found = Incident.number.contains(words) | Incident.title.contains(words)
    return found | Client.name.contains(words) | Client.name_en.contains(words)


def get_incident(key: int) -> Incident:
    """The incident of a key; raise NotFound. Whoever may see incidents may see all of them."""
    return get_or_refuse(Incident, key)


def _resolve_values(
    known: Incident | None,
    fields: Mapping[str, Any],
    names: NameResolver,
    by: audit.Actor,
    now: datetime,
    closing: ClosingRule,
) -> Json:
    """The columns that `fields` ask for, names turned into keys."""
    values = {name: fields[name] for name in (*TEXT_LENGTHS, *TIME_FIELDS, "major") if name in fields}
    _refuse_unclear(names, fields)  # before any name makes a client or person that nothing needs then
    for name in ("client", "department", "assigned_to", "resolved_by"):
        if name in fields:
            values[name] = _resolve_key(names, ALIAS_KINDS[name], fields[name], by, now)
    if "contact" in fields or "client" in fields:
        client = values.get("client", known.client_id if known else None)
        values["contact"] = _resolve_contact(known, fields, client, names, by, now)
    if values.get("closed_at") and (known is None or known.first_closed_at is None):
        values |= closing(values["closed_at"])
    return values


def _refuse_unclear(names: NameResolver, fields: Mapping[str, Any]) -> None:
    for name in ("assigned_to", "resolved_by"):
        if isinstance(fields.get(name), str) and fields[name]:
            names.find(AliasKind.PERSON, fields[name], field=name)
    contact, client = fields.get("contact"), fields.get("client")
    if isinstance(contact, Contact) and isinstance(client, Model) and contact.client_id != client.get_id():
        raise ContactOfOtherClient(field="contact")


def _resolve_key(names: NameResolver, kind: AliasKind, given: Any, by: audit.Actor, now: datetime) -> int | None:
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
