"""Stories about the quarterly report (R1): who may do what with it, and when."""

from __future__ import annotations

import pytest

from csat.models.outbox import MailKind
from csat.models.people import Person
from csat.models.records import AuditEntry
from csat.models.reporting import Report, ReportOpening, ReportReviewer, ReportState, Word
from csat.models.roles import Role
from csat.models.work import StoredFile
from csat.procedure.core.documents import find_files
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, OutOfOrder, PreparerMayNotSign, ValueMissing
from csat.procedure.reports import distribution, issuing, reports, review
from tests.builders import NOW, a_person
from tests.cast import Cast

Q3 = Quarter(2026, 3)


def a_document(by: Person, zone, pending: int = 0, valid: int = 9, changes: str = "") -> dict:
    """What these rules look at of a document; the rest is the documents' own."""
    none = {"assessment": "", "decisions": ""}
    return {
        "report": reports.build_cover_facts(Q3, by, NOW, zone, changes),
        "figures": {
            "cut_off": NOW.isoformat(),
            "verdicts": {"valid": valid, "pending": pending, "doubted": 0},
        },
        "remarks": {"zh": none, "en": none},
    }


def a_draft(cast: Cast, zone, pending: int = 0, **more) -> Report:
    return reports.draft_report(Q3, a_document(cast.qa, zone, pending), cast.qa, NOW, **more)


def in_review(cast: Cast, zone, *named: Person) -> Report:
    report = a_draft(cast, zone)
    review.submit_report(report, list(named), cast.qa, NOW)
    return report


def files(mark: str = "") -> dict[str, StoredFile]:
    """Two rendered files, not yet in the store."""
    return {
        language: StoredFile(
            place=language * 8 + mark,
            name="r.pdf",
            media_type="application/pdf",
            size=1,
            sha256=language * 32,
            stored_at=NOW,
        )
        for language in ("zh", "en")
    }


def issued(cast: Cast, zone) -> Report:
    report = in_review(cast, zone)
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    issuing.issue_report(report, issuing.freeze_document(report, NOW), files(), cast.qa, NOW)
    return report


def test_a_draft_has_number_and_version(cast, zone):
    report = a_draft(cast, zone)
    assert report.number == "CSAT-2026Q3-1"
    assert report.document["report"]["number"] == report.number


def test_only_one_version_is_open_at_a_time(cast, zone):
    a_draft(cast, zone)
    with pytest.raises(reports.DraftOpen):
        a_draft(cast, zone)


def test_every_director_is_asked_and_one_of_them_suffices(cast, zone):
    second = a_person("另一位总监", Role.DIRECTOR)
    report = in_review(cast, zone)
    assert {row.person for row in ReportReviewer.select()} == {cast.director, second}
    review.review_report(report, Word.APPROVE, "", second, NOW)
    assert issuing.freeze_document(report, NOW)["report"]["state"] == "issued"


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


def test_a_return_voids_the_approvals_and_reopens_the_draft(cast, zone):
    report = in_review(cast, zone, cast.manager)
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    review.review_report(report, Word.RETURN, "表 3 有误", cast.manager, NOW)
    assert report.state == ReportState.DRAFT
    with pytest.raises(review.ReturnerDropped):
        review.submit_report(report, [], cast.qa, NOW)
    review.submit_report(report, [cast.manager], cast.qa, NOW)
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
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    issuing.issue_report(report, issuing.freeze_document(report, NOW), files(), cast.qa, NOW)
    assert writer.id in reports.build_cover_facts(Q3, cast.qa, NOW, zone, "x")["preparers"]


def test_a_report_in_review_does_not_change(cast, zone):
    report = in_review(cast, zone)
    with pytest.raises(OutOfOrder):
        reports.refresh_draft(report, a_document(cast.qa, zone), cast.qa, NOW)
    with pytest.raises(OutOfOrder):
        reports.write_remarks(report, report.remarks, cast.qa, NOW)


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


def test_a_page_that_is_out_of_date_changes_nothing(cast, zone):
    report = in_review(cast, zone)
    stale = Report.get_by_id(report.id)
    review.review_report(report, Word.RETURN, "again", cast.director, NOW)
    with pytest.raises(OutOfOrder):
        review.review_report(stale, Word.APPROVE, "", cast.director, NOW)


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


def test_a_download_is_on_record_and_shown_once(cast, zone):
    report = issued(cast, zone)
    for _ in range(2):
        distribution.open_file(report, "zh", cast.owner, NOW)
    assert [row.person for row in distribution.list_openings(report)] == [cast.owner]
    assert ReportOpening.select().count() == 1
    assert AuditEntry.select().where(AuditEntry.action == "report downloaded").count() == 2


def test_a_draft_that_was_in_review_stays_on_record(cast, zone):
    report = in_review(cast, zone)
    review.review_report(report, Word.RETURN, "again", cast.director, NOW)
    with pytest.raises(OutOfOrder):
        reports.discard_draft(report, cast.qa, NOW)


def waits_for(person: Person) -> list[Report]:
    return list(review.select_reports_to_sign(person))


def test_a_report_waits_for_its_reviewers_only_and_until_they_approve(cast, zone):
    report = in_review(cast, zone)
    assert waits_for(cast.director) == [report] and not waits_for(cast.manager)
    review.review_report(report, Word.COMMENT, "图 2 很清楚", cast.director, NOW)
    assert waits_for(cast.director) == [report]
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    assert not waits_for(cast.director)


def test_a_voided_approval_does_not_hide_the_report_from_who_gave_it(cast, zone):
    report = in_review(cast, zone, cast.manager)
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    review.review_report(report, Word.RETURN, "表 3 有误", cast.manager, NOW)
    assert not waits_for(cast.director)
    review.submit_report(report, [cast.manager], cast.qa, NOW)
    assert waits_for(cast.director) == [report]


def test_issuing_queues_one_mail_with_the_link_for_everybody_it_goes_to(cast, zone):
    report = issued(cast, zone)
    mails = distribution.find_mails(report)
    assert set(mails) == {cast.director.id, cast.manager.id, cast.owner.id, cast.improvement.id}
    assert {mail.kind for mail in mails.values()} == {MailKind.REPORT}
    assert distribution.distribute_report(report, cast.qa, NOW) == []
    assert len(distribution.find_mails(report)) == 4


def test_a_correction_goes_out_again_and_knows_the_versions_before_it(cast, zone):
    first = issued(cast, zone)
    second = reports.draft_report(
        Q3, a_document(cast.qa, zone, changes="Late answers."), cast.qa, NOW, "Late answers."
    )
    assert [one["number"] for one in second.document["report"]["versions"]] == [first.number]
    review.submit_report(second, [], cast.qa, NOW)
    review.review_report(second, Word.APPROVE, "", cast.director, NOW)
    issuing.issue_report(
        second, issuing.freeze_document(second, NOW), files("2"), cast.qa, NOW, "this release"
    )
    assert len(distribution.find_mails(second)) == 4
    assert set(distribution.find_releases(second).values()) == {"this release"}
