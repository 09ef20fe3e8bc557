"""The digest: one mail a day to each person with work waiting, with the numbers that the rail shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from csat.database import write
from csat.models.access import Account
from csat.models.outbox import MailKind
from csat.models.people import Person
from csat.procedure.mail import outbox
from csat.procedure.people import permissions
from csat.procedure.worklists import worklists
from csat.words import N_


@dataclass(frozen=True)
class Queue:
    """A place where work waits: what it is called, who sees it, how it is counted, where it is."""

    label: str
    right: str
    count: Callable[[Person], int]
    path: str


QUEUES = (
    Queue(N_("Surveys due"), "desk", worklists.surveys_due, "/desk/"),
    Queue(N_("First sorting"), "sorting", worklists.to_sort, "/desk/sorting"),
    Queue(N_("Mail"), "campaigns", worklists.mail_troubles, "/campaigns/mail"),
    Queue(N_("Checks after closing"), "campaigns", worklists.checks_to_hand_over, "/campaigns/checks"),
    Queue(N_("To be verified"), "review", worklists.to_verify, "/qa/review"),
    Queue(N_("Check calls"), "review", worklists.check_calls, "/qa/check-calls"),
    Queue(N_("Refusals to confirm"), "refusals.second", worklists.to_second, "/qa/refusals"),
    Queue(N_("Corrections to confirm"), "refusals.second", worklists.to_correct, "/qa/corrections"),
    Queue(N_("Proposed feedback"), "feedback.classify", worklists.to_classify, "/qa/proposals"),
    Queue(N_("Answers on receipt pages"), "review", worklists.answered_receipts, "/qa/receipts"),
    Queue(N_("Feedback"), "feedback.see", worklists.feedback_for, "/feedback/"),
    Queue(N_("To be confirmed"), "feedback.confirm", worklists.to_confirm, "/improvement/"),
    Queue(N_("Service risks"), "risks.see", worklists.risk_points, "/risks/"),
    Queue(N_("Letters to clients"), "letters.see", worklists.letters, "/letters/"),
    Queue(N_("Commitments"), "commitments.see", worklists.commitments_waiting, "/commitments/"),
    Queue(N_("Quarterly reports"), "reports.read", worklists.to_sign, "/reports/"),
)


# What presses among what waits: told beside it, and not counted twice.
PRESSING = (
    Queue(N_("Overdue feedback"), "feedback.see", worklists.overdue_feedback, "/feedback/?overdue=1"),
    Queue(N_("Feedback due soon"), "feedback.see", worklists.feedback_due_soon, "/feedback/?soon=1"),
)


def queue(now: datetime, zone: tzinfo) -> int:
    """Queue today's digest for everybody with work waiting and an address; how many are new."""
    day, at, queued = now.astimezone(zone).date(), outbox.morning(now, zone), 0
    people = Person.select().where(
        Person.retired_at.is_null(),
        Person.email != "",
        Person.id.in_(Account.select(Account.person).where(Account.closed_at.is_null())),
    )
    with write():
        for person in people:
            if waits_for(person) or presses_for(person):
                queued += outbox.put(
                    MailKind.DIGEST, f"digest:{person.id}:{day}", now, person=person, next_at=at
                )
    return queued


def waits_for(person: Person) -> list[tuple[Queue, int]]:
    """Where how much waits for a person now."""
    return _counted(QUEUES, person)


def presses_for(person: Person) -> list[tuple[Queue, int]]:
    """What of a person's concerns is overdue, or will be before long (I2)."""
    return _counted(PRESSING, person)


def _counted(queues: tuple[Queue, ...], person: Person) -> list[tuple[Queue, int]]:
    held = permissions.roles_of(person)
    counted = [(one, one.count(person)) for one in queues if permissions.MATRIX[one.right] & held]
    return [(one, number) for one, number in counted if number]
