"""The pages of the archive: searching, reading, printing, exporting (P11)."""

from __future__ import annotations

import pytest

from csat import clock
from csat.commands import archive as work
from csat.documents.filled import compose
from csat.models.archive import Bundle
from csat.models.records import AuditEntry
from csat.procedure.archive import bundles
from csat.procedure.core import jobs
from csat.procedure.review import verdicts
from tests.builders import NOW, a_client, a_contact, a_response, an_incident

assert work  # the worker's part is registered where commands are


def opened_on_record() -> int:
    return AuditEntry.select().where(AuditEntry.action == "named response opened").count()


@pytest.mark.parametrize("role", ["improvement", "qa", "director"])
def test_who_reads_responses_searches_and_finds(page, cast, role):
    wanted = a_response(client=a_client("甲"), opinions="门户登录超时，50% 失败")
    a_response("company", quarter=20262, opinions="都好")
    page.sign_in_as(getattr(cast, role)).get("/archive/")
    assert "2 responses" in page.text and "都好" in page.text
    page.fill("Search", words="50%")
    assert "1 response" in page.text and "登录超时，50% 失败" in page.text and "都好" not in page.text
    assert "words=50%25" in page.path or "words=50%" in page.html
    page.get(f"/archive/?client={wanted.client_id}&since=2026Q3&verdict=pending&channel=link&words=门户")
    links = [link for link in page.links() if link.startswith(f"/archive/{wanted.id}?")]
    assert links and "since=2026Q3" in links[0]
    page.get(links[0])
    assert page.heading and "门户登录超时" in page.text
    page.get("/archive/?words=nowhere")
    assert "No response fits this search." in page.text


def test_names_are_searched_by_who_sees_them(page, cast):
    client = a_client()
    found = a_response(contact=a_contact(client, "王晓明"), incident=an_incident("INC0042", client), opinions="很慢")
    a_response(opinions="都好")
    page.sign_in_as(cast.qa).get("/archive/").fill("Search", who="王晓明")
    assert "1 response" in page.text and "很慢" in page.text
    page.sign_in_as(cast.improvement).get("/archive/?who=王晓明")
    assert "2 responses" in page.text and "Contact or respondent" not in page.text
    page.get("/archive/").fill("Search", incident="INC0042")
    assert "1 response" in page.text and f"/archive/{found.id}?incident=INC0042" in page.links()


def test_a_search_that_makes_no_sense_narrows_nothing(page, cast):
    a_response()
    page.sign_in_as(cast.improvement)
    page.get("/archive/?client=x&since=2026Q9&verdict=maybe&channel=smoke&page=9999&questionnaire=-1&words=%00")
    assert "1 response" in page.text


@pytest.mark.parametrize("role", ["qa", "director"])
def test_bundles_are_the_improvement_groups(page, cast, role):
    page.sign_in_as(getattr(cast, role)).get("/archive/")
    assert "Export a quarter" not in page.text


def test_nothing_about_an_anonymous_response_says_when_or_who(page, cast):
    response = a_response(anonymous=True, client=a_client("甲"), opinions="没人接")
    verdicts.accept_response(response, cast.qa, NOW)
    page.sign_in_as(cast.improvement)
    for path in ("/archive/", f"/archive/{response.id}"):
        page.get(path)
        assert "没人接" in page.text
        inside = page.text.replace(cast.improvement.name, "")
        assert cast.qa.name not in inside and "14 Sep" not in inside and "Sep 2026" not in inside
    assert "Somebody who stays anonymous" in page.text
    assert opened_on_record() == 0


def test_a_named_one_opened_is_on_record_and_its_addresses_are_masked(page, cast):
    contact = a_contact(a_client())
    response = a_response(contact=contact, client=contact.client, respondent_name="王女士")
    page.sign_in_as(cast.director).get(f"/archive/{response.id}")
    assert "138****5678" in page.text and "13812345678" not in page.html
    assert opened_on_record() == 1


@pytest.mark.parametrize(("role", "shown"), [("qa", "王女士"), ("director", "王***"), ("improvement", "王***")])
def test_only_who_verifies_reads_the_respondents_name(page, cast, monkeypatch, role, shown):
    contact = a_contact(a_client(), "王女士")
    response = a_response(contact=contact, client=contact.client, respondent_name="王女士")
    page.sign_in_as(getattr(cast, role)).get(f"/archive/{response.id}")
    assert f"{shown} · 138****5678" in page.text and ("王女士" in page.html) == (role == "qa")
    printed = []
    monkeypatch.setattr(compose, "render_pdf", lambda pages, *_: printed.extend(pages) or b"%PDF")
    page.browser.get(f"/archive/{response.id}/zh.pdf")
    ((_, who),) = [fact for fact in printed[0].facts if shown in fact[1]]
    assert who.startswith(f"{shown} ·")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_is_printed_in_either_language_and_on_record(page, cast, language):
    response = a_response(opinions="很好")
    page.sign_in_as(cast.improvement)
    answer = page.browser.get(f"/archive/{response.id}/{language}.pdf")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF")
    name = f"response-2026Q3-{response.id}-{language}.pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert AuditEntry.select().where(AuditEntry.action == "response printed").count() == 1
    page.get(f"/archive/{response.id}/fr.pdf", 404)
    page.get(f"/archive/{response.id + 1}/zh.pdf", 404)


def test_a_quarter_is_exported_followed_and_downloaded(page, cast):
    a_response(opinions="很好")
    page.sign_in_as(cast.improvement).get("/archive/").follow("Export a quarter")
    assert "is your duty" in page.text and "1 response" in page.text
    page.fill("Make the bundle", quarter="20263", language="en")
    assert page.heading == "Making a bundle of the archive"
    place = page.path
    page.get("/archive/bundles")
    assert "part 1 of 1" in page.text and "Waiting" in page.text
    jobs.run_waiting_jobs()
    page.get(place)
    assert "What leaves with the file is your duty" in page.text
    made = Bundle.get()
    answer = page.browser.get(f"/archive/bundles/{made.id}.zip")
    assert answer.status_code == 200 and answer.data.startswith(b"PK") and len(answer.data) == made.file.size
    assert "archive-2026Q3-1of1-en.zip" in answer.headers["Content-Disposition"]
    answer.close()
    assert AuditEntry.select().where(AuditEntry.action == "archive bundle downloaded").count() == 1
    page.get("/archive/bundles")
    assert made.manifest in page.text and cast.improvement.name in page.text
    page.sign_in_as(cast.qa).get(f"/archive/bundles/{made.id}.zip", 403)


def test_several_parts_are_said_to_be_several(page, cast, monkeypatch):
    monkeypatch.setattr(bundles.split_quarter, "__defaults__", (1,))
    for _ in range(2):
        a_response()
    page.sign_in_as(cast.improvement).get("/archive/bundles")
    page.fill("Make the bundle", quarter="20263", language="zh")
    assert "2 parts are being made." in page.text and "part 2 of 2" in page.text


def test_what_was_not_offered_is_refused(page, cast):
    a_response()
    page.sign_in_as(cast.improvement).get("/archive/bundles")
    page.post("/archive/bundles", {"quarter": "20201", "language": "zh"}, 422)
    page.post("/archive/bundles", {"quarter": "20263", "language": "fr"}, 422)


def test_a_bundle_whose_days_are_over_is_told_to_be_gone(page, cast):
    a_response()
    bundles.queue_bundles(bundles.Quarter(2026, 3), "zh", cast.improvement, NOW)
    jobs.run_waiting_jobs()
    made = Bundle.get()
    with clock.freeze_at(NOW + bundles.BUNDLE_LASTS * 2):
        page.sign_in_as(cast.improvement).get("/archive/bundles")
        assert "no longer kept" in page.text and f"/archive/bundles/{made.id}.zip" not in page.links()
        page.get(f"/archive/bundles/{made.id}.zip", 409)
        assert "make it anew" in page.text
