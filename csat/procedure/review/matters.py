"""Which matters tell of an anonymous answer: who may not read single ones sees nothing of their words (F4)."""

from __future__ import annotations

from collections.abc import Iterable

from csat.models.answers import Response
from csat.models.feedback import Feedback, FeedbackOrigin, FeedbackSource


def find_anonymous_matters(matters: set[int]) -> set[int]:
    """Those of these matters that an anonymous answer is behind, be it of a linked feedback."""
    sources = FeedbackSource.select(FeedbackSource, Feedback).join(Feedback)
    sources = sources.switch(FeedbackSource).join(Response).where(Response.anonymous)
    return {one.feedback.matter_id for one in sources.where(Feedback.in_matters(matters))}


def find_speaking(rows: Iterable[Feedback]) -> set[int]:
    """Whose title may be shown to who reads no anonymous answer: taken from named ones alone, or entered (P15)."""
    found = list(rows)
    secret = find_anonymous_matters({row.matter_id for row in found})
    sources = FeedbackSource.select(FeedbackSource.feedback).where(FeedbackSource.feedback.in_([r.id for r in found]))
    sourced = {key for (key,) in sources.distinct().tuples()}
    # Of one from a response whose source is gone nobody can say whose words it has.
    return {
        row.id
        for row in found
        if row.matter_id not in secret and (row.origin != FeedbackOrigin.RESPONSE or row.id in sourced)
    }
