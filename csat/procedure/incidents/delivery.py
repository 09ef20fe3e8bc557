"""What counts as delivered (F3): by our own acts the contact was reached, and no mail came back."""

from __future__ import annotations

from collections.abc import Iterable

from csat.models.asking import Attempt, AttemptOutcome

REACHED_OUTCOMES = (AttemptOutcome.HANDED_OVER, AttemptOutcome.ANSWERED, AttemptOutcome.REFUSED)


def drop_undone(attempts: Iterable[Attempt]) -> list[Attempt]:
    """The attempts that stand: what was taken back is shown in histories, and counts nowhere (P2)."""
    return [one for one in attempts if one.undone_at is None]


def is_delivered(attempts: Iterable[Attempt]) -> bool:
    """Whether by our own acts the contact was reached: link handed over, talked to, or refused (F3)."""
    return was_reached(one.outcome for one in drop_undone(attempts))


def was_reached(outcomes: Iterable[AttemptOutcome]) -> bool:
    """The same of their outcomes: a mail that came back takes away what its sending had counted."""
    seen = list(outcomes)  # counted: each bounce takes away one sending only
    return sum(one in REACHED_OUTCOMES for one in seen) > seen.count(AttemptOutcome.BOUNCED)
