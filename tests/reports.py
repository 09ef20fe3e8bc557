"""A quarterly report at each of its states, as far as the rules look at it."""

from __future__ import annotations

from csat.models.people import Person
from csat.models.reporting import Report, ReportState, Word
from csat.models.work import StoredFile
from csat.procedure.core.quarter import Quarter
from csat.procedure.reports import issuing, reports, review
from tests.builders import NOW, a_person
from tests.cast import Cast

Q3 = Quarter(2026, 3)


def a_document(by: Person, zone, pending: int = 0, valid: int = 9, changes: str = "") -> dict:
    """What these rules look at of a document; the rest is the documents' own."""
    none = {"assessment": "", "decisions": ""}
    return {
        "report": reports.build_cover_facts(Q3, by, NOW, zone, changes),
        "figures": {"cut_off": NOW.isoformat(), "verdicts": {"valid": valid, "pending": pending, "doubted": 0}},
        "remarks": {"zh": none, "en": none},
    }


def a_draft(cast: Cast, zone, pending: int = 0, **more) -> Report:
    return reports.draft_report(Q3, a_document(cast.qa, zone, pending), cast.qa, NOW, **more)


def a_stored_report(state: ReportState = ReportState.ISSUED, quarter: int = 20263, **more) -> Report:
    """A row at any state, without the steps that lead there."""
    facts = {"version": 1, "cut_off_at": NOW, "prepared_at": NOW, "document": {}, **more}
    return Report.create(quarter=quarter, state=state, prepared_by=a_person(), **facts)


def in_review(cast: Cast, zone, *named: Person) -> Report:
    report = a_draft(cast, zone)
    review.submit_report(report, list(named), cast.qa, NOW)
    return report


def files(mark: str = "") -> dict[str, StoredFile]:
    """Two rendered files, not yet in the store."""
    return {
        language: StoredFile(
            place=f"{mark}{language}", name="r.pdf", media_type="application/pdf", size=1, sha256="", stored_at=NOW
        )
        for language in ("zh", "en")
    }


def issued(cast: Cast, zone) -> Report:
    return approve_and_issue(in_review(cast, zone), cast)


def approve_and_issue(report: Report, cast: Cast, release: str = "") -> Report:
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    document = issuing.freeze_document(report, NOW)
    issuing.issue_report(report, document, files(report.number), cast.qa, NOW, release)
    return report
