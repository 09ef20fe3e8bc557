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
class Worklist:
    """A place where work waits: what it is called, who sees it, how it is counted, where it is."""

    label: str
    right: str
    count: Callable[[Person], int]
    path: str


WORKLISTS = (
    Worklist(N_("Surveys due"), "desk", worklists.count_surveys_due, "/desk/"),
    Worklist(N_("First sorting"), "sorting", worklists.count_untriaged, "/desk/sorting"),
    Worklist(N_("Mail"), "campaigns", worklists.count_unclear_mails, "/campaigns/mail"),
    Worklist(
        N_("Checks after closing"), "campaigns", worklists.count_follow_ups_to_hand_over, "/campaigns/checks"
    ),
    Worklist(N_("To be verified"), "review", worklists.count_to_verify, "/qa/review"),
    Worklist(N_("Check calls"), "review", worklists.count_check_calls, "/qa/check-calls"),
    Worklist(
        N_("Refusals to confirm"), "refusals.second", worklists.count_refusals_to_second, "/qa/refusals"
    ),
    Worklist(
        N_("Corrections to confirm"),
        "refusals.second",
        worklists.count_corrections_to_second,
        "/qa/corrections",
    ),
    Worklist(N_("Proposed feedback"), "feedback.classify", worklists.count_to_classify, "/qa/proposals"),
    Worklist(N_("Answers on receipt pages"), "review", worklists.count_answered_receipts, "/qa/receipts"),
    Worklist(N_("Feedback"), "feedback.see", worklists.count_feedback_turns, "/feedback/"),
    Worklist(N_("To be confirmed"), "feedback.confirm", worklists.count_to_confirm, "/improvement/"),
    Worklist(N_("Service risks"), "risks.see", worklists.count_risk_points, "/risks/"),
    Worklist(N_("Letters to clients"), "letters.see", worklists.count_letters, "/letters/"),
    Worklist(N_("Commitments"), "commitments.see", worklists.count_commitments, "/commitments/"),
    Worklist(N_("Quarterly reports"), "reports.read", worklists.count_reports_to_sign, "/reports/"),
)


# What presses among what waits: told beside it, and not counted twice.
PRESSING_WORKLISTS = (
    Worklist(
        N_("Overdue feedback"), "feedback.see", worklists.count_overdue_feedback, "/feedback/?overdue=1"
    ),
    Worklist(N_("Feedback due soon"), "feedback.see", worklists.count_feedback_due_soon, "/feedback/?soon=1"),
)


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
            if list_waiting(person) or list_pressing(person):
                queued += outbox.queue_mail(
                    MailKind.DIGEST, f"digest:{person.id}:{day}", now, person=person, next_at=at
                )
    return queued


def list_waiting(person: Person) -> list[tuple[Worklist, int]]:
    """Where how much waits for a person now."""
    return _count_worklists(WORKLISTS, person)


def list_pressing(person: Person) -> list[tuple[Worklist, int]]:
    """What of a person's concerns is overdue, or will be before long (I2)."""
    return _count_worklists(PRESSING_WORKLISTS, person)


def _count_worklists(queues: tuple[Worklist, ...], person: Person) -> list[tuple[Worklist, int]]:
    held = permissions.roles_of(person)
    counted = [(one, one.count(person)) for one in queues if permissions.PERMISSION_MATRIX[one.right] & held]
    return [(one, number) for one, number in counted if number]
