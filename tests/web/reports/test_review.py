"""A report in review on the web: readers say their word, all approve, quality control issues it."""

from __future__ import annotations

import pytest

from csat.models.reporting import Report, ReportOpening, ReportState
from csat.models.work import StoredFile
from csat.procedure.core import jobs
from tests.files import kept_files
from tests.web.reports.steps import approved, in_review, issued

pytestmark = pytest.mark.usefixtures("rendered_once")


def test_the_director_approves_and_quality_control_issues(page, cast):
    report = issued(page, cast)
    assert report.state == ReportState.ISSUED
    page.get(f"/reports/{report.id}")
    file = StoredFile.get()
    assert file.sha256 in page.text
    page.get(f"/reports/{report.id}/zh.pdf")
    assert page.headers["Content-Type"] == "application/pdf"
    assert [opening.person for opening in ReportOpening.select()] == [cast.qa]


def test_the_job_page_says_how_it_ended_and_leads_to_the_report(page, cast):
    report = approved(page, cast)
    page.sign_in_as(cast.qa).get(f"/reports/{report.id}").fill("Issue the report")
    assert page.heading == "Issuing the quarterly report"
    where = page.path
    jobs.run_waiting_jobs()
    page.get(where).follow("To the report")
    assert page.path == f"/reports/{report.id}"


def test_a_return_between_asking_and_rendering_stops_the_issue(page, cast, config):
    report = approved(page, cast)
    page.sign_in_as(cast.qa).get(f"/reports/{report.id}").fill("Issue the report")
    where = page.path
    page.sign_in_as(cast.director).get(f"/reports/{report.id}")
    page.fill("Put it on record", word="return", comment="Please check the client table.")
    jobs.run_waiting_jobs()
    page.sign_in_as(cast.qa).get(where)
    assert "not possible now" in page.text
    assert not StoredFile.select().exists()
    assert not kept_files(config)


def test_a_return_needs_a_reason(page, cast):
    report = in_review(page, cast)
    page.sign_in_as(cast.director).get(f"/reports/{report.id}").fill("Put it on record", word="return")
    assert page.errors == ["Please say what has to change."]


def test_a_reader_can_comment_but_not_decide(page, cast):
    report = in_review(page, cast)
    page.sign_in_as(cast.manager).get(f"/reports/{report.id}")
    assert "I approve this report" not in page.text
    page.fill("Put it on record", word="comment", comment="Table 3 helps.")
    assert "Table 3 helps." in page.text


def test_a_named_manager_has_to_approve_too(page, cast):
    report = in_review(page, cast, cast.manager.id)
    page.sign_in_as(cast.director).get(f"/reports/{report.id}").fill("Put it on record", word="approve")
    assert f"Still to approve: {cast.manager.name}." in page.text
    page.sign_in_as(cast.manager).get(f"/reports/{report.id}").fill("Put it on record", word="approve")
    assert "Everybody has approved." in page.text


def test_after_a_return_the_same_managers_are_named_and_the_returner_cannot_be_dropped(page, cast):
    report = in_review(page, cast, cast.manager.id)
    page.sign_in_as(cast.manager).get(f"/reports/{report.id}")
    page.fill("Put it on record", word="return", comment="Table 3 is wrong.")
    page.sign_in_as(cast.qa).get(f"/reports/{report.id}")
    assert page.value("reviewers") == str(cast.manager.id)
    page.fill("Give it to review", reviewers=None)
    assert page.errors == [f"{cast.manager.name} returned this report, so they must be among its reviewers again."]
    page.get(f"/reports/{report.id}").fill("Give it to review")
    assert Report.get().state == ReportState.REVIEW


def test_who_has_approved_is_not_asked_to_approve_again(page, cast):
    report = in_review(page, cast, cast.manager.id)
    page.sign_in_as(cast.director).get(f"/reports/{report.id}")
    assert "I approve this report" in page.text
    page.fill("Put it on record", word="approve")
    assert "I approve this report" not in page.text and "Return it to quality control" in page.text
