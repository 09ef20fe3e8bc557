"""A report's document from the store as it stands now: one snapshot, every figure of the same moment."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from csat.database import reading
from csat.documents.report import compose, facts
from csat.documents.report.alongside import describe_context
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.models.people import Person
from csat.procedure.core.quarter import Quarter
from csat.procedure.reports import reports


def draft_document(
    quarter: Quarter, by: Person | None, now: datetime, zone: ZoneInfo, audience: Audience, changes: str = ""
) -> dict[str, object]:
    """Compose the report of a quarter, with the cut-off now (F8). What QA wrote of it before is kept."""
    before = quarter.plus(-1)
    with reading():  # a verdict between two of these queries would make the report contradict itself
        figures = compute_quarter_figures(quarter, now, zone, audience)
        last, issued = reports.find_latest(quarter), reports.find_last_issued(quarter)
        words = (last.document if last and not audience.hides_anonymous else None) or {}
        return compose.compose_report(
            figures,
            facts.collect_comments(quarter, audience),
            {"now": facts.collect_actions(quarter, now, zone), "before": facts.collect_actions(before, now, zone)},
            words.get("remarks"),
            reports.build_cover_facts(quarter, by, now, zone, changes),
            now,
            before=compute_quarter_figures(before, now, zone, audience),
            beside=describe_context(figures, now, zone, words.get("edits"), issued.document if issued else None),
        )
