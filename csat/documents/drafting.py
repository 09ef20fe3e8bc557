"""A report's document from the store as it stands now: one snapshot, every figure of the same moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from csat.database import reading
from csat.documents import material, report
from csat.figures import quarter_figures
from csat.models.people import Person
from csat.procedure import quarterly_report
from csat.procedure.quarter import Quarter


def document_of(
    quarter: Quarter,
    by: Person | None,
    now: datetime,
    zone: ZoneInfo,
    remarks: dict[str, dict[str, str]] | None = None,
    changes: str = "",
) -> dict[str, Any]:
    """Compose the report of a quarter, with the cut-off now (F8)."""
    before = quarter.plus(-1)
    with reading():
        return report.compose(
            quarter_figures(quarter, now, zone),
            material.comments(quarter),
            {"now": material.actions(quarter, now, zone), "before": material.actions(before, now, zone)},
            remarks,
            quarterly_report.new_facts(quarter, by, now, zone, changes),
            now,
            before=quarter_figures(before, now, zone),
        )
