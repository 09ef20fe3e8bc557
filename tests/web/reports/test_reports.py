"""Stories about the report on the web: drafted, read, downloaded; and who sees it when."""

from __future__ import annotations

import pikepdf
import pytest

from csat.models.reporting import Report
from csat.models.roles import Role
from csat.models.work import StoredFile
from csat.procedure.core import jobs
from tests.files import kept_files
from tests.web.reports.steps import a_draft, in_review, issued

pytestmark = pytest.mark.usefixtures("rendered_once")


def test_quality_control_drafts_a_report_and_reads_it_as_the_pdf_will_have_it(page, cast):
    a_draft(page, cast)
    assert page.heading == "Quarterly report Q2 2026"
    assert "One-page summary" in page.text
    assert "No valid response lies before us" in page.text


def test_remarks_in_both_languages_stand_on_the_summary(page, cast):
    a_draft(page, cast)
    page.fill("Save the remarks", assessment_en="A calm quarter.", assessment_zh="平稳的一季。")
    assert "A calm quarter." in page.text
    page.sign_in_as(cast.qa, "zh").get(page.path)
    assert "平稳的一季。" in page.text


def test_remarks_that_are_too_long_are_kept_and_refused(page, cast):
    a_draft(page, cast)
    page.fill("Save the remarks", assessment_en="x" * 501)
    assert page.value("assessment_en") == "x" * 501
    assert page.errors


def test_readers_hear_of_a_newer_version_once_it_is_issued(page, cast):
    first = issued(page, cast)
    page.sign_in_as(cast.qa).get("/reports/")
    page.fill("Draft the report", quarter="20262", changes="Late answers are counted.")
    assert "There is a newer version" in page.get(f"/reports/{first.id}").text
    for reader in (cast.owner, cast.director):
        assert "There is a newer version" not in page.sign_in_as(reader).get(f"/reports/{first.id}").text


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_what_it_may(page, cast, role):
    draft = a_draft(page, cast)
    person = cast.holding(role)
    list_status = 403 if role in (Role.DESK, Role.ADMIN) else 200
    page.sign_in_as(person).get("/reports/", list_status)
    draft_status = 200 if role == Role.QA else 403 if list_status == 403 else 404
    page.get(f"/reports/{draft.id}", draft_status)


def test_departments_see_a_report_once_it_is_issued_and_their_download_is_on_record(page, cast):
    report = in_review(page, cast)
    page.sign_in_as(cast.owner).get(f"/reports/{report.id}", 404)
    page.sign_in_as(cast.director).get(f"/reports/{report.id}").fill("Put it on record", word="approve")
    page.sign_in_as(cast.qa).get(f"/reports/{report.id}").fill("Issue the report")
    jobs.run_waiting_jobs()
    page.sign_in_as(cast.owner).get(f"/reports/{report.id}")
    page.get(f"/reports/{report.id}/en.pdf")
    page.sign_in_as(cast.qa).get(f"/reports/{report.id}")
    assert cast.owner.name in page.text


def test_a_draft_as_pdf_has_a_watermark_and_is_its_askers_alone(page, cast, tmp_path):
    report = a_draft(page, cast)
    page.fill("Draft in English")
    where = page.path
    jobs.run_waiting_jobs()
    page.get(where)
    address = next(link for link in page.links() if link.endswith(".pdf"))
    answer = page.browser.get(address)
    (tmp_path / "draft.pdf").write_bytes(answer.data)
    with pikepdf.open(tmp_path / "draft.pdf") as pdf:
        assert len(pdf.pages) > 5
    page.sign_in_as(cast.qa2).get(address, 404)
    page.get(where, 404)
    page.get(f"/reports/{report.id}/en.pdf", 404)


def test_a_second_draft_replaces_the_first_ones_file(page, cast, config):
    report = a_draft(page, cast)
    for _ in range(2):
        page.get(f"/reports/{report.id}").fill("Draft in English")
        jobs.run_waiting_jobs()
    assert StoredFile.select().count() == 1
    assert len(kept_files(config)) == 1


def test_an_issued_report_is_corrected_by_a_new_version_that_says_what_changed(page, cast):
    issued(page, cast)
    page.get("/reports/").fill("Draft the report", quarter="20262")
    assert page.errors == ["This quarter's report has been issued. Please say what the new version changes."]
    page.fill("Draft the report", quarter="20262", changes="Two responses were verified later.")
    assert "CSAT-2026Q2-2" in page.text


def test_a_draft_nobody_spoke_on_can_be_discarded(page, cast):
    a_draft(page, cast)
    page.fill("Discard the draft")
    assert not Report.select().exists()
    assert "There is no report yet" in page.text


def test_whom_it_went_to_and_who_opened_it_stands_beside_the_report(page, cast):
    report = issued(page, cast)
    page.sign_in_as(cast.director).get(f"/reports/{report.id}/zh.pdf")
    page.sign_in_as(cast.qa).get(f"/reports/{report.id}")
    for reader in (cast.director, cast.manager, cast.owner, cast.improvement):
        assert reader.name in page.text
    assert page.text.count("Queued") == 4
    assert page.text.index(cast.director.name) < page.text.index(cast.owner.name)
