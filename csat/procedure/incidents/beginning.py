"""The day on which the provider began (P1): what closed before it is history, never due, and in no share of ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from peewee import chunked

from csat.database import write
from csat.models.asking import Invitation
from csat.models.clients import Incident
from csat.procedure.core import audit, settings
from csat.procedure.core.refusals import InputWrong
from csat.words import N_

BEGINNING = "beginning"
HISTORY = "history"  # as the reason why an incident is skipped
IS_HISTORY = Incident.skipped_because == HISTORY
BATCH_SIZE = 100
EARLIEST_YEAR = 2000  # what lies before is a slip (0026), by which all that ever closed would be due


class BeginningToCome(InputWrong):
    sentence = N_("This day is still to come. Please enter today or an earlier day.")


class BeginningMistyped(InputWrong):
    sentence = N_("This day lies before the year 2000. Please write the year in full, for instance 2026.")


@dataclass(frozen=True)
class BeginningMoved:
    """What another beginning did to closed incidents: how many became history, and how many are due again."""

    history: int
    due: int


def get_beginning() -> date | None:
    """The first day whose closed incidents are surveyed; None in a store from before there was one: all are."""
    kept = settings.read_value(BEGINNING, "")
    return date.fromisoformat(kept) if kept else None


def get_first_instant(zone: tzinfo) -> datetime | None:
    """When that day began where the provider is."""
    day = get_beginning()
    return None if day is None else datetime.combine(day, time(), zone).astimezone(UTC)


def begin_today(by: audit.Actor, now: datetime, zone: tzinfo) -> None:
    """A store is set up for the first time: what closed before this day is none of its business."""
    settings.store_value(BEGINNING, "", now.astimezone(zone).date().isoformat(), by, now)


def set_beginning(day: date, by: audit.Actor, now: datetime, zone: tzinfo) -> BeginningMoved:
    """Say when the provider began. Closed incidents that nobody was asked about become history, or due, by it."""
    if day > now.astimezone(zone).date():
        raise BeginningToCome(field="day")
    if day.year < EARLIEST_YEAR:
        raise BeginningMistyped(field="day")
    settings.store_value(BEGINNING, "", day.isoformat(), by, now)
    first = datetime.combine(day, time(), zone)
    unasked = Incident.id.not_in(Invitation.select(Invitation.incident).where(Invitation.incident.is_null(False)))
    early = (Incident.first_closed_at < first) & (Incident.skipped_because == "") & Incident.surveyed_at.is_null()
    moved = BeginningMoved(
        history=_mark(Incident.select(Incident.id).where(early, unasked), HISTORY),
        due=_mark(Incident.select(Incident.id).where(Incident.first_closed_at >= first, IS_HISTORY), ""),
    )
    if moved.history or moved.due:
        audit.record(by, "beginning moved", "setting:beginning", now, history=moved.history, due=moved.due)
    return moved


def count_history() -> int:
    """How many closed incidents are history."""
    return Incident.select().where(IS_HISTORY).count()


def _mark(found: Iterable[Incident], as_what: str) -> int:
    """Mark incidents, in batches: nothing else may wait for long."""
    keys = [one.id for one in found]
    for some in chunked(keys, BATCH_SIZE):
        with write():
            Incident.update(skipped_because=as_what).where(Incident.id.in_(list(some))).execute()
    return len(keys)
