"""Out of use, and back into it: what is retired is offered for nothing new; all that was said of it stays."""

from __future__ import annotations

from datetime import datetime

from csat.database import write
from csat.models.clients import Client, Contact
from csat.models.commitments import Commitment
from csat.models.people import Department, Person
from csat.models.questionnaires import Questionnaire
from csat.procedure.core import audit
from csat.words import N_

Retirable = Client | Contact | Commitment | Department | Person | Questionnaire

# What the history calls it: out of use, and back.
RETIREMENT_ACTIONS: dict[type[Retirable], tuple[str, str]] = {
    Client: (N_("client retired"), N_("client restored")),
    Contact: (N_("contact retired"), N_("contact restored")),
    Commitment: (N_("commitment retired"), N_("commitment restored")),
    Department: (N_("department retired"), N_("department restored")),
    Person: (N_("person retired"), N_("person restored")),
    Questionnaire: (N_("questionnaire retired"), N_("questionnaire restored")),
}


def retire_record(record: Retirable, by: audit.Actor, now: datetime) -> None:
    """Take a record out of use."""
    _set_retired(record, now, by, now)


def restore_record(record: Retirable, by: audit.Actor, now: datetime) -> None:
    """Bring a retired record back into use."""
    _set_retired(record, None, by, now)


def toggle_retirement(record: Retirable, by: audit.Actor, now: datetime) -> None:
    """Take out of use what is in use, and bring back what is not."""
    (restore_record if record.retired_at else retire_record)(record, by, now)


def _set_retired(record: Retirable, at: datetime | None, by: audit.Actor, now: datetime) -> None:
    kind = type(record)
    retired, restored = RETIREMENT_ACTIONS[kind]
    with write():
        kind.update(retired_at=at).where(kind.id == record.id).execute()
        audit.record(by, retired if at else restored, record, now)
