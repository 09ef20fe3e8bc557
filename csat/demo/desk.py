"""The desk's part of the demo after the asking: its first sorting, and its words about a quarter (P6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from csat.database import write
from csat.models.answers import Response
from csat.models.base import Json
from csat.models.feedback import IssueType
from csat.models.people import Person
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import triage

CommentFinder = Callable[[Response], Json | None]


def sort_responses(desk: Person, lines: Mapping[str, str], comment_of: CommentFinder, now: datetime) -> None:
    """Sort what came by name since the last time."""
    types = {row.code: row for row in IssueType.select()}
    with write():
        for response in list(triage.list_untriaged()):
            comment = comment_of(response)
            if comment is None or comment.get("praise"):
                triage.triage_response(response, None, lines["praise" if comment else "plain"], desk, now)
            else:
                triage.triage_response(response, types[comment["type"]], comment["title"], desk, now)


def write_summary(quarter: Quarter, desk: Person, lines: Mapping[str, str], now: datetime) -> None:
    """Say in a few sentences what a quarter brought."""
    triage.summarise_quarter(quarter, lines["summary"], desk, now)
