"""Issuing a report (R1): only once all have approved, and exactly what they approved."""

from __future__ import annotations

import pytest

from csat.models.reporting import Report, ReportState, Word
from csat.procedure.core.documents import find_files
from csat.procedure.core.refusals import OutOfOrder
from csat.procedure.reports import issuing, review
from tests.builders import NOW
from tests.reports import files, in_review, issued


def test_every_named_manager_has_to_approve(cast, zone):
    report = in_review(cast, zone, cast.manager)
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    with pytest.raises(issuing.ApprovalsMissing, match=cast.manager.name):
        issuing.freeze_document(report, NOW)
    review.review_report(report, Word.APPROVE, "", cast.manager, NOW)
    assert all(one["approved_at"] for one in issuing.freeze_document(report, NOW)["report"]["reviewers"])


def test_managers_alone_cannot_approve(cast, zone):
    report = in_review(cast, zone, cast.manager)
    review.review_report(report, Word.APPROVE, "", cast.manager, NOW)
    with pytest.raises(issuing.ApprovalsMissing):
        issuing.freeze_document(report, NOW)


def test_issued_is_frozen_with_its_files(cast, zone):
    report = issued(cast, zone)
    kept = Report.get_by_id(report.id)
    assert kept.state == ReportState.ISSUED and kept.issued_at == NOW
    assert kept.document["report"]["reviewers"][0]["approved_at"] == NOW.isoformat()
    assert set(find_files(kept)) == {"zh", "en"}
    with pytest.raises(OutOfOrder):
        review.review_report(kept, Word.RETURN, "too late", cast.director, NOW)


def test_what_was_rendered_must_be_what_was_approved(cast, zone):
    report = in_review(cast, zone)
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    forged = issuing.freeze_document(report, NOW)
    forged["figures"] = {**forged["figures"], "target": 0.5}
    with pytest.raises(OutOfOrder):
        issuing.issue_report(report, forged, files(), cast.qa, NOW)
