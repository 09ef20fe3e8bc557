"""The demo's issued report, returned once and then approved (P8); and corrections of two records (P11)."""

from __future__ import annotations

from datetime import datetime, timedelta

from csat import clock
from csat.demo.timeline import Timeline
from csat.documents.report import drafting
from csat.figures.audience import find_audience
from csat.models.answers import Response, Verdict
from csat.models.check_calls import CheckCall, CheckOutcome
from csat.models.reporting import Word
from csat.procedure.core import jobs
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.reports import distribution, reports, review, wording
from csat.procedure.review import corrections, triage

CORRECTED_ANSWER = GivenAnswer(3)  # "so so", as the calls' words have it
MOST_CORRECTIONS = 2


def plan_reporting(timeline: Timeline) -> None:
    """The report three weeks after its quarter's last change; corrections near the end of the story."""
    begins = timeline.last_quarter.start(timeline.zone)
    timeline.at(begins + timedelta(days=21, hours=9), issue_report)
    timeline.at(timeline.ends - timedelta(days=6, hours=2), propose_corrections)
    timeline.at(timeline.ends - timedelta(days=5, hours=2), confirm_correction)


def issue_report(timeline: Timeline, now: datetime) -> None:
    """Draft the report of a quarter; it is returned once, approved and issued two days later, and opened."""
    quarter, people, about = timeline.reported_quarter, timeline.cast.people, timeline.content["report"]
    qa, director, manager, second = (people[user] for user in ("qa", "director", "manager", "manager2"))
    summary = timeline.content["first_sorting"]["summary"]
    triage.summarise_quarter(quarter, summary, timeline.cast.agents[0], now)
    document = drafting.draft_document(quarter, qa, now, timeline.config.timezone, find_audience(qa))
    report = reports.draft_report(quarter, document, qa, now)
    stated = reports.count_pending(document)
    review.submit_report(report, [manager, second], qa, now + timedelta(hours=1), stated=stated)
    review.review_report(report, Word.APPROVE, "", manager, now + timedelta(hours=5))
    review.review_report(report, Word.RETURN, about["returned"], second, now + timedelta(hours=7))
    wording.replace_sentence(report, "decisions.decide", about["decision"], qa, now + timedelta(hours=9))
    review.submit_report(report, [manager, second], qa, now + timedelta(hours=10), stated=stated)
    for hours, reviewer in ((20, manager), (22, second), (26, director)):
        review.review_report(report, Word.APPROVE, "", reviewer, now + timedelta(hours=hours))
    with clock.freeze_at(now + timedelta(days=2)):
        jobs.queue_job("issue_report", {"report": report.id, "by": qa.id}, qa, clock.now())
        jobs.run_waiting_jobs()
    for hours, reader in ((50, director), (53, manager), (75, people["improvement"])):
        distribution.open_file(report, "zh", reader, now + timedelta(hours=hours))


def propose_corrections(timeline: Timeline, now: datetime) -> None:
    """Who heard the client say otherwise proposes what the record should read."""
    calls = (
        CheckCall.select(CheckCall, Response)
        .join(Response)
        .where(CheckCall.outcome == CheckOutcome.DIFFERS, Response.verdict == Verdict.VALID)
        .order_by(CheckCall.at.desc(), CheckCall.id.desc())
    )
    for call in calls.limit(MOST_CORRECTIONS):
        answers = {**corrections.answers_by_code(call.response), "overall": CORRECTED_ANSWER}
        corrections.propose_correction(call.response, answers, call.words, timeline.cast.people["qa2"], now)


def confirm_correction(timeline: Timeline, now: datetime) -> None:
    """The director agrees to the first of them; the other waits."""
    waiting = corrections.list_waiting_corrections().first()
    if waiting is not None:
        note = timeline.content["correction"]["agreed"]
        corrections.confirm_correction(waiting, timeline.cast.people["director"], now, note)
