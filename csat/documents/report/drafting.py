"""A report's document from the store as it stands now: one snapshot, every figure of the same moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from csat.database import reading
from csat.documents.report import compose, facts
from csat.documents.report.alongside import Beside
from csat.figures import quarter_figures
from csat.models.people import Person
from csat.procedure.core.quarter import Quarter
from csat.procedure.reports import reports


def document_of(
    quarter: Quarter,
    by: Person | None,
    now: datetime,
    zone: ZoneInfo,
    changes: str = "",
) -> dict[str, Any]:
    """Compose the report of a quarter, with the cut-off now (F8). What QA wrote of it before is kept."""
    before = quarter.plus(-1)
    with reading():
        figures = quarter_figures(quarter, now, zone)
        last, issued = reports.latest(quarter), reports.last_issued(quarter)
        words = (last.document if last else None) or {}
        return compose.compose(
            figures,
            facts.comments(quarter),
            {"now": facts.actions(quarter, now, zone), "before": facts.actions(before, now, zone)},
            words.get("remarks"),
            reports.new_facts(quarter, by, now, zone, changes),
            now,
            before=quarter_figures(before, now, zone),
            beside=Beside.read(figures, now, zone, words.get("edits"), issued.document if issued else None),
        )
