"""Stories about the report on the web: from the draft to the download, and who may do what."""

from __future__ import annotations

from dataclasses import replace

import pikepdf
import pytest

from csat.models.reporting import Report, ReportOpening, ReportState
from csat.models.roles import Role
from csat.models.work import StoredFile
from csat.procedure.core import jobs
from csat.procedure.core.quarter import Quarter
from csat.procedure.reports import reports
from tests.builders import NOW
from tests.cast import Cast
from tests.documents import samples
from tests.page import Page

pytestmark = pytest.mark.usefixtures("rendered_once")


@pytest.fixture(autouse=True)
def environment(config, monkeypatch):
    """Works read their folders from the environment, as in the worker."""
    monkeypatch.setenv("CSAT_INSTANCE", str(config.instance))


def a_draft(page: Page, cast: Cast) -> Report:
    """Quality control drafts the report of the last quarter that ended."""
    page.sign_in_as(cast.qa).get("/reports/").fill("Draft the report", quarter="20262")
    return Report.get()


def in_review(page: Page, cast: Cast, *managers: int) -> Report:
    """A report that the director, and these managers, have to approve."""
    report = a_draft(page, cast)
    page.fill("Give it to review", reviewers=[str(key) for key in managers])
    return report


def approved(page: Page, cast: Cast) -> Report:
    """A report that the director has approved."""
    report = in_review(page, cast)
    page.sign_in_as(cast.director).get(f"/reports/{report.id}").fill("Put it on record", word="approve")
    return report


def issued(page: Page, cast: Cast) -> Report:
    """A report that quality control has issued."""
    report = approved(page, cast)
    page.sign_in_as(cast.qa).get(f"/reports/{report.id}").fill("Issue the report")
    jobs.run_waiting_jobs()
    return Report.get_by_id(report.id)


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


def test_a_return_between_asking_and_rendering_stops_the_issue(page, cast):
    report = approved(page, cast)
    page.sign_in_as(cast.qa).get(f"/reports/{report.id}").fill("Issue the report")
    where = page.path
    page.sign_in_as(cast.director).get(f"/reports/{report.id}")
    page.fill("Put it on record", word="return", comment="Please check the client table.")
    jobs.run_waiting_jobs()
    page.sign_in_as(cast.qa).get(where)
    assert "not possible now" in page.text
    assert not StoredFile.select().exists()
    assert not [place for place in cast_files(page) if place.is_file()]


def cast_files(page: Page):
    return list(page.app.config["CSAT"].files.rglob("*"))


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
    assert page.errors == [
        f"{cast.manager.name} returned this report, so they must be among its reviewers again."
    ]
    page.get(f"/reports/{report.id}").fill("Give it to review")
    assert Report.get().state == ReportState.REVIEW


def test_who_has_approved_is_not_asked_to_approve_again(page, cast):
    report = in_review(page, cast, cast.manager.id)
    page.sign_in_as(cast.director).get(f"/reports/{report.id}")
    assert "I approve this report" in page.text
    page.fill("Put it on record", word="approve")
    assert "I approve this report" not in page.text and "Return it to quality control" in page.text


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


def test_a_second_draft_replaces_the_first_ones_file(page, cast):
    report = a_draft(page, cast)
    for _ in range(2):
        page.get(f"/reports/{report.id}").fill("Draft in English")
        jobs.run_waiting_jobs()
    assert StoredFile.select().count() == 1
    assert len([place for place in cast_files(page) if place.is_file()]) == 1


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


# --- sentences in own words ----------------------------------------------------------------------------


def test_quality_control_puts_a_sentence_in_its_own_words(page, cast):
    a_draft(page, cast)
    page.follow("Read the sentences, and put some in your own words")
    assert "No valid response lies before us this quarter" in page.text
    page.get(f"/reports/{Report.get().id}/sentences/lead.nothing")
    page.fill("Save", text_en="Nobody answered, because nobody was asked.")
    assert "Nobody answered, because nobody was asked." in page.text and "edited" in page.text
    assert "by the rule: No valid response" in page.text
    page.get(f"/reports/{Report.get().id}")
    assert "Nobody answered, because nobody was asked." in page.text
    page.sign_in_as(cast.qa, "zh").get(page.path)
    assert "Nobody answered" not in page.text  # the other language keeps the sentence of the rule


def test_a_sentence_that_is_too_long_is_kept_and_refused(page, cast):
    a_draft(page, cast)
    page.get(f"/reports/{Report.get().id}/sentences/lead.nothing").fill("Save", text_en="x" * 401)
    assert page.value("text_en") == "x" * 401 and page.errors


def test_only_quality_control_words_sentences_and_only_in_a_draft(page, cast):
    report = in_review(page, cast)
    page.sign_in_as(cast.director).get(f"/reports/{report.id}/sentences")
    page.get(f"/reports/{report.id}/sentences/lead.nothing", 403)
    page.sign_in_as(cast.qa).get(f"/reports/{report.id}/sentences/lead.nothing")
    page.fill("Save", text_en="Too late.")
    assert "not possible now" in page.text
    page.get(f"/reports/{report.id}/sentences/lead.nowhere", 404)


# --- who got it, and two quarters ----------------------------------------------------------------------


def test_whom_it_went_to_and_who_opened_it_stands_beside_the_report(page, cast):
    report = issued(page, cast)
    page.sign_in_as(cast.director).get(f"/reports/{report.id}/zh.pdf")
    page.sign_in_as(cast.qa).get(f"/reports/{report.id}")
    for reader in (cast.director, cast.manager, cast.owner, cast.improvement):
        assert reader.name in page.text
    assert page.text.count("Queued") == 4
    assert page.text.index(cast.director.name) < page.text.index(cast.owner.name)


def test_two_quarters_are_compared_by_what_both_reports_show(page, cast):
    for quarter, good in ((20261, 180), (20262, 195)):
        figures = samples.a_full_quarter()
        whole = replace(
            figures,
            quarter=quarter,
            satisfaction=replace(figures.satisfaction, rate=samples.rate("satisfaction/all/all", good, 211)),
        )
        document = samples.a_document(whole)
        reports.draft_report(Quarter.from_int(quarter), document, cast.qa, NOW)
    page.sign_in_as(cast.qa).get("/reports/").follow("Compare two quarters")
    assert "85.3%" in page.text and "92.4%" in page.text and "clearly better" in page.text
    assert "East China Logistics" in page.text
    assert "Far Hills Travel" not in page.text  # hidden in both
    assert "1 more are not in both reports" in page.text
    page.get("/reports/compare?a=20262&b=20261")
    assert "clearly worse" in page.text
    page.get("/reports/compare?a=20241&b=20262", 404)
    page.get("/reports/compare?a=nonsense", 404)
    page.sign_in_as(cast.owner).get("/reports/compare")  # drafts are not for departments
    assert "Two quarters with a report you may read are needed." in page.text and "92.4%" not in page.text
    page.get("/reports/compare?a=20261&b=20262", 404)
