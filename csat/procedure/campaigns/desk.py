"""The service desk's round: closed incidents that are still to be surveyed, and how to ask (P1, P2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from peewee import JOIN, ModelSelect

from csat.models.asking import Attempt, AttemptOutcome, Invitation
from csat.models.base import Condition, expect_value
from csat.models.clients import Client, Contact, Incident
from csat.models.people import Department
from csat.procedure.campaigns import phone_attempts
from csat.procedure.campaigns.invitation_states import attempts_of, list_history
from csat.procedure.campaigns.proposals import GAPS_PREVENTING_SURVEY, AskingGap, find_gap, mask_contact
from csat.procedure.clients.opt_out import opted_out_condition
from csat.procedure.core import days_off
from csat.procedure.core.days_off import is_day_off
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.incidents.beginning import IS_HISTORY
from csat.procedure.incidents.incidents import match_words
from csat.procedure.incidents.survey_clock import STILL_DUE

DUE_FILTERS = ("overdue", "today", "again", "gap", "opted_out", "skipped")  # what the list can be narrowed to


@dataclass(frozen=True)
class DueIncident:
    """A closed incident to be surveyed: how it stands with the clock, what is missing, what was tried."""

    incident: Incident
    overdue: bool
    today: bool
    gap: AskingGap | None
    attempts: tuple[Attempt, ...]
    elapsed: float  # of the time to survey it, from 0 to 1
    day_off: date | None  # the day on which it is due, where nobody works then

    @property
    def reach(self) -> str:
        """How the contact can be reached, masked."""
        return mask_contact(self.incident.contact) if self.incident.contact else ""

    @property
    def askable(self) -> bool:
        """Whether somebody can be asked at all, if only by a link."""
        return self.gap not in GAPS_PREVENTING_SURVEY

    @property
    def opted_out(self) -> bool:
        """Whether the contact wants no surveys: the incident is closed as refused, nobody is asked (P2)."""
        return self.gap == AskingGap.OPTED_OUT

    @property
    def callable(self) -> bool:
        """Whether there is a number to call."""
        contact = self.incident.contact
        return self.askable and self.gap != AskingGap.WRONG_NUMBER and contact is not None and bool(contact.telephone)

    @property
    def tries(self) -> int:
        """How often the last attempts ended alike, one after the other."""
        last = [one.outcome for one in self.attempts]
        return next((n for n, one in enumerate(reversed(last)) if one != last[-1]), len(last))

    @property
    def again_at(self) -> datetime | None:
        """When to call again, if the last attempt ended so."""
        return self.attempts[-1].again_at if self.attempts else None


def list_due_incidents(now: datetime, zone: tzinfo, words: str = "", only: str = "") -> ModelSelect[Incident]:
    """A query of the closed incidents to survey now, least time left first; `only` is one of DUE_FILTERS."""
    # Those to be called later come back at their time.
    waiting = select_still_due().where(Incident.id.not_in(phone_attempts.select_call_later(now)))
    query = _filter_incidents(now, only, zone) if only else waiting
    if words:
        query = query.where(match_words(words))
    return query.order_by(Incident.survey_due_at, Incident.id)


def list_later_calls(now: datetime) -> ModelSelect[Incident]:
    """A query of the incidents to be called again at a later time than now, the next one first."""
    query = select_still_due().join(Invitation, on=Invitation.incident == Incident.id).join(Attempt)
    query = query.where(Attempt.id.in_(phone_attempts.select_last_attempts()), Attempt.again_at > now)
    return query.order_by(Attempt.again_at, Incident.id)


def count_due_incidents(now: datetime, zone: tzinfo) -> dict[str, int]:
    """What the desk has before it: all, and as the list can be narrowed (DUE_FILTERS)."""
    numbers = {only: _filter_incidents(now, only, zone).count() for only in DUE_FILTERS}
    return {"all": select_still_due().count(), **numbers}


def _filter_incidents(now: datetime, only: str, zone: tzinfo) -> ModelSelect[Incident]:
    tonight = (now.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    until = Incident.survey_due_at
    if only == "skipped":  # of this quarter: earlier ones stand in its report
        skipped = (Incident.skipped_because != "") & ~IS_HISTORY & Incident.surveyed_at.is_null()
        return _select_incidents().where(skipped, Incident.quarter == int(Quarter.of(now, zone)))
    later, promised = phone_attempts.select_call_later(now), phone_attempts.select_call_promised(now)
    conditions = {
        "overdue": until <= now,
        "today": (until > now) & (until < tonight),
        "again": Incident.id.in_(later) | Incident.id.in_(promised),
        "gap": _gap_condition(),
        "opted_out": _opted_out_condition(),
    }
    return select_still_due().where(conditions[only])


def describe_incidents(incidents: list[Incident], now: datetime, zone: tzinfo) -> list[DueIncident]:
    """Incidents with what the desk needs to know of each."""
    asked = {one.incident_id: one for one in Invitation.select().where(Invitation.incident.in_(incidents))}
    attempts = attempts_of(asked.values())
    day, calendar = now.astimezone(zone).date(), days_off.read_calendar()
    found = []
    for incident in incidents:
        invitation = asked.get(incident.id)
        tried = attempts[invitation.id] if invitation else []
        until = expect_value(incident.survey_due_at)
        ends_today = until > now and until.astimezone(zone).date() == day
        gap, gone, last = (
            find_incident_gap(incident, tried),
            _share_elapsed(incident, now),
            until.astimezone(zone).date(),
        )
        off = last if until > now and is_day_off(last, calendar) else None
        found.append(DueIncident(incident, until <= now, ends_today, gap, tuple(tried), gone, off))
    return found


def _share_elapsed(incident: Incident, now: datetime) -> float:
    closed, until = expect_value(incident.first_closed_at), expect_value(incident.survey_due_at)
    return min(max((now - closed) / max(until - closed, timedelta(seconds=1)), 0.0), 1.0)


def find_incident_gap(incident: Incident, tried: Sequence[Attempt] = ()) -> AskingGap | None:
    """What keeps us from asking about an incident, or from calling again; it exempts nothing (P1)."""
    if incident.client_id is None:
        return AskingGap.NO_CLIENT
    wrong = bool(tried) and tried[-1].outcome == AttemptOutcome.WRONG_NUMBER and tried[-1].again_at is None
    return find_gap(incident.contact) or (AskingGap.WRONG_NUMBER if wrong else None)


def get_due_incident(key: int) -> Incident:
    """A closed incident that is to be surveyed, or was; raise NotFound for any other."""
    return get_or_refuse(Incident, key, Incident.first_closed_at.is_null(False))


def list_attempts(incident: Incident) -> list[Attempt]:
    """All attempts on an incident, those that were taken back too, oldest first (P2)."""
    return list_history(Invitation.select().where(Invitation.incident == incident))


def select_still_due() -> ModelSelect[Incident]:
    """A query of the closed incidents that are still to be surveyed (P1)."""
    return _select_incidents().where(STILL_DUE)


def _select_incidents() -> ModelSelect[Incident]:
    return (
        Incident.select(Incident, Client, Contact, Department)
        .left_outer_join(Client)
        .join_from(Incident, Contact, JOIN.LEFT_OUTER, on=Incident.contact)
        .join_from(Incident, Department, JOIN.LEFT_OUTER)
        .switch(Incident)
    )


def _gap_condition() -> Condition:
    """What `gap` tells of one incident, for a query that has joined the contact."""
    silent = (Contact.email == "") & (Contact.telephone == "")
    unknown = Incident.client.is_null() | Incident.contact.is_null()
    missing = unknown | silent | Contact.retired_at.is_null(False)
    return (missing | Incident.id.in_(phone_attempts.select_wrong_number())) & ~_opted_out_condition()


def _opted_out_condition() -> Condition:
    return Incident.client.is_null(False) & Contact.retired_at.is_null() & opted_out_condition()
