"""QA reviews a questionnaire on one page: what its answers tell, and the decision (P14)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat import clock
from csat.models.answers import Verdict
from csat.models.asking import Channel
from csat.models.questionnaires import QuestionnaireReview, ReviewDecision
from csat.procedure.questionnaires import questionnaires, review
from csat.procedure.questionnaires.content import write_content
from csat.procedure.review import tally
from tests.builders import NOW, a_campaign
from tests.figures.stores import a_response
from tests.procedure.questionnaires.forms import change_question, shipped_form, words

PLACE = "/questionnaires/incident/review"
BEFORE = 20262


@pytest.fixture(autouse=True)
def in_the_third_quarter(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def answered(cast):
    """The second quarter: twelve responses by telephone, one of which breaks off, and two comments."""
    a_campaign("incident", quarter=BEFORE)
    for _ in range(11):
        a_response(quarter=BEFORE, channel=Channel.TELEPHONE, answers={"first_contact": 1})
    a_response(quarter=BEFORE, channel=Channel.TELEPHONE, answers={"overall": 4, "timeliness": 2}, ratings=None)
    a_response(quarter=BEFORE, answers={"opinions": "停车位不好找", "first_contact": 1})
    a_response(quarter=BEFORE, answers={"opinions": "响应很快", "first_contact": 1})
    tally.rebuild_tally()


def test_qa_is_led_from_the_rail_to_the_quarter_that_is_due(page, cast, answered):
    page.sign_in_as(cast.qa).get("/questionnaires/reviews")
    assert "overdue since" in page.text
    page.follow("Q2 2026")
    assert page.heading == "Review: Incident satisfaction survey"
    assert "14" in page.text and "version 1 (n = 14)" in page.text


def test_what_is_due_is_looked_for_once_a_page(page, cast, answered, monkeypatch, counted_rail):
    asked, real = [], review.list_due_reviews
    monkeypatch.setattr(review, "list_due_reviews", lambda *told: asked.append(told) or real(*told))
    page.sign_in_as(cast.qa).get("/account")
    assert "Questionnaire reviews 1 overdue" in page.text and len(asked) == 1


def test_each_question_tells_its_statistics_hints_and_break_offs(page, cast, answered):
    text = page.sign_in_as(cast.qa).get(PLACE).text
    assert "1: 0 · 2: 1 · 3: 0 · 4: 0 · 5: 13" in text
    assert "92.9% gave the best answer (more than 85%)" in text
    assert "1 telephone or interview record ends after this question." in text


def test_a_comment_about_nothing_asked_leads_to_its_response(page, cast, answered):
    page.sign_in_as(cast.qa).get(PLACE)
    assert "响应很快" not in page.text and "among 2 comments" in page.text
    page.follow("停车位不好找")
    assert "/review/" in page.path


def test_of_very_many_comments_some_are_shown(page, cast, answered, monkeypatch):
    monkeypatch.setattr("csat.web.questionnaires.review.MOST_COMMENTS", 1)
    a_response(quarter=BEFORE, answers={"opinions": "食堂排队"})
    assert "1 of 2 are shown, drawn at random." in page.sign_in_as(cast.qa).get(PLACE).text


def test_the_decision_goes_on_record_with_marks_and_stands_below(page, cast, answered):
    page.sign_in_as(cast.qa).get(PLACE)
    assert "In time by 30 Jul 2026." in page.text
    page.fill("Put on record", decision="change", note="时效题过于笼统", **{"mark-timeliness": "change"})
    assert "This quarter has been reviewed" in page.text and "In time by" not in page.text
    [made] = QuestionnaireReview.select()
    assert (made.quarter, made.decision, made.by) == (BEFORE, ReviewDecision.CHANGE, cast.qa)
    assert made.marks == {"timeliness": "change"}
    assert "时效题过于笼统" in page.text and "timeliness: Change" in page.text
    assert page.value("mark-timeliness") == "change"
    page.fill("Begin the next version")
    assert page.path == "/questionnaires/incident/draft" and page.text.count("Review: Change") == 1
    form = change_question(shipped_form("incident"), "timeliness", text=words("快慢如何？", "How fast?"))
    questionnaires.publish_version(write_content(form, 2), "command", NOW + timedelta(days=1))
    assert "Begin the next version" not in page.get(PLACE).text
    assert "nothing due" in page.get("/questionnaires/reviews").text


def test_what_was_typed_stays_when_the_decision_is_refused(page, cast, answered):
    page.sign_in_as(cast.qa).get(PLACE)
    page.fill("Put on record", 422, decision="keep", note="都好", **{"mark-attitude": "drop"})
    assert "marked to be changed or dropped" in page.errors[0]
    assert (page.value("note"), page.value("mark-attitude")) == ("都好", "drop")
    page.fill("Put on record", 422, decision="drop", note=" ")
    assert page.errors == ["Please fill this in."]
    assert not QuestionnaireReview.select().exists()


def test_a_running_quarter_shows_its_answers_and_takes_no_decision(page, cast, answered):
    a_response()
    tally.rebuild_tally()
    page.sign_in_as(cast.qa).get(f"{PLACE}?quarter=2026Q3")
    assert "still running" in page.text and "Put on record" not in page.text
    page.post(f"{PLACE}?quarter=2026Q3", {"decision": "keep", "note": "x"}, 422)
    assert not QuestionnaireReview.select().exists()


def test_an_empty_quarter_explains_itself_and_can_be_reviewed(page, cast):
    page.sign_in_as(cast.qa).get("/questionnaires/security/review")
    assert "Nothing was answered with this questionnaire" in page.text
    assert "never reviewed yet" in page.text
    page.fill("Put on record", decision="keep", note="本季度未使用")
    assert QuestionnaireReview.select().count() == 1


def test_too_few_anonymous_answers_show_nothing_but_can_be_reviewed(page, cast):
    for _ in range(2):
        a_response(quarter=BEFORE, anonymous=True, verdict=Verdict.VALID)
    tally.rebuild_tally()
    page.sign_in_as(cast.qa).get(PLACE)
    assert "Too few anonymous answers: not shown." in page.text and "timeliness" not in page.text
    page.fill("Put on record", decision="keep", note="答卷过少")


def test_unknown_questionnaires_and_quarters_are_not_found(page, cast):
    page.sign_in_as(cast.qa)
    page.get("/questionnaires/unknown/review", 404)
    page.get(f"{PLACE}?quarter=2026Q7", 404)
