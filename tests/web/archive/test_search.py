"""The pages of the archive: searching, reading, printing, exporting (P11)."""

from __future__ import annotations

import re

import pytest

from csat import clock
from csat.commands import archive as work
from csat.documents.filled import compose
from csat.models.archive import Bundle
from csat.models.asking import Channel
from csat.models.records import AuditEntry
from csat.procedure.archive import bundles
from csat.procedure.core import jobs
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import corrections, verdicts
from tests.builders import NOW, a_client, a_contact, a_response
from tests.page import Page
from tests.procedure.review.test_corrections import a_record, propose

assert work  # the worker's part is registered where commands are


@pytest.fixture(autouse=True)
def environment(config, monkeypatch):
    """Works read their folders from the environment, as in the worker."""
    monkeypatch.setenv("CSAT_INSTANCE", str(config.instance))


def opened_on_record() -> int:
    return AuditEntry.select().where(AuditEntry.action == "named response opened").count()


def test_an_empty_archive_explains_itself(page, cast):
    page.sign_in_as(cast.improvement).get("/archive/")
    assert "No response has come yet" in page.text
    page.get("/archive/bundles")
    assert "No bundle was made yet" in page.text


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
    assert page.heading == "Incident satisfaction survey" or page.heading
    assert "门户登录超时" in page.text
    page.get("/archive/?words=nowhere")
    assert "No response fits this search." in page.text


def test_a_search_that_makes_no_sense_narrows_nothing(page, cast):
    a_response()
    page.sign_in_as(cast.improvement)
    page.get("/archive/?client=x&since=2026Q9&verdict=maybe&channel=smoke&page=9999&questionnaire=-1&words=%00")
    assert "1 response" in page.text


@pytest.mark.parametrize("role", ["desk", "manager", "owner", "admin"])
def test_others_do_not_come_in(page, cast, role):
    response = a_response()
    page.sign_in_as(getattr(cast, role))
    for path in ("/archive/", f"/archive/{response.id}", f"/archive/{response.id}/zh.pdf", "/archive/bundles"):
        page.get(path, 403)


@pytest.mark.parametrize("role", ["qa", "director"])
def test_bundles_are_the_improvement_groups(page, cast, role):
    page.sign_in_as(getattr(cast, role)).get("/archive/")
    assert "Export a quarter" not in page.text
    page.get("/archive/bundles", 403)


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
    assert re.fullmatch(
        rf'attachment; filename="response-2026Q3-{response.id}-{language}.pdf"', answer.headers["Content-Disposition"]
    )
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


# --- corrections ---------------------------------------------------------------------------------------


def test_a_record_is_corrected_by_two_persons_and_shows_both_readings(page, cast):
    record = a_record(cast, opinions="还好")
    page.sign_in_as(cast.qa).get(f"/qa/review/{record.id}").follow("Correct the record")
    page.fill("Propose the correction", 422, reason="")
    assert page.errors
    page.fill("Propose the correction", 422, **{"q-overall": "2", "reason": ""})
    assert "checked" in page.html and page.tree is not None
    page.fill("Propose the correction", **{"q-overall": "2", "q-opinions": "太慢了", "reason": "回电：说是两分"})
    assert "Proposed. A second person" in page.text and "Withdraw my proposal" in page.text
    assert "Confirm the correction" not in page.text
    path = page.path
    page.sign_in_as(cast.director).get("/qa/corrections")
    assert "回电：说是两分" in page.text
    page.get(path).fill("Disagree: the record stays", 422, note="")
    assert page.errors == ["Please fill this in."]
    page.fill("Confirm the correction", note="听过录音")
    assert "The record is corrected" in page.text and "听过录音" in page.text
    page.sign_in_as(cast.improvement).get(f"/archive/{record.id}")
    assert "Recorded first: 5" in page.text and "Recorded first: 还好" in page.text and "太慢了" in page.text
    page.get("/archive/")
    assert "Corrected" in page.text


def test_the_review_page_tells_what_was_recorded_before_a_correction(page, cast):
    record = a_record(cast, opinions="还好")
    page.sign_in_as(cast.qa).get(f"/qa/review/{record.id}")
    assert "Recorded first" not in page.text and "as they read now" not in page.text
    changed = {"overall": GivenAnswer(2), "first_contact": GivenAnswer(0), "opinions": None}
    made = propose(record, cast.qa, **changed)
    page.get(f"/qa/review/{record.id}")
    assert "Recorded first" not in page.text  # it only waits
    corrections.confirm_correction(made, cast.qa2, NOW)
    page.get(f"/qa/review/{record.id}")
    for recorded in ("5 Very satisfied", "Yes", "还好"):
        assert f"Recorded first: {recorded}" in page.text
    assert page.text.count("Recorded first") == 3
    assert "Overall does not fit its parts" in page.text and "as they read now" in page.text


def test_who_decides_too_late_learns_why_and_keeps_the_words(app, page, cast):
    made = propose(a_record(cast), cast.qa, overall=GivenAnswer(2))
    slow = Page(app).sign_in_as(cast.director).get(f"/qa/corrections/{made.id}")
    corrections.confirm_correction(made, cast.qa2, NOW)
    slow.fill("Disagree: the record stays", 422, note="They said four, I heard it.")
    assert "nothing more can be decided about it" in slow.text
    assert "They said four, I heard it." in slow.text


def test_who_proposed_it_withdraws_it(page, cast):
    record = a_record(cast)
    made = propose(record, cast.qa, overall=GivenAnswer(2))
    page.sign_in_as(cast.qa).get(f"/qa/corrections/{made.id}").fill("Withdraw my proposal")
    assert "The correction is withdrawn." in page.text
    page.get("/qa/corrections")
    assert "No correction waits." in page.text


def test_the_number_of_corrections_that_wait_stands_in_the_rail(page, cast):
    propose(a_record(cast), cast.qa, overall=GivenAnswer(2))
    page.sign_in_as(cast.qa2).get("/qa/corrections")
    assert "Corrections to confirm 1" in page.text


def test_what_a_client_filled_in_offers_no_correction(page, cast):
    response = a_response(channel=Channel.LINK)
    page.sign_in_as(cast.qa).get(f"/qa/review/{response.id}")
    assert "Correct the record" not in page.text
    page.get(f"/qa/review/{response.id}/correct", 409)


def test_the_improvement_group_reads_a_correction_and_decides_none(page, cast):
    made = propose(a_record(cast), cast.qa, overall=GivenAnswer(2))
    page.sign_in_as(cast.improvement).get(f"/qa/corrections/{made.id}")
    assert "decides about it" in page.text and "Confirm the correction" not in page.text
    page.post(f"/qa/corrections/{made.id}", {"do": "confirm"}, 403)
    assert corrections.find_open_correction(made.response) == made


def test_a_decision_that_does_not_exist_changes_nothing(page, cast):
    made = propose(a_record(cast), cast.qa, overall=GivenAnswer(2))
    page.sign_in_as(cast.qa2).get(f"/qa/corrections/{made.id}")
    page.post(f"/qa/corrections/{made.id}", {"do": "delete"}, 422)
    assert corrections.find_open_correction(made.response) == made
