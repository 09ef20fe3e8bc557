"""Tables, and nothing else: what is kept about people, clients, asking, answers, feedback and reports."""

from csat.models import (
    access,
    answers,
    archive,
    asking,
    check_calls,
    clients,
    commitments,
    corrections,
    effect,
    evidence,
    feedback,
    letters,
    outbox,
    oversight,
    paper,
    people,
    praise,
    questionnaires,
    records,
    reporting,
    risks,
    sorting,
    work,
)
from csat.models.base import Table

__all__ = [
    "access",
    "all_tables",
    "answers",
    "archive",
    "asking",
    "check_calls",
    "clients",
    "commitments",
    "corrections",
    "effect",
    "evidence",
    "feedback",
    "letters",
    "outbox",
    "oversight",
    "paper",
    "people",
    "praise",
    "questionnaires",
    "records",
    "reporting",
    "risks",
    "sorting",
    "work",
]


def all_tables() -> list[type[Table]]:
    """Every table of the store."""
    return sorted(Table.__subclasses__(), key=lambda table: table.__name__)
