"""Where work waits for whom, and how much: the one table behind the rail's numbers and the daily mail (I2).

A place counts what its own page lists. Days and quarters turn where the provider is, so every count takes
the zone: at two in the morning of 1 October in Shanghai the third quarter is over, though not yet by UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from csat.models.answers import Response, Verdict
from csat.models.base import Rows
from csat.models.feedback import Feedback
from csat.models.outbox import MailState
from csat.models.people import Person
from csat.procedure.campaigns import desk, proposals, quarterly_round
from csat.procedure.commitments import measurements, missed
from csat.procedure.feedback import board, confirmation, follow_up
from csat.procedure.feedback.board import FeedbackFilter, PressingCounts
from csat.procedure.letters import letters
from csat.procedure.mail import invitations
from csat.procedure.oversight import confirmations, requests
from csat.procedure.people.permissions import PERMISSION_MATRIX, has_permission, roles_of
from csat.procedure.questionnaires import review as questionnaire_review
from csat.procedure.reports import review
from csat.procedure.review import check_calls, corrections, triage, verdicts
from csat.procedure.risks import assessments
from csat.procedure.survey import receipts, refusal_corrections, second_typing
from csat.words import N_

Count = Callable[[Person, datetime, tzinfo], int]
Standing = Callable[[Person, datetime, tzinfo], tuple[int, int]]
Tell = Callable[[Person, datetime, tzinfo], list[tuple[str, dict[str, str]]]]  # sentences, and what stands in them


@dataclass(frozen=True)
class Worklist:
    """A place where work waits: what it is called, who sees it, where it is, how what waits is counted."""

    label: str
    right: str
    path: str
    count: Count
    late: Count | None = None  # how much of the person's concerns there is overdue
    standing: Standing | None = None  # both at once, where the same rows tell them
    tell: Tell | None = None  # what waits, in sentences instead of the label
    matters: Callable[[Person, datetime, tzinfo], Iterable[Feedback]] | None = None  # which feedback it is, if any

    def read_standing(self, person: Person, now: datetime, zone: tzinfo) -> tuple[int, int]:
        """How much waits, and how much is late."""
        if self.standing:
            return self.standing(person, now, zone)
        return self.count(person, now, zone), self.late(person, now, zone) if self.late else 0


def _tell_rounds(person: Person, now: datetime, zone: tzinfo) -> list[tuple[str, dict[str, str]]]:
    return [(one.sentence, one.facts) for one in quarterly_round.list_standings(person, now, zone)]


def _count_unclear_mails(person: Person, now: datetime, zone: tzinfo) -> int:
    seen = proposals.find_visible_clients(person, zone, now)  # the page lists no others
    return invitations.select_mail_troubles(seen, MailState.TORN).count()


def _count_check_calls(person: Person, now: datetime, zone: tzinfo) -> int:
    # One's own records are a colleague's to call (P7).
    return check_calls.list_open_calls().where(Response.recorder != person).count()


def _count_feedback_turns(person: Person, now: datetime, zone: tzinfo) -> int:
    return len(board.find_my_turns(person, now.astimezone(zone).date()))


def _list_feedback_turns(person: Person, now: datetime, zone: tzinfo) -> Iterable[Feedback]:
    return board.search_board(person, FeedbackFilter(mine=True), now.astimezone(zone).date(), now)


def _count_pressing(person: Person, now: datetime, zone: tzinfo) -> PressingCounts:
    return board.count_pressing_concerns(person, now.astimezone(zone).date(), now)


def _count_letters(person: Person, now: datetime, zone: tzinfo) -> int:
    return letters.count_waiting_letters(person, now.astimezone(zone).date())


def _count_rows(select: Callable[..., Rows], *which: object) -> Count:
    """A count that is the same for everybody who sees the place."""
    return lambda *_: select(*which).count()


def _count_risk_points(person: Person, now: datetime, zone: tzinfo) -> int:
    """Points that the person's department has not assessed; for QA, assessments to review (K1)."""
    number = 0
    if has_permission(person, "risks.assess"):
        number += len(assessments.list_unassessed_points(person, now, zone))
    if has_permission(person, "risks.review"):
        number += len(assessments.list_assessments_to_review())
    return number


def _count_commitments(person: Person, now: datetime, zone: tzinfo) -> int:
    """Measurements to enter; for QA, those to accept, and misses to answer (C1, C2)."""
    number = 0
    if has_permission(person, "commitments.measure"):
        number += len(measurements.list_to_enter(person, now, zone))
    if has_permission(person, "commitments.edit"):
        number += len(measurements.list_to_accept()) + len(missed.list_unanswered())
    return number


# What presses among the feedback; told beside what waits, and not counted twice.
OVERDUE_FEEDBACK = Worklist(
    N_("Overdue feedback"),
    "feedback.see",
    "/feedback/?overdue=1",
    lambda person, now, zone: _count_pressing(person, now, zone).overdue,
    matters=lambda person, now, zone: board.select_pressing_concerns(person, now.astimezone(zone).date(), now)[0],
)
FEEDBACK_DUE_SOON = Worklist(
    N_("Feedback due soon"),
    "feedback.see",
    "/feedback/?soon=1",
    lambda person, now, zone: _count_pressing(person, now, zone).soon,
    matters=lambda person, now, zone: board.select_pressing_concerns(person, now.astimezone(zone).date(), now)[1],
)
# In the order in which the daily mail tells of them; the keys are the rail's (web/navigation.py).
WORKLISTS = {
    "surveys": Worklist(N_("Surveys due"), "desk", "/desk/", _count_rows(desk.select_still_due)),
    "own_clients": Worklist(
        N_("My clients"), "clients.own", "/my-clients/", quarterly_round.count_unasked, tell=_tell_rounds
    ),
    "sorting": Worklist(N_("First sorting"), "sorting", "/desk/sorting", _count_rows(triage.list_untriaged)),
    "mail": Worklist(N_("Mail"), "campaigns", "/campaigns/mail", _count_unclear_mails),
    "paper": Worklist(N_("Enter printed forms"), "campaigns", "/campaigns/paper", second_typing.count_forms_to_retype),
    "checks": Worklist(
        N_("Checks after closing"),
        "campaigns",
        "/campaigns/checks",
        lambda person, now, zone: follow_up.select_to_hand_over(person, now, zone).count(),
    ),
    "review": Worklist(
        N_("To be verified"), "review", "/qa/review", _count_rows(verdicts.list_responses, Verdict.PENDING)
    ),
    "check_calls": Worklist(N_("Check calls"), "review", "/qa/check-calls", _count_check_calls),
    "refusals": Worklist(
        N_("Refusals to confirm"),
        "refusals.second",
        "/qa/refusals",
        _count_rows(verdicts.list_responses, Verdict.DOUBTED),
    ),
    "corrections": Worklist(
        N_("Corrections to confirm"),
        "refusals.second",
        "/qa/corrections",
        lambda *_: corrections.list_waiting_corrections().count() + refusal_corrections.select_waiting().count(),
    ),
    "proposals": Worklist(
        N_("Proposed feedback"), "feedback.classify", "/qa/proposals", _count_rows(verdicts.select_proposals)
    ),
    "questionnaire_reviews": Worklist(
        N_("Questionnaire reviews"),
        "questionnaires",
        "/questionnaires/reviews",
        lambda _person, now, zone: questionnaire_review.count_due_reviews(now, zone)[0],
        standing=lambda _person, now, zone: questionnaire_review.count_due_reviews(now, zone),
    ),
    "receipts": Worklist(
        N_("Answers on receipt pages"), "review", "/qa/receipts", _count_rows(receipts.select_answered_receipts)
    ),
    "feedback": Worklist(
        N_("Feedback"),
        "feedback.see",
        "/feedback/",
        _count_feedback_turns,
        OVERDUE_FEEDBACK.count,
        matters=_list_feedback_turns,
    ),
    "confirmation": Worklist(
        N_("To be confirmed"),
        "feedback.confirm",
        "/improvement/",
        _count_rows(confirmation.select_to_confirm),
        matters=lambda *_: confirmation.select_to_confirm(),
    ),
    "risks": Worklist(N_("Service risks"), "risks.see", "/risks/", _count_risk_points),
    "letters": Worklist(N_("Letters to clients"), "letters.see", "/letters/", _count_letters),
    "commitments": Worklist(N_("Commitments"), "commitments.see", "/commitments/", _count_commitments),
    "approvals": Worklist(
        N_("Second person"),
        "accounts.second",
        "/admin/approvals/",
        lambda person, now, _zone: requests.count_decidable(person, now),
    ),
    "role_confirmations": Worklist(
        N_("Confirm roles"), "accounts.second", "/admin/roles/", confirmations.count_to_confirm
    ),
    "reports": Worklist(
        N_("Quarterly reports"),
        "reports.read",
        "/reports/",
        lambda person, _now, _zone: review.select_reports_to_sign(person).count(),
    ),
}


def list_waiting(person: Person, now: datetime, zone: tzinfo) -> list[tuple[Worklist, int]]:
    """Where how much waits for a person now."""
    return _count_worklists(WORKLISTS.values(), person, now, zone)


def list_pressing(person: Person, now: datetime, zone: tzinfo) -> list[tuple[Worklist, int]]:
    """What of a person's concerns is overdue, or will be before long (I2)."""
    return _count_worklists((OVERDUE_FEEDBACK, FEEDBACK_DUE_SOON), person, now, zone)


def _count_worklists(
    worklists: Iterable[Worklist], person: Person, now: datetime, zone: tzinfo
) -> list[tuple[Worklist, int]]:
    held = roles_of(person)
    counted = [(one, one.count(person, now, zone)) for one in worklists if PERMISSION_MATRIX[one.right] & held]
    return [(one, number) for one, number in counted if number]
