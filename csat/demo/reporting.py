"""The demo's issued report: the quarter before the last whole one, drafted, approved and kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from csat import clock
from csat.config import Config
from csat.demo.cast import Cast
from csat.documents.report import drafting
from csat.models.reporting import Word
from csat.procedure.core import jobs
from csat.procedure.core.quarter import Quarter
from csat.procedure.reports import distribution, reports, review, wording

RETURN_REASON = "请把要总监决定的事写得更具体：由谁牵头，什么时候答复。"
DECISION_WORDS = {
    "zh": "华东物流连续走低：请总监指定牵头部门，并在两周内和客户当面沟通。",
    "en": "Huadong Logistics keeps falling: please name who leads, and talk to the client within two weeks.",
}


def issue_demo_report(quarter: Quarter, cast: Cast, config: Config, now: datetime) -> None:
    """Draft the report of a quarter; it is returned once, approved and issued two days later, and opened."""
    qa, director, manager, second = (cast.people[user] for user in ("qa", "director", "manager", "manager2"))
    document = drafting.draft_document(quarter, qa, now, config.timezone)
    report = reports.draft_report(quarter, document, qa, now)
    stated = reports.count_pending(document)
    review.submit_report(report, [manager, second], qa, now + timedelta(hours=1), stated=stated)
    review.review_report(report, Word.APPROVE, "", manager, now + timedelta(hours=5))
    review.review_report(report, Word.RETURN, RETURN_REASON, second, now + timedelta(hours=7))
    wording.replace_sentence(report, "decisions.decide", DECISION_WORDS, qa, now + timedelta(hours=9))
    review.submit_report(report, [manager, second], qa, now + timedelta(hours=10), stated=stated)
    for hours, reviewer in ((20, manager), (22, second), (26, director)):
        review.review_report(report, Word.APPROVE, "", reviewer, now + timedelta(hours=hours))
    with clock.freeze_at(now + timedelta(days=2)):
        jobs.queue_job("issue_report", {"report": report.id, "by": qa.id}, qa, clock.now())
        jobs.run_waiting_jobs()
    for hours, reader in ((50, director), (53, manager), (75, cast.people["improvement"])):
        distribution.open_file(report, "zh", reader, now + timedelta(hours=hours))
