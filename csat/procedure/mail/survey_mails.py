"""The survey mail that goes by itself some hours after an incident closed, so that the desk calls only the rest (P1).

Nothing goes before an administrator has sent a test mail that arrived at the server, named the first day, and
switched it on. What the desk has begun stays the desk's; a mail that comes back brings the incident to the desk,
with the time that it had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice

from peewee import ModelSelect

from csat.database import only_one, write
from csat.models.asking import Invitation
from csat.models.clients import Client, Contact, Incident
from csat.models.outbox import QUEUED_STATES, MailKind, MailState, OutboxMessage
from csat.models.people import Person
from csat.procedure.campaigns import incident_surveys
from csat.procedure.clients.opt_out import opted_out_condition
from csat.procedure.core import audit, settings
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.incidents.survey_clock import STILL_DUE
from csat.procedure.incidents.survey_cooldown import was_surveyed_lately
from csat.procedure.mail import outbox, sending_rules
from csat.procedure.mail.invitations import queue_unless_queued
from csat.words import N_

FIRST_DAY = "survey_mail_from"
BATCH_SIZE = 50  # mails queued in one go: what is left waits a minute
GRACE = timedelta(minutes=30)  # in which the worker queues what is ripe: what is left then was passed over
LEFT_STATES = (MailState.DONE, MailState.BACK)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class NoTestMail(Refusal):
    sentence = N_(
        "Please send yourself a test mail first. When the mail server has taken it, the survey mail can begin."
    )


class FirstDayPassed(InputWrong):
    sentence = N_("This day has passed. Please enter today or a later day, so that nothing old is asked about.")


class NoOwnAddress(Refusal):
    sentence = N_("No e-mail address is on record for you. Please have one entered under Persons first.")


@dataclass(frozen=True)
class MailsToday:
    """What went by itself today, what of it came back, and what follows: no call is needed for that yet."""

    sent: int
    back: int
    to_come: int


# --- trying and switching ------------------------------------------------------------------------------


def send_test_mail(by: Person, now: datetime) -> None:
    """Queue a test mail to oneself."""
    if not by.email:
        raise NoOwnAddress
    outbox.queue_mail(MailKind.TEST, f"test:{by.id}:{now.isoformat()}", now, by, person=by)


def find_test_mail(*states: MailState) -> OutboxMessage | None:
    """The latest test mail, of those in these states."""
    query = OutboxMessage.select().where(OutboxMessage.kind == MailKind.TEST).order_by(OutboxMessage.id.desc())
    return (query.where(OutboxMessage.state.in_(states)) if states else query).first()


def get_first_day() -> date | None:
    """Incidents that close from this day on are mailed about; None while it is switched off."""
    kept = settings.read_value(FIRST_DAY, "")
    return date.fromisoformat(kept) if kept else None


def switch_on(first_day: date, by: Person, now: datetime, zone: tzinfo) -> None:
    """Let survey mails go by themselves, about incidents that close from a day on."""
    if find_test_mail(MailState.DONE) is None:
        raise NoTestMail
    if first_day < now.astimezone(zone).date():
        raise FirstDayPassed(field="first_day")
    settings.store_value(FIRST_DAY, "", first_day.isoformat(), by, now)


def switch_off(by: Person, now: datetime) -> None:
    """No mail goes by itself from now on; what is queued still goes."""
    settings.store_value(FIRST_DAY, "", "", by, now)


# --- sending -------------------------------------------------------------------------------------------


def queue_survey_mails(now: datetime, zone: tzinfo, make_key: Callable[[], bytes]) -> int:
    """Queue the mails whose time has come; how many. Safe to ask often, and twice at once."""
    with only_one("survey mails") as free:
        if not free or get_first_day() is None:
            return 0
        queued = (one for one in _select_ripe(now, zone) if _queue_one(one, make_key, now, zone))
        return sum(1 for _ in islice(queued, BATCH_SIZE))


def summarise_today(now: datetime, zone: tzinfo, server: bool = True) -> MailsToday:
    """What the desk need not do today; without a mail server nothing follows."""
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)
    states = [one.state for one in select_own_mails().where(OutboxMessage.made_at >= midnight)]
    queued = select_own_mails().where(OutboxMessage.state.in_(QUEUED_STATES)).count()
    waiting = select_to_come(now, zone).count()
    sent = sum(state in LEFT_STATES for state in states)
    return MailsToday(sent, states.count(MailState.BACK), waiting + queued if server else 0)


def select_own_mails() -> ModelSelect[OutboxMessage]:
    """A query of the survey mails that went, or are to go, by themselves; the newest first."""
    query = OutboxMessage.select(OutboxMessage, Invitation, Incident, Client, Contact).join(Invitation)
    query = query.join(Incident).join_from(Invitation, Client).join_from(Invitation, Contact)
    own = (OutboxMessage.kind == MailKind.ASK) & OutboxMessage.by.is_null()
    return query.where(own).order_by(OutboxMessage.id.desc())


def select_to_come(now: datetime, zone: tzinfo) -> ModelSelect[Incident]:
    """A query of the incidents about which a mail goes by itself, now or later, so that no call is needed yet.

    Not of those whose time has come and gone, for a cap, for rest, or because nobody queues: the desk calls these.
    """
    return _select_unasked(zone).where(Incident.first_closed_at > now - _read_wait() - GRACE)


def _select_unasked(zone: tzinfo) -> ModelSelect[Incident]:
    """A query of the incidents that a mail may ask about by itself: due, nobody asked or tried yet."""
    day = get_first_day()
    first = NEVER if day is None else datetime.combine(day, time(), zone)
    begun = Invitation.select(Invitation.incident).where(Invitation.incident.is_null(False))
    query = Incident.select(Incident, Contact).join(Contact).where(STILL_DUE, Incident.first_closed_at >= first)
    query = query.where(Incident.id.not_in(begun), Incident.client.is_null(False))
    return query.where(Contact.email != "", Contact.retired_at.is_null(), ~opted_out_condition())


def _select_ripe(now: datetime, zone: tzinfo) -> list[Incident]:
    ripe = _select_unasked(zone).where(Incident.first_closed_at <= now - _read_wait())
    return list(ripe.order_by(Incident.survey_due_at, Incident.id))


def _read_wait() -> timedelta:
    return timedelta(hours=settings.get_number("survey_mail_hours"))


def _queue_one(incident: Incident, make_key: Callable[[], bytes], now: datetime, zone: tzinfo) -> bool:
    """Ask about one incident, unless its contact or client had mails enough: then the desk calls."""
    contact = incident.contact
    if contact is None or sending_rules.find_contact_hold_reason(contact) or was_surveyed_lately(contact, now):
        return False
    if sending_rules.find_cap_of(contact, incident.client_id, now):
        return False
    try:
        with write():
            invitation = incident_surveys.ensure_invitation(incident, make_key, None, now, zone)
            audit.record(None, "survey mail queued", invitation, now, incident=incident.id)
            return queue_unless_queued(invitation, None, now)
    except Refusal:  # the desk was faster, or the contact opted out in this moment
        return False
