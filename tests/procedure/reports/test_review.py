"""Reviewing a report (R1): who must approve, what they say, what a return does, for whom it waits."""

from __future__ import annotations

import pytest

from csat.models.people import Person
from csat.models.reporting import Report, ReportReviewer, ReportState, Word
from csat.models.roles import Role
from csat.procedure.core.refusals import OutOfOrder, PreparerMayNotSign, ValueMissing
from csat.procedure.reports import issuing, reports, review
from tests.builders import NOW, a_person, how_many_wait
from tests.reports import Q3, a_document, a_draft, in_review


def waits_for(person: Person) -> list[Report]:
    return list(review.select_reports_to_sign(person))


def test_every_director_is_asked_and_one_of_them_suffices(cast, zone):
    second = a_person("另一位总监", Role.DIRECTOR)
    report = in_review(cast, zone)
    assert {row.person for row in ReportReviewer.select()} == {cast.director, second}
    review.review_report(report, Word.APPROVE, "", second, NOW)
    assert issuing.freeze_document(report, NOW)["report"]["state"] == "issued"


def test_without_a_director_there_is_no_review(cast, zone):
    report = a_draft(cast, zone)
    cast.director.grants[0].delete_instance()
    with pytest.raises(review.NoDirector):
        review.submit_report(report, [], cast.qa, NOW)


def test_only_managers_can_be_named(cast, zone):
    report = a_draft(cast, zone)
    with pytest.raises(OutOfOrder):
        review.submit_report(report, [cast.owner], cast.qa, NOW)


def test_responses_without_a_verdict_must_be_stated(cast, zone):
    report = a_draft(cast, zone, pending=4)
    with pytest.raises(review.ResponsesPending) as refusal:
        review.submit_report(report, [], cast.qa, NOW)
    assert refusal.value.facts == {"number": 4}
    review.submit_report(report, [], cast.qa, NOW, stated=4)
    assert report.state == ReportState.REVIEW


def test_a_return_voids_the_approvals_reopens_the_draft_and_asks_all_anew(cast, zone):
    report = in_review(cast, zone, cast.manager)
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    review.review_report(report, Word.RETURN, "表 3 有误", cast.manager, NOW)
    assert report.state == ReportState.DRAFT and not waits_for(cast.director)
    with pytest.raises(review.ReturnerDropped):
        review.submit_report(report, [], cast.qa, NOW)
    review.submit_report(report, [cast.manager], cast.qa, NOW)
    assert waits_for(cast.director) == [report] and how_many_wait("reports", cast.director) == 1
    with pytest.raises(issuing.ApprovalsMissing):
        issuing.freeze_document(report, NOW)
    assert [word.void for word in review.list_review_words(report)] == [True, False]


def test_a_return_and_a_comment_need_words(cast, zone):
    report = in_review(cast, zone)
    with pytest.raises(review.ReasonMissing):
        review.review_report(report, Word.RETURN, " ", cast.director, NOW)
    with pytest.raises(ValueMissing):
        review.review_report(report, Word.COMMENT, "", cast.director, NOW)


def test_all_can_comment_but_only_reviewers_decide(cast, zone):
    report = in_review(cast, zone)
    review.review_report(report, Word.COMMENT, "图 2 很清楚", cast.manager, NOW)
    with pytest.raises(OutOfOrder):
        review.review_report(report, Word.APPROVE, "", cast.manager, NOW)


def test_nobody_approves_twice(cast, zone):
    report = in_review(cast, zone)
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    with pytest.raises(OutOfOrder):
        review.review_report(report, Word.APPROVE, "", cast.director, NOW)


def test_whoever_had_a_hand_in_the_report_does_not_sign_it(cast, zone):
    both = a_person("兼任", Role.QA, Role.MANAGER)
    report = a_draft(cast, zone)
    reports.write_remarks(report, report.remarks, both, NOW)
    reports.refresh_draft(report, a_document(cast.qa, zone), cast.qa, NOW)
    with pytest.raises(PreparerMayNotSign):
        review.submit_report(report, [both], cast.qa, NOW)


def test_a_director_who_prepared_the_report_is_not_asked_to_sign_it(cast, zone):
    writing = a_person("写报告的总监", Role.DIRECTOR, Role.QA)
    report = reports.draft_report(Q3, a_document(writing, zone), writing, NOW)
    review.submit_report(report, [], cast.qa, NOW)
    with pytest.raises(PreparerMayNotSign):
        review.review_report(report, Word.APPROVE, "", writing, NOW)


def test_a_page_that_is_out_of_date_changes_nothing(cast, zone):
    report = in_review(cast, zone)
    stale = Report.get_by_id(report.id)
    review.review_report(report, Word.RETURN, "again", cast.director, NOW)
    with pytest.raises(OutOfOrder):
        review.review_report(stale, Word.APPROVE, "", cast.director, NOW)


def test_a_report_waits_for_its_reviewers_only_and_until_they_approve(cast, zone):
    report = in_review(cast, zone)
    assert waits_for(cast.director) == [report] and not waits_for(cast.manager)
    review.review_report(report, Word.COMMENT, "图 2 很清楚", cast.director, NOW)
    assert waits_for(cast.director) == [report]
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    assert not waits_for(cast.director)
