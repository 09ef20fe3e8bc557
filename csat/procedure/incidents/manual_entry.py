"""Incidents entered and changed by hand until they are closed; later only their source corrects them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from csat.database import write
from csat.models.clients import Incident
from csat.procedure.core import audit
from csat.procedure.core.refusals import InputWrong, Refusal, ValueMissing
from csat.procedure.incidents import incidents
from csat.procedure.incidents.incidents import ImportOutcome
from csat.words import N_

MANUAL_SOURCE = "manual"


class NumberTaken(InputWrong):
    sentence = N_("Incident %(number)s exists already. Please choose another number.")


class IncidentClosed(Refusal):
    sentence = N_("This incident is closed and can no longer be changed by hand.")


def enter_incident(number: str, fields: Mapping[str, object], by: audit.Actor, now: datetime, zone: tzinfo) -> Incident:
    """Enter an incident by hand; raise NumberTaken when its number is known already."""
    _refuse_contact_without_client(fields)
    with write():
        if Incident.get_or_none(Incident.source == MANUAL_SOURCE, Incident.number == number):
            raise NumberTaken(field="number", number=number)
        return incidents.upsert_incident(MANUAL_SOURCE, number, fields, by, now, zone)[0]


def edit_incident(
    incident: Incident, fields: Mapping[str, object], by: audit.Actor, now: datetime, zone: tzinfo
) -> ImportOutcome:
    """Change an incident by hand, until it is closed; raise IncidentClosed afterwards."""
    _refuse_contact_without_client(fields)
    with write():
        if Incident.get_by_id(incident.id).closed_at is not None:  # read again: it may have closed meanwhile
            raise IncidentClosed
        return incidents.upsert_incident(incident.source, incident.number, fields, by, now, zone)[1]


def _refuse_contact_without_client(fields: Mapping[str, object]) -> None:
    """By hand, a contact needs their client; an import just cannot say who it was."""
    if fields.get("contact") and not fields.get("client"):
        raise ValueMissing(field="client")
