"""The survey's clock (P1): from an incident's first closing until it counts as surveyed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from csat.models.base import Json
from csat.models.clients import Incident
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.incidents.beginning import HISTORY, get_first_instant

ClosingRule = Callable[[datetime], Json]

# Closed, and neither surveyed nor skipped: what the desk still has to do.
STILL_DUE = Incident.first_closed_at.is_null(False) & Incident.surveyed_at.is_null() & (Incident.skipped_because == "")


def make_closing_rule(zone: tzinfo) -> ClosingRule:
    """What the first closing of an incident fixes: its quarter (F8), until when to survey it, or that it is history."""
    # Read once for a whole import: a setting changed meanwhile must not split a file.
    within, begun = timedelta(hours=settings.get_number("survey_hours")), get_first_instant(zone)

    def fixed(at: datetime) -> dict[str, object]:
        clock = {"first_closed_at": at, "quarter": int(Quarter.of(at, zone)), "survey_due_at": at + within}
        return clock | {"skipped_because": HISTORY if begun is not None and at < begun else ""}

    return fixed


def mark_surveyed(incident: int | None, now: datetime) -> None:
    """The contact was reached about this incident: it is surveyed, unless it was already."""
    # The first time stays: whether a survey was in time must not depend on what came after it.
    Incident.update(surveyed_at=now).where(Incident.id == incident, Incident.surveyed_at.is_null()).execute()


def unmark_surveyed(incident: int | None) -> None:
    """Nobody was reached after all: the incident is to be surveyed again."""
    Incident.update(surveyed_at=None).where(Incident.id == incident).execute()


def correct_surveyed(incident: int | None, at: datetime | None) -> None:
    """What had counted was no survey: the incident is surveyed since another instant, or to be surveyed again."""
    Incident.update(surveyed_at=at).where(Incident.id == incident).execute()
