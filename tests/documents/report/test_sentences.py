"""Stories about what the report says in words."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from csat.documents.locale_format import LocaleFormat
from csat.documents.report.narrative import headlines, phrases
from tests.documents import samples

ZONE = ZoneInfo("Asia/Shanghai")
FULL = samples.a_full_quarter()


def lead(figures, **more) -> dict[str, str]:
    told = samples.a_document(figures, **more)["sentences"]
    groups = ("lead", "notes", "attention", "good")
    return {one["rule"]: one["text"]["en"] for group in groups for one in told[group]}


def titles(figures) -> dict[str, str]:
    document = samples.a_document(figures)
    return {chart: one["text"]["en"] for chart, one in document["sentences"]["titles"].items()}


def decisions(figures) -> list[str]:
    return [one["text"]["en"] for one in samples.a_document(figures)["sentences"]["decisions"]]


@pytest.mark.parametrize(
    ("good", "of", "rule"),
    [
        (195, 211, "rate.above"),
        (90, 100, "rate.at"),
        (88, 100, "rate.below"),
        (60, 100, "rate.clearly_below"),
        (5, 5, "rate.few"),
        (0, 0, "nothing"),
        (None, None, "hidden"),
    ],
)
def test_the_first_sentence_compares_with_the_target(good, of, rule):
    whole = replace(FULL.satisfaction, rate=samples.rate("x", good, of))
    assert next(iter(lead(replace(FULL, satisfaction=whole)))) == rule


def test_the_second_sentence_compares_with_the_quarter_before():
    assert lead(FULL)["change.same"] == "There is no significant change from 91.2% the quarter before."
    worse = replace(FULL.satisfaction, change="worse")
    assert "clearly worse" in lead(replace(FULL, satisfaction=worse))["change.worse"]


def test_clients_clearly_below_the_target_are_named_and_to_be_decided_on():
    bad = replace(FULL.clients[0], rate=samples.rate("x", 20, 38))
    figures = replace(FULL, clients=(bad, *FULL.clients[1:]))
    assert lead(figures)["clients.below"] == "1 client is clearly below the target: East China Logistics."
    assert decisions(figures)[0].startswith("What do we do for East China Logistics, with 52.6%")
    assert titles(figures)["clients"] == "1 client of 11 is clearly below the target"


def test_one_bad_response_does_not_make_a_client_clearly_bad():
    bad = replace(FULL.clients[0], rate=samples.rate("x", 0, 1), change="unknown")
    assert not {"clients.below", "clients.worse"} & set(lead(replace(FULL, clients=(bad,))))


def test_many_bad_clients_are_counted_and_the_worst_three_named():
    rows = [replace(row, rate=samples.rate("x", at + 1, 30), key=str(at)) for at, row in enumerate(FULL.clients[:5])]
    told = lead(replace(FULL, clients=tuple(rows)))["clients.below.most"]
    assert told.startswith("5 clients are clearly below the target, most of all East China Logistics, ")
    assert told.count(",") == 3


def test_overdue_feedback_is_told_by_department():
    assert lead(FULL)["feedback.overdue"] == "4 feedback items are overdue: Networks 3, Applications 1."


def test_what_waits_is_told():
    verdicts = replace(FULL.verdicts, pending=1, doubted=1, lost=1)
    told = lead(replace(FULL, verdicts=verdicts))
    assert told["pending"].startswith("2 responses still wait")
    assert told["sealed"].startswith("2 anonymous answers are still sealed")
    assert told["lost"].startswith("1 anonymous answer is lost")


def test_the_trends_title_counts_quarters_in_a_row():
    assert titles(FULL)["trend"] == "Satisfaction has reached the target for 6 quarters"
    assert titles(samples.one_response())["trend"] == "Satisfaction reaches the target this quarter"
    assert titles(samples.nothing())["trend"] == "No satisfaction rate this quarter"


def test_the_trends_title_holds_each_quarter_against_the_target_of_then():
    lower = [replace(point, target=0.85 if point.quarter < 20263 else 0.95) for point in FULL.trend]
    told = titles(replace(FULL, trend=tuple(lower), target=0.95))
    assert told["trend"] == "Satisfaction misses the target this quarter"


def test_surveys_whose_answers_may_not_be_told_were_delivered_all_the_same():
    secret = replace(FULL.asked, answered=None, expired=None, waiting=None)
    secret = replace(secret, rate=samples.rate("response", None, None))
    assert "Nobody was asked" not in titles(replace(FULL, asked=secret))["funnel"]


def test_of_types_that_come_alike_often_none_is_the_most_frequent():
    first, second, *rest = FULL.feedback.rows
    alike = (replace(first, total=9), replace(second, total=9), *(replace(row, total=1) for row in rest))
    told = titles(replace(FULL, feedback=replace(FULL.feedback, rows=alike)))
    assert told["feedback"] == "Feedback by type and severity"


def test_domains_that_draw_alike_much_feedback_are_not_ranked():
    rows = [{"name": {"zh": code, "en": code}, "total": 4, "marked": False} for code in "ab"]
    assert headlines.write_headlines({**samples.a_document(), "risks": {"domains": rows}})["risks"] == (
        "risks.plain",
        {},
    )


def results_of(now, before) -> str:
    """The title over the results of an action on the first type that was complained of before."""
    row = before.feedback.rows[0]
    done = {"what": "x", "type": row.key, "issue": row.name, "state": "done", "confirmed": False}
    done |= {"kind": "corrective", "feedback": [], "department": None, "due": "2026-06-01"}
    document = samples.a_document(now, before=before, actions={"now": [], "before": [done]})
    return document["sentences"]["titles"]["results"]["rule"]


def test_no_more_complaints_are_a_result_once_the_quarter_is_over_and_somebody_answered():
    fewer = replace(FULL, feedback=replace(FULL.feedback, rows=FULL.feedback.rows[1:]))
    assert results_of(fewer, FULL) == "actions.fewer"
    assert results_of(replace(fewer, cut_off="2026-09-29T00:00:00+00:00"), FULL) == "actions.plain"
    assert results_of(samples.nothing(), FULL) == "actions.plain"


def test_a_recommendation_is_no_rating_and_is_not_compared_with_ratings():
    promoters = replace(FULL.questions[0], kind="recommend", rate=samples.rate("x", 1, 50))
    lowest = replace(FULL.questions[1], rate=samples.rate("y", 50, 131))
    asked = (promoters, lowest, *FULL.questions[2:])
    document = samples.a_document(replace(FULL, questions=asked))
    (told,) = document["sentences"]["parts"]["questions"]
    assert told["parameters"]["name"]["name"] == lowest.text


@pytest.mark.parametrize(
    ("value", "target", "direction", "shown"),
    [
        (99.896, 99.9, "at_least", "99.896%"),
        (99.9, 99.9, "at_least", "99.9%"),
        (0.5004, 0.5, "at_most", "0.5004%"),
        (97.123, 95.0, "at_least", "97.12%"),
    ],
)
def test_a_missed_value_is_not_rounded_onto_its_target(value, target, direction, shown):
    assert LocaleFormat("en", ZONE).measure(value, "percent", target, direction) == shown


def test_a_quiet_quarter_asks_for_no_decision():
    assert decisions(samples.nothing()) == ["The figures call for no decision this quarter."]


def test_every_sentence_is_kept_in_both_languages_with_its_rule():
    for one in samples.a_document()["sentences"]["lead"]:
        assert one["rule"] in phrases.load_sentences()
        assert set(one["text"]) == {"zh", "en"} and all(one["text"].values())


def test_a_sentence_keeps_what_it_was_made_from():
    told = phrases.write_sentence(
        "dimension.lowest", ZONE, name={"name": {"zh": "解决效果", "en": "Resolution"}}, rate={"share": 0.8}
    )
    assert told["parameters"]["rate"] == {"share": 0.8}
    assert told["text"]["en"] == "The lowest rated dimension is Resolution, with 80.0%."


def test_one_is_told_in_the_singular_and_every_other_number_in_the_plural():
    told = [phrases.write_sentence("part.refused", ZONE, number=number)["text"]["en"] for number in (0, 1, 2)]
    assert [" was " in text for text in told] == [False, True, False]
