"""Comments about what the questionnaire does not ask (P14): found by words, read by who may read single answers."""

from __future__ import annotations

import pytest

from csat.content import load_content
from csat.models.answers import Verdict
from csat.models.questionnaires import Dimension
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.questionnaires import review, topics
from csat.procedure.review import off_topic
from tests.builders import a_response

Q3 = Quarter(2026, 3)


def found(person, code="incident"):
    read = off_topic.read_comments(person, review.get_published_questionnaire(code), Q3)
    return {one.words: one.topics for one in read.off_topic}


@pytest.mark.parametrize(
    "text, about",
    [
        ("响应太慢了，等了三天", {Dimension.TIMELINESS}),
        ("We had to wait; two delays.", {Dimension.TIMELINESS}),
        ("停车位不好找", set()),
        ("the sometimes", set()),  # "time" begins no word here
        ("漏洞扫描报告", {Dimension.SECURITY, Dimension.DELIVERY}),
    ],
)
def test_words_point_to_topics_in_both_languages(text, about):
    assert topics.find_topics(text) == about


@pytest.mark.parametrize(
    "text, something",
    [
        ("无", False),
        ("都很好，谢谢！", False),
        ("No, thank you.", False),
        ("…", False),
        ("停车难", True),
        ("notes", True),
    ],
)
def test_courtesy_is_no_comment(text, something):
    assert topics.says_something(text) == something


def test_every_dimension_but_overall_has_words_in_both_languages():
    listed = load_content("topics")["topic"]
    assert set(listed) == set(Dimension) - {Dimension.OVERALL}
    assert all(words["zh"] and words["en"] for words in listed.values())


def test_a_comment_is_listed_if_its_form_asks_nothing_of_the_sort(cast):
    for words in ("响应很及时", "数据安全让人担心，13812345678", "停车位不好找", "谢谢"):
        a_response(opinions=words, verdict=Verdict.VALID)
    a_response("company", "数据安全让人担心", verdict=Verdict.VALID)  # which asks about security
    assert found(cast.qa) == {"停车位不好找": (), "数据安全让人担心，138****5678": (Dimension.SECURITY,)}
    assert found(cast.qa, "company") == {}
    assert off_topic.read_comments(cast.qa, review.get_published_questionnaire("incident"), Q3).said == 3


def test_only_counted_responses_of_the_quarter_are_read(cast):
    a_response(opinions="停车位不好找")
    a_response(opinions="食堂排队", verdict=Verdict.VALID, quarter=20262)
    a_response(opinions="空调太冷", verdict=Verdict.VALID, anonymous=True, step=0)
    assert found(cast.qa) == {}


def test_who_may_not_read_single_answers_gets_no_list(cast):
    with pytest.raises(NotPermitted):
        found(cast.manager)
