"""Stories about the page of exports: what it offers, what it says of duty, and who gets the file."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from csat.models.roles import Role
from csat.models.work import Job
from csat.procedure.archive.exports import ExportKind, ExportRequest
from csat.procedure.core import jobs
from tests.builders import NOW, a_client, a_response


@pytest.mark.parametrize(
    ("role", "names", "all_quarters", "hint"),
    [
        (
            Role.QA,
            ["Responses", "Figures", "Feedback", "Appraisal sheet", "Praise", "Contacts"],
            True,
            "Of one quarter each: Figures, Appraisal sheet.",
        ),
        (Role.IMPROVEMENT, ["Responses", "Feedback", "Praise"], True, ""),
        (Role.DEPARTMENT, ["Feedback", "Praise"], True, ""),
        (Role.MANAGER, ["Appraisal sheet", "Praise", "Contacts"], True, "Of one quarter each: Appraisal sheet."),
        (Role.ADMIN, ["Contacts"], True, ""),
    ],
)
def test_each_role_is_offered_its_own_and_no_quarters_that_a_table_refuses(page, cast, role, names, all_quarters, hint):
    page.sign_in_as(cast.holding(role)).get("/exports/")
    shown = [label.text for label in page.tree.iterfind(".//form//ul//label")]
    assert shown == names and "Nothing yet." in page.text
    assert any(one.get("value") == "all" for one in page.tree.iter("option")) == all_quarters
    assert ("Of one quarter each" in page.text) == bool(hint) and hint in page.text


def test_an_export_is_asked_for_made_and_downloaded(page, cast):
    a_response(client=a_client())
    page.sign_in_as(cast.qa).get("/exports/?what=responses&quarter=2026Q3").fill("Make the export")
    assert "waits for its turn" in page.text
    jobs.run_waiting_jobs()
    page.get(page.path)
    assert "1 rows are in the file." in page.text and "yours to look after" in page.text
    answer = page.browser.get(f"/exports/{Job.get().id}/file")
    assert answer.headers["Content-Disposition"] == "attachment; filename=csat-responses-2026Q3.xlsx"
    assert answer.headers["Cache-Control"] == "no-store"
    book = load_workbook(io.BytesIO(answer.data))
    answer.close()
    assert book.sheetnames[0] == "About" and book.worksheets[1].max_row == 2
    page.get("/exports/")
    assert "File ready" in page.text and "kept until 21 Sep 2026" in page.text


def test_the_page_says_that_the_file_is_the_exporters_duty(page, cast):
    page.sign_in_as(cast.director).get("/exports/")
    assert "From the download on the file is your duty" in page.text


def test_the_reader_gets_their_language(page, cast):
    page.sign_in_as(cast.qa, "zh").get("/exports/?what=feedback").fill()
    assert Job.get().arguments["language"] == "zh"


def test_a_quarter_is_asked_for_where_one_is_needed(page, cast):
    page.sign_in_as(cast.qa).get("/exports/?what=figures").fill("Make the export", 422, quarter="all")
    assert "Please choose one quarter" in page.text and page.value("what") == "figures"
    assert Job.select().count() == 0


def test_nobody_asks_for_what_is_not_theirs(page, cast):
    page.sign_in_as(cast.manager).get("/exports/")
    page.post("/exports/", {"what": "responses", "quarter": "20263", "shape": "csv"}, 422)
    assert Job.select().count() == 0


def test_the_file_is_the_askers_alone(page, cast):
    page.sign_in_as(cast.qa).get("/exports/").fill("Make the export")
    jobs.run_waiting_jobs()
    key = Job.get().id
    page.sign_in_as(cast.qa2).get(f"/exports/{key}/file", 404)
    page.sign_in_as(cast.desk).get(f"/exports/{key}/file", 403)


def test_another_job_is_no_export(page, cast):
    job = jobs.queue_job("release", {"patient": True}, cast.qa, NOW)
    page.sign_in_as(cast.qa).get(f"/exports/{job.id}/file", 404)


@pytest.mark.parametrize("address", ["?what=nonsense&quarter=x", "?what=&quarter=2026Q9", "?quarter=1990Q1"])
def test_nonsense_in_the_address_is_left_out(page, cast, address):
    page.sign_in_as(cast.qa).get(f"/exports/{address}")
    assert page.value("what") == ExportKind.RESPONSES


def test_an_administrator_takes_the_contacts_along_whatever_quarter_is_chosen(page, cast):
    page.sign_in_as(cast.admin).get("/exports/").fill("Make the export", quarter="20263", shape="csv")
    assert Job.get().arguments["what"] == "contacts" and Job.get().arguments["quarter"] == 0
    assert ExportRequest.of(Job.get().arguments).file_name == "csat-contacts.csv"
