"""Stories about drafting a report (P8, R1): its versions, who may see it, who prepared it."""

from __future__ import annotations

import pytest

from csat.models.reporting import Report, Word
from csat.models.roles import Role
from csat.procedure.core.refusals import NotFound, OutOfOrder, PreparerMayNotSign
from csat.procedure.reports import reports, review
from tests.builders import NOW, a_person
from tests.reports import Q3, a_document, a_draft, approve_and_issue, in_review, issued


def test_a_draft_has_number_and_version(cast, zone):
    report = a_draft(cast, zone)
    assert report.number == "CSAT-2026Q3-1"
    assert report.document["report"]["number"] == report.number


def test_only_one_version_is_open_at_a_time(cast, zone):
    a_draft(cast, zone)
    with pytest.raises(reports.DraftOpen):
        a_draft(cast, zone)


def test_words_written_while_new_figures_were_made_are_kept_with_who_wrote_them(cast, zone):
    report, writer = a_draft(cast, zone), a_person("另一位质控", Role.QA, Role.DIRECTOR)
    composed = a_document(cast.qa, zone)
    words = {"zh": {"assessment": "好", "decisions": ""}, "en": {"assessment": "", "decisions": ""}}
    reports.write_remarks(report, words, writer, NOW)
    reports.refresh_draft(report, composed, cast.qa, NOW)
    fresh = Report.get_by_id(report.id)
    assert fresh.document["remarks"] == fresh.remarks == words
    review.submit_report(fresh, [], cast.qa, NOW)
    with pytest.raises(PreparerMayNotSign):
        review.review_report(fresh, Word.APPROVE, "", writer, NOW)


def test_who_wrote_what_a_new_version_takes_over_does_not_sign_that_either(cast, zone):
    writer = a_person("另一位质控", Role.QA, Role.DIRECTOR)
    report = a_draft(cast, zone)
    reports.write_remarks(report, report.remarks, writer, NOW)
    review.submit_report(report, [], cast.qa, NOW)
    approve_and_issue(report, cast)
    assert writer.id in reports.build_cover_facts(Q3, cast.qa, NOW, zone, "x")["preparers"]


def test_a_report_in_review_does_not_change(cast, zone):
    report = in_review(cast, zone)
    with pytest.raises(OutOfOrder):
        reports.refresh_draft(report, a_document(cast.qa, zone), cast.qa, NOW)
    with pytest.raises(OutOfOrder):
        reports.write_remarks(report, report.remarks, cast.qa, NOW)


def test_a_correction_is_a_new_version_that_says_what_changed(cast, zone):
    issued(cast, zone)
    with pytest.raises(reports.ChangesMissing):
        a_draft(cast, zone)
    second = a_draft(cast, zone, changes="补入三份答卷")
    assert second.number == "CSAT-2026Q3-2"


def test_the_next_report_knows_how_many_responses_this_one_counted(cast, zone):
    issued(cast, zone)
    facts = reports.build_cover_facts(Q3.plus(1), cast.qa, NOW, zone)
    assert facts["quarter_before"] == 9


def test_who_sees_which_state(cast, zone):
    report = a_draft(cast, zone)
    assert reports.report_for(cast.qa, report.id)
    for person in (cast.director, cast.manager, cast.owner, cast.desk):
        with pytest.raises(NotFound):
            reports.report_for(person, report.id)
    review.submit_report(report, [], cast.qa, NOW)
    assert reports.report_for(cast.manager, report.id)
    with pytest.raises(NotFound):
        reports.report_for(cast.owner, report.id)


def test_a_draft_that_was_in_review_stays_on_record(cast, zone):
    report = in_review(cast, zone)
    review.review_report(report, Word.RETURN, "again", cast.director, NOW)
    with pytest.raises(OutOfOrder):
        reports.discard_draft(report, cast.qa, NOW)
