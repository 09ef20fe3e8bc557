"""The digest: one mail a day to each person with work waiting, with the numbers that the rail shows."""

from __future__ import annotations

from datetime import datetime, tzinfo

from csat.database import write
from csat.models.access import Account
from csat.models.outbox import MailKind
from csat.models.people import Person
from csat.procedure.mail import outbox
from csat.procedure.worklists.worklists import list_pressing, list_waiting


def queue_digests(now: datetime, zone: tzinfo) -> int:
    """Queue today's digest for everybody with work waiting and an address; how many are new."""
    day, at, queued = now.astimezone(zone).date(), outbox.next_working_time(now, zone), 0
    people = Person.select().where(
        Person.retired_at.is_null(),
        Person.email != "",
        Person.id.in_(Account.select(Account.person).where(Account.closed_at.is_null())),
    )
    with write():
        for person in people:
            if list_waiting(person, now, zone) or list_pressing(person, now, zone):
                name = f"digest:{person.id}:{day}"  # a second round on the same day finds it there
                queued += outbox.queue_mail(MailKind.DIGEST, name, now, person=person, next_at=at)
    return queued
