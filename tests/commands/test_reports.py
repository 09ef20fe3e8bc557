"""Stories about `flask csat report`: made, and an issued one made again to the same bytes (R1)."""

from __future__ import annotations

import hashlib

import pikepdf
import pytest

from csat.documents.report import drafting
from csat.figures.audience import Audience
from csat.models.outbox import OutboxMessage
from csat.models.records import AuditEntry
from csat.models.reporting import Report, ReportFile, ReportState, Word
from csat.models.roles import Role
from csat.procedure.core import jobs
from csat.procedure.core.documents import find_files
from csat.procedure.core.quarter import Quarter
from csat.procedure.reports import issuing, reports, review, wording
from tests.builders import NOW, a_person
from tests.cast import Cast, a_cast


def test_a_draft_is_made_from_the_store_as_it_stands(run, tmp_path):
    out = tmp_path / "r.pdf"
    ended = run("report", "make", "2026Q3", "--lang", "zh", "--out", out)
    assert ended.exit_code == 0, ended.output
    assert str(out) in ended.output and "SHA-256" in ended.output
    with pikepdf.open(out) as pdf:
        assert str(pdf.Root.Lang) == "zh-Hans"
    assert AuditEntry.select().where(AuditEntry.action == "report draft exported").exists()


def test_a_report_goes_all_the_way_and_is_the_same_when_made_again(run, tmp_path, zone):
    """Drafted, reviewed by the director and two managers, returned once, issued, distributed, verified."""
    cast, quarter = a_cast(), Quarter(2026, 3)
    second = a_person("钱朗", Role.MANAGER)
    document = drafting.draft_document(quarter, cast.qa, NOW, zone, Audience.RESPONSE_READERS)
    report = reports.draft_report(quarter, document, cast.qa, NOW)
    review.submit_report(report, [cast.manager, second], cast.qa, NOW)
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    review.review_report(report, Word.RETURN, "请写明谁牵头。", second, NOW)
    assert not reports.list_approvals(report) and report.state == ReportState.DRAFT
    words = {"zh": "请总监指定牵头部门。", "en": "Please name who leads."}
    wording.replace_sentence(report, "decisions.decide", words, cast.qa, NOW)
    review.submit_report(report, [cast.manager, second], cast.qa, NOW)
    for reviewer in (cast.manager, second, cast.director):
        assert issuing.find_missing_approvals(report)
        review.review_report(report, Word.APPROVE, "", reviewer, NOW)
    kept = find_files(issue(report, cast))["en"]
    told = {mail.person_id for mail in OutboxMessage.select().where(OutboxMessage.report == report)}
    assert told == {one.id for one in (cast.director, cast.manager, second, cast.owner, cast.improvement)}
    out = tmp_path / "r.pdf"
    assert run("report", "make", "2026Q3", "--lang", "en", "--out", out).exit_code == 0
    assert hashlib.sha256(out.read_bytes()).hexdigest() == kept.sha256
    ended = run("report", "verify", "CSAT-2026Q3-1")
    assert ended.exit_code == 0 and ended.output.count("the same again") == 2, ended.output
    assert kept.sha256 in ended.output


def an_issued_report(zone) -> Report:
    cast, quarter = a_cast(), Quarter(2026, 3)
    document = drafting.draft_document(quarter, cast.qa, NOW, zone, Audience.RESPONSE_READERS)
    report = reports.draft_report(quarter, document, cast.qa, NOW)
    review.submit_report(report, [], cast.qa, NOW)
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    return issue(report, cast)


def issue(report: Report, cast: Cast) -> Report:
    jobs.queue_job("issue_report", {"report": report.id, "by": cast.qa.id}, cast.qa, NOW)
    jobs.run_waiting_jobs()
    return Report.get()


def test_a_kept_file_that_somebody_changed_is_found_out(run, config, zone, rendered_once):
    report = an_issued_report(zone)
    kept = find_files(report)["zh"]
    place = next(path for path in config.files.rglob(kept.place))
    place.chmod(0o600)
    place.write_bytes(place.read_bytes()[:-1] + b" ")
    ended = run("report", "verify", report.number)
    assert ended.exit_code == 1 and "the kept file CHANGED" in ended.output


def test_input_that_somebody_changed_is_found_out(run, zone, rendered_once):
    report = an_issued_report(zone)
    report.document = {**report.document, "report": {**report.document["report"], "prepared_by": "别人"}}
    report.save()
    ended = run("report", "verify", report.number)
    assert ended.exit_code == 1 and "made again it DIFFERS" in ended.output


def test_another_releases_report_is_compared_with_what_was_kept_only(run, zone, rendered_once):
    report = an_issued_report(zone)
    ReportFile.update(made_by="another").execute()
    ended = run("report", "verify", report.number)
    assert ended.exit_code == 0 and "made by another release" in ended.output


def test_a_report_that_is_not_issued_cannot_be_verified(run):
    ended = run("report", "verify", "CSAT-2026Q3-1")
    assert ended.exit_code == 1 and "There is no issued report CSAT-2026Q3-1." in ended.output


@pytest.mark.parametrize("words", [("2026-3", "--lang", "zh"), ("2026Q3", "--lang", "fr"), ("2026Q3",)])
def test_wrong_usage_is_exit_two(run, tmp_path, words):
    assert run("report", "make", *words, "--out", tmp_path / "x.pdf").exit_code == 2


def test_a_file_that_cannot_be_written_is_one_line(run, tmp_path):
    ended = run("report", "make", "2026Q3", "--lang", "zh", "--out", tmp_path / "nowhere" / "x.pdf")
    assert ended.exit_code == 1 and "cannot be written" in ended.output
