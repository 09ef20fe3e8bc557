"""What ships as data, loaded into a store: domains and points, commitments, questionnaires (§4, §9, §10)."""

from __future__ import annotations

from datetime import datetime

from csat.database import write
from csat.procedure.commitments import commitments
from csat.procedure.core import audit
from csat.procedure.questionnaires import questionnaires
from csat.procedure.risks import points


def load_shipped(by: audit.Actor, now: datetime) -> None:
    """Load all that ships, from domains to questionnaires; what is loaded already stays as it is."""
    with write():
        points.load_shipped_points()
        commitments.load_shipped_commitments(now)
        questionnaires.load_shipped_questionnaires(by, now)
