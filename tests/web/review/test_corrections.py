"""The pages of corrections: a record corrected by two persons, and what its readers see of it."""

from __future__ import annotations

from csat.models.asking import Channel
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import corrections
from tests.builders import NOW, a_response
from tests.page import Page
from tests.procedure.review.test_corrections import a_record, propose


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


def test_the_number_of_corrections_that_wait_stands_in_the_rail(page, cast, counted_rail):
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
