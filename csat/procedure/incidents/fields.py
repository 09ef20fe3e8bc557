"""What is known of an incident: its fields, what they are called, and what no incident can be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from csat.models.clients import AliasKind, Incident
from csat.procedure.core.refusals import InputWrong, ValueMissing
from csat.words import N_

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
FIELDS_NEVER_CLEARED = ("client", "contact")  # 'unknown' never takes away what the desk has found out meanwhile
CLOCK_TOLERANCE = timedelta(hours=1)  # how far another system's clock may be ahead of ours

BLANK_FIELDS: dict[str, object] = {
    **dict.fromkeys(TEXT_LENGTHS, ""),
    **dict.fromkeys(TIME_FIELDS),
    **dict.fromkeys(ALIAS_KINDS),
    "major": False,
    "first_closed_at": None,
    "quarter": None,
    "survey_due_at": None,
    "skipped_because": "",
}


class TextTooLong(InputWrong):
    sentence = N_("This has %(found)s characters; at most %(most)s fit.")


class BeforeOpening(InputWrong):
    sentence = N_("This lies before the opening of the incident.")


class ClosedInFuture(InputWrong):
    sentence = N_("This closing lies in the future.")


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
