"""What a quarter's answers tell about the questions of a form, counted by hand and by plain SQL (P14)."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from statistics import correlation, fmean, pstdev

import pytest

from csat.figures.question_hints import FEWEST_ANSWERS
from csat.figures.question_review import FormReview, ReviewedQuestion, review_form
from csat.models.answers import Duration, Verdict
from csat.models.asking import Channel
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.content import write_content
from csat.procedure.review import tally
from tests.builders import NOW, a_client
from tests.figures.stores import Q3, a_random_store, a_response
from tests.procedure.questionnaires.forms import add_question, change_question, shipped_form, words

BEFORE = 20262
LINK = {"channel": Channel.LINK}


def reviewed(code: str = "incident", quarter: Quarter = Q3) -> FormReview:
    tally.rebuild_tally()
    return review_form(code, quarter)


def question(code: str, form: str = "incident", quarter: Quarter = Q3) -> ReviewedQuestion:
    return next(one for one in reviewed(form, quarter).questions if one.code == code)


def rules(code: str) -> list[str]:
    return [hint.rule for hint in question(code).hints]


def rated(code: str, *values: int | str | None, **more) -> None:
    """A response for each value of one question; None leaves it blank."""
    for value in values:
        a_response(answers={code: value, **more.get("answers", {})}, ratings=more.get("ratings"))


def a_second_version() -> QuestionnaireVersion:
    """The incident form with a question reworded and one added."""
    form = change_question(shipped_form("incident"), "attitude", text=words("态度如何？", "Our manner?"))
    return questionnaires.publish_version(write_content(add_question(form), 3), "command:test", NOW)


# --- counted by hand ---------------------------------------------------------------------------------


def test_a_question_is_told_by_what_was_answered_left_blank_and_not_applicable(engine_db):
    for value in (5, 5, 4, 2, "na", "na", None):
        a_response(answers={"convenience": value, "overall": 4}, ratings=None)
    now = question("convenience").now
    assert (now.asked, now.answered, now.not_applicable, now.blank) == (7, 4, 2, 1)
    assert (now.not_applicable_share, now.blank_share) == (2 / 7, 1 / 7)
    assert (now.distribution, now.mean) == ((0, 1, 0, 1, 2), 4.0)
    assert now.spread == pytest.approx(math.sqrt((1 + 1 + 0 + 4) / 4))
    assert (now.ceiling, now.floor, now.rate.value) == (0.5, 0.0, 0.75)


def test_words_count_who_wrote_and_who_left_it_blank(db):
    for text in ("很快", "", None):
        a_response(answers={"opinions": text})
    now = question("opinions").now
    assert (now.asked, now.answered, now.blank, now.distribution, now.rate) == (3, 1, 2, None, None)


def test_correlation_is_of_the_same_response_and_needs_ten_pairs(engine_db):
    pairs = [(1, 2), (2, 1), (3, 4), (4, 3), (5, 5), (5, 4), (4, 5), (2, 2), (3, 3)]
    for value, overall in pairs:
        a_response(answers={"timeliness": value, "overall": overall}, ratings=None)
    assert (question("timeliness").now.correlation, question("timeliness").now.pairs) == (None, 9)
    a_response(answers={"timeliness": 1, "overall": 1}, ratings=None)
    now = question("timeliness").now
    assert now.correlation == pytest.approx(correlation(*zip(*pairs, (1, 1), strict=True)))
    assert (now.pairs, question("overall").now.correlation) == (10, None)


def test_it_stands_beside_the_quarter_before_with_the_verdict_of_chance(db):
    for value in [5] * 20:
        a_response(answers={"timeliness": value}, quarter=BEFORE)
    rated("timeliness", *[5] * 8, *[2] * 12)
    one = question("timeliness")
    assert (one.before.rate.value, one.now.rate.value, one.change) == (1.0, 0.4, "worse")
    assert (reviewed().responses, reviewed().before) == (20, 20)


def test_only_what_counts_is_counted(db):
    rated("timeliness", 5, 4)
    for verdict in (Verdict.PENDING, Verdict.DOUBTED, Verdict.REFUSED):
        a_response(verdict=verdict)
    a_response(anonymous=True, step=0)  # waits for company
    a_response("company")
    assert (reviewed().responses, question("timeliness").now.asked) == (2, 2)


def test_a_form_without_answers_shows_no_question(db):
    assert (reviewed().responses, reviewed().questions, reviewed().hidden) == (0, (), False)


# --- versions ----------------------------------------------------------------------------------------


def test_each_version_shows_its_part_and_a_new_question_counts_those_it_asked(engine_db):
    rated("attitude", 5, 5, 2)
    a_second_version()
    for value in (4, 1):
        a_response(answers={"attitude": value, "informed": 3}, ratings=None)
    assert reviewed().versions == {1: 3, 2: 2}
    one = question("attitude")
    assert [(part.number, part.rate.good, part.rate.n) for part in one.versions] == [(1, 2, 3), (2, 1, 2)]
    assert (one.now.rate.good, one.now.rate.n, one.text["en"]) == (3, 5, "Our manner?")
    added = question("informed")
    assert (added.asked_in, added.now.asked, added.now.blank, added.versions) == ((2,), 2, 0, ())


# --- time and breaking off ---------------------------------------------------------------------------


def test_time_classes_are_counted_and_what_nobody_timed_stands_apart(engine_db):
    for duration in (Duration.HASTY, Duration.USUAL, Duration.USUAL, Duration.LONG, None):
        a_response(duration=duration)
    assert reviewed().durations == {"hasty": 1, "usual": 2, "long": 1, "": 1}


def test_records_that_end_early_are_told_by_their_last_answer(engine_db):
    said = ["overall", "timeliness", "expertise", "attitude", "resolution", "convenience", "first_contact"]
    for far, channel in ((2, Channel.TELEPHONE), (2, Channel.INTERVIEW), (6, Channel.TELEPHONE), (2, Channel.LINK)):
        a_response(answers=dict.fromkeys(said[:far], 4), ratings=None, channel=channel)
    a_response(answers=dict.fromkeys(said[:-1], 4) | {"first_contact": 1}, ratings=None, channel=Channel.TELEPHONE)
    a_response(answers={"overall": 4, "first_contact": 0}, ratings=None, channel=Channel.TELEPHONE)  # passed over
    found = {one.code: one.broken_off for one in reviewed().questions if one.broken_off}
    assert found == {"timeliness": 2, "convenience": 1}


# --- hints -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code, values, rule",
    [
        ("convenience", ["na"] * 4 + [5, 4, 3, 2, 1, 5], "not_applicable"),
        ("convenience", [None] * 3 + [5, 4, 3, 2, 1, 5, 4, 3], "blank"),
        ("timeliness", [5] * 18 + [2, 3], "ceiling"),
        ("timeliness", [4] * 9 + [3], "spread"),
    ],
)
def test_a_hint_is_given_beyond_its_threshold(db, code, values, rule):
    for value in values:
        a_response(answers={code: value}, ratings=None)
    assert rules(code) == [rule]


@pytest.mark.parametrize(
    "code, values",
    [
        ("convenience", ["na"] * 3 + [5, 4, 3, 2, 1, 5, 4]),  # 30 % is not more
        ("convenience", [None] * 2 + [5, 4, 3, 2, 1, 5, 4, 3]),
        ("timeliness", [5] * 17 + [2, 3, 1]),
        ("timeliness", [4] * 5 + [3] * 5),  # a spread of exactly 0.5
        ("timeliness", [5] * (FEWEST_ANSWERS - 1)),  # too few to say anything
        ("opinions", [None] * 12),  # nobody has to write
    ],
)
def test_no_hint_at_the_threshold_nor_of_few_answers(db, code, values):
    for value in values:
        a_response(answers={code: value}, ratings=None)
    assert rules(code) == []


def test_what_goes_with_the_overall_rating_wholly_or_not_at_all_is_hinted_at(db):
    for overall, other in ((5, 1), (1, 5), (5, 5), (1, 1)) * 3:
        a_response(answers={"overall": overall, "timeliness": overall, "expertise": other}, ratings=None)
    assert (rules("timeliness"), rules("expertise"), rules("overall")) == (["duplicate"], ["unrelated"], [])


def test_haste_is_hinted_at_of_those_whose_time_is_known(db):
    for duration in [Duration.HASTY] * 3 + [Duration.USUAL] * 7 + [None] * 9:
        a_response(duration=duration)
    assert reviewed().hints == ()
    a_response(duration=Duration.HASTY)
    [hint] = reviewed().hints
    assert (hint.rule, hint.value, hint.limit) == ("hasty", 4 / 11, 0.30)


# --- what does not show (F4) -------------------------------------------------------------------------


def test_a_form_with_too_few_anonymous_answers_shows_nothing(db):
    rated("timeliness", 5, 4, 3)
    for _ in range(2):
        a_response(anonymous=True)
    found = reviewed()
    assert (found.hidden, found.responses, found.versions, found.durations) == (True, None, None, None)
    assert all(one.now.hidden and one.now.asked is None and one.now.distribution is None for one in found.questions)


def test_a_part_with_too_few_hides_all_parts_but_not_the_whole(db):
    whose = a_client()
    for _ in range(3):
        a_response(anonymous=True, client=whose, duration=Duration.USUAL)
    a_second_version()
    a_response(anonymous=True, client=whose, duration=Duration.HASTY, answers={"opinions": "太慢"})
    found = reviewed()
    assert (found.responses, found.versions, found.durations) == (4, None, None)
    assert (question("attitude").now.answered, question("attitude").versions) == (4, ())
    assert question("opinions").now.hidden


@pytest.mark.parametrize(("old", "new"), [(3, 1), (1, 3)])
def test_how_many_were_asked_a_new_question_does_not_tell_what_hidden_versions_hold(db, old, new):
    whose = a_client()
    for _ in range(old):
        a_response(anonymous=True, client=whose)
    a_second_version()
    for value in (4, 4, None):
        a_response(answers={"informed": value})
    for _ in range(new):
        a_response(anonymous=True, client=whose, answers={"informed": None})
    now = question("informed").now
    assert reviewed().versions is None and (now.answered, now.rate.n) == (2, 2)
    assert (now.asked, now.blank, now.blank_share, now.not_applicable_share) == (None, None, None, None)
    assert question("attitude").now.asked == 7  # every version asks it


def test_one_anonymous_not_applicable_shows_neither_itself_nor_the_blanks(db):
    whose = a_client()
    for value in (5, 5, 5, "na"):
        a_response(anonymous=True, client=whose, answers={"convenience": value})
    now = question("convenience").now
    assert (now.answered, now.not_applicable, now.blank, now.not_applicable_share) == (3, None, None, None)


# --- against plain SQL -------------------------------------------------------------------------------

ANSWERS = """
SELECT q.code, r.id, a.value, a.not_applicable, a.words, o.value
FROM response r
JOIN questionnaire_version v ON v.id = r.version_id
JOIN questionnaire f ON f.id = v.questionnaire_id AND f.code = ?
JOIN question q ON q.version_id = v.id
LEFT JOIN answer a ON a.response_id = r.id AND a.question_id = q.id
LEFT JOIN question w ON w.version_id = v.id AND w.dimension = 'overall'
LEFT JOIN answer o ON o.response_id = r.id AND o.question_id = w.id
WHERE r.quarter = ? AND r.verdict = 'valid' AND (r.step IS NULL OR r.step > 0)
"""


@pytest.mark.parametrize("seed", range(3))
def test_what_shows_equals_plain_sql(db, config, seed):
    a_random_store(seed, responses=200)
    shown = 0
    for form in ("incident", "company", "service"):
        found = reviewed(form)
        with closing(sqlite3.connect(config.instance / "csat.sqlite")) as sql:
            rows = sql.execute(ANSWERS, (form, int(Q3))).fetchall()
        for one in found.questions:
            if not one.now.hidden:
                shown += 1
                check_question(one, [row[2:] for row in rows if row[0] == one.code])
    assert shown > 10


def check_question(one: ReviewedQuestion, rows: list[tuple]) -> None:
    """The statistics of a question against the answers themselves: (value, not applicable, words, overall)."""
    values = [value for value, _, _, _ in rows if value is not None]
    answered = values or [words for _, _, words, _ in rows if words]
    without = sum(1 for _, na, _, _ in rows if na)
    assert (one.now.asked, one.now.answered) == (len(rows), len(answered))
    if one.now.not_applicable is not None:
        assert (one.now.not_applicable, one.now.blank) == (without, len(rows) - len(answered) - without)
    if values:
        assert (one.now.mean, one.now.spread) == (pytest.approx(fmean(values)), pytest.approx(pstdev(values)))
    both = [(value, whole) for value, _, _, whole in rows if value is not None and whole is not None]
    if one.now.correlation is not None:
        assert (one.now.correlation, one.now.pairs) == (pytest.approx(correlation(*zip(*both, strict=True))), len(both))
