"""The demo's issued report: the quarter before the last whole one, drafted, approved and kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from csat import clock
from csat.commands.demo_cast import Cast
from csat.config import Config
from csat.documents import drafting
from csat.models.reporting import Word
from csat.procedure import jobs, quarterly_report, report_review
from csat.procedure.quarter import Quarter


def issue(quarter: Quarter, cast: Cast, config: Config, now: datetime) -> None:
    """Draft the report of a quarter, let director and manager approve it, and issue it two days later."""
    qa, director, manager = (cast.people[user] for user in ("qa", "director", "manager"))
    document = drafting.document_of(quarter, qa, now, config.timezone)
    report = quarterly_report.draft(quarter, document, qa, now)
    stated = quarterly_report.pending(document)
    report_review.submit(report, [manager], qa, now + timedelta(hours=1), stated=stated)
    report_review.say(report, Word.APPROVE, "", manager, now + timedelta(hours=20))
    report_review.say(report, Word.APPROVE, "", director, now + timedelta(hours=26))
    with clock.standing_at(now + timedelta(days=2)):
        jobs.ask("issue_report", {"report": report.id, "by": qa.id}, qa, clock.now())
        jobs.do_all()
