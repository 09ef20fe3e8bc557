"""What counts as delivered (F3): by our own acts the contact was reached, and no mail came back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from csat.models.asking import Attempt, AttemptOutcome

STANDING = Attempt.undone_at.is_null()  # what was taken back stays in the history and counts nowhere (P2)
REACHED_OUTCOMES = (AttemptOutcome.HANDED_OVER, AttemptOutcome.ANSWERED, AttemptOutcome.REFUSED)


def is_delivered(attempts: Iterable[Attempt]) -> bool:
    """Whether by our own acts the contact was reached: link handed over, talked to, or refused (F3)."""
    return was_reached(one.outcome for one in attempts if one.undone_at is None)


def find_reached_at(attempts: Iterable[Attempt]) -> datetime | None:
    """Since when the contact counts as reached by the attempts that stand; None if it does not."""
    reached: list[datetime] = []
    for one in attempts:
        if one.undone_at is None and one.outcome in REACHED_OUTCOMES:
            reached.append(one.at)
        elif one.undone_at is None and one.outcome == AttemptOutcome.BOUNCED:
            reached = reached[1:]  # each bounce takes away one sending, the oldest
        elif one.undone_at is None and one.outcome == AttemptOutcome.WITHDRAWN:
            reached = []
    return reached[0] if reached else None


def was_reached(outcomes: Iterable[AttemptOutcome]) -> bool:
    """The same of their outcomes: a mail that came back takes away what its sending had counted."""
    seen = list(outcomes)  # counted: each bounce takes away one sending only
    return sum(one in REACHED_OUTCOMES for one in seen) > seen.count(AttemptOutcome.BOUNCED)
