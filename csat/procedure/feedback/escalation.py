"""Overdue feedback: the owner is told, after a day the department's head, after three the director (I2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from csat.database import write
from csat.models.feedback import Feedback
from csat.models.outbox import MailKind, MailState, OutboxMessage, Why
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.core import audit, settings
from csat.procedure.feedback import due, due_moves
from csat.procedure.mail import outbox
from csat.procedure.people.departments import list_members_on
from csat.procedure.people.permissions import list_role_holders

OWNER, HEAD, DIRECTOR = "owner", "head", "director"


def escalate_overdue(now: datetime, zone: tzinfo) -> int:
    """Tell who is to be told by now, each level of each overdue feedback once, on record; how many."""
    told = 0
    with write():
        for feedback, about, missed_at in _find_overdue(now):
            for level in _list_due_levels(now - missed_at):
                told += _notify_level(feedback, about, level, now, zone)
    return told


@dataclass(frozen=True)
class EscalationNotice:
    """Who of one level was written to that a feedback is overdue, and what became of the mail to each."""

    at: datetime
    about: str
    level: str
    persons: tuple[tuple[str, MailState, Why | None], ...]


def list_notices(feedback: Feedback) -> list[EscalationNotice]:
    """Everybody who was written to that a feedback is overdue, level by level, the earliest first."""
    rows = OutboxMessage.select(OutboxMessage, Person).join(Person, on=(OutboxMessage.person == Person.id))
    rows = rows.where(OutboxMessage.feedback == feedback, OutboxMessage.kind == MailKind.OVERDUE)
    found: dict[tuple[datetime, str, str], list[tuple[str, MailState, Why | None]]] = {}
    for row in rows.order_by(OutboxMessage.id):
        level = row.purpose.split(":")[3]  # as _notify_level composes it
        found.setdefault((row.made_at, row.about, level), []).append((row.person.name, row.state, row.why))
    return [EscalationNotice(*which, tuple(persons)) for which, persons in found.items()]


def _notify_level(feedback: Feedback, about: str, level: str, now: datetime, zone: tzinfo) -> int:
    at, start = outbox.next_working_time(now, zone), f"overdue:{feedback.id}:{about}:{level}"
    # The purpose names one mail for good: queue_mail makes no second one, so each is told once; of a moved date anew.
    moved = ":moved" if about in due_moves.find_accepted_moves(feedback) else ""
    persons = [
        person
        for person in _find_recipients(feedback, level, now, zone)
        if outbox.queue_mail(
            MailKind.OVERDUE,
            f"{start}:{person.id}{moved}",
            now,
            next_at=at,
            person=person,
            feedback=feedback,
            about=about,
        )
    ]
    if persons:
        facts = {"what": about, "level": level, "persons": [person.id for person in persons]}
        audit.record(None, "mails about overdue feedback queued", feedback, now, **facts)
    return len(persons)


def _find_overdue(now: datetime) -> Iterator[tuple[Feedback, str, datetime]]:
    """Open feedback with each instant that it is past: (feedback, which, the instant)."""
    for feedback in Feedback.select().where(due.overdue_condition(now)).order_by(Feedback.id):
        for about, at in due.list_missed_instants(feedback, now):
            yield feedback, about, at


def _list_due_levels(late: timedelta) -> list[str]:
    """Who is to be told by now."""
    waits = {HEAD: "escalate_head", DIRECTOR: "escalate_director"}  # after so many days, by their settings
    after = {OWNER: 0, **{level: settings.get_whole_number(name) for level, name in waits.items()}}
    return [level for level, days in after.items() if late >= timedelta(days=days)]


def _find_recipients(feedback: Feedback, level: str, now: datetime, zone: tzinfo) -> list[Person]:
    department = feedback.department
    if level == DIRECTOR:
        return list_role_holders(Role.DIRECTOR)
    if department is None:  # not assigned yet: that is QA's to do
        return list_role_holders(Role.QA) if level == OWNER else []
    if level == HEAD:
        head = department.head
        return [head] if head and head.retired_at is None else []
    members = list_members_on(department, now.astimezone(zone).date())
    return [person for person in list_role_holders(Role.DEPARTMENT) if person in members]
