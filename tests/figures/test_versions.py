"""Answers to both versions of a questionnaire make one trend (Q7): a question's code keeps what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from csat import clock
from csat.figures.labels import QuestionIndex
from csat.procedure.authoring import drafts, publishing
from tests.builders import NOW, ZONE
from tests.figures.stores import a_response, figures_now
from tests.procedure.questionnaires.forms import add_question, change_question, drop_question, shipped_form, words


def publish_next_version(by, starts_on=None):
    """The next security questionnaire: its last question first, one reworded, one dropped, one added."""
    form = change_question(shipped_form("security"), "plan", text=words("您对方案满意吗？", "How good was our plan?"))
    form = add_question(drop_question(form, "reports"))
    first, *rest = form.sections
    moved = replace(form, sections=(replace(first, questions=first.questions[::-1]), *rest))
    draft = drafts.save_draft(drafts.start_draft("security", by, NOW), moved, by, NOW)
    return publishing.publish_draft(draft, "评审", starts_on, by, NOW, ZONE, lambda form, language: 1)


def test_both_versions_count_together_by_question_and_dimension(engine_db, cast, zone):
    for _ in range(6):
        a_response("security", 5)
    newer = publish_next_version(cast.qa)
    made = [a_response("security", 2) for _ in range(4)]
    assert {response.version for response in made} == {newer}
    figures = figures_now(zone)
    rows = {row.code: row for row in figures.questions if row.questionnaire == "security"}
    assert (rows["plan"].rate.value, rows["plan"].rate.n) == (0.6, 10)
    assert (rows["informed"].rate.n, rows["reports"].rate.n) == (4, 6)
    assert rows["plan"].text["en"] == "How good was our plan?"
    assert figures.satisfaction.rate.n == 10
    delivery = next(row for row in figures.dimensions if row.key == "delivery")
    assert delivery.rate.n == 10 and delivery.rate.value == 18 / 26


def test_a_trend_goes_on_over_the_change(engine_db, cast, zone):
    for _ in range(6):
        a_response("security", 5, quarter=20262)
    publish_next_version(cast.qa)
    for _ in range(6):
        a_response("security", 4)
    trend = [(point.quarter, point.rate.n) for point in figures_now(zone).trend if point.rate.n]
    assert trend == [(20262, 6), (20263, 6)]


def test_questions_are_named_as_the_newest_version_words_them_and_older_ones_stand_last(db, cast):
    publish_next_version(cast.qa)
    codes = [question.code for question in QuestionIndex().of("security")]
    assert codes[:2] == ["informed", "recommend"] and codes[-1] == "reports"


def test_a_wording_counts_for_figures_from_its_day_on(db, cast):
    publish_next_version(cast.qa, date(2026, 10, 1))
    before = QuestionIndex().all
    assert before["security", "plan"].text["en"] != "How good was our plan?" and ("security", "informed") not in before
    with clock.freeze_at(datetime(2026, 10, 1, tzinfo=ZONE)):
        assert QuestionIndex().all["security", "plan"].text["en"] == "How good was our plan?"
