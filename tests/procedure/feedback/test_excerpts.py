"""The client's words that a feedback is taken from: found, refused, marked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat.models.feedback import FeedbackOrigin, IssueType, Severity
from csat.procedure.feedback import classification, excerpts
from csat.procedure.feedback.excerpts import PassageNotInComment
from csat.procedure.review import verdicts
from tests.builders import NOW, a_person, a_response

COMMENT = "等了一天才有人来。同一个故障\n一个月里报了三次，每次都说修好了。等了一天。"


@pytest.fixture
def comments(db):
    return verdicts.comments_of(a_response(opinions=COMMENT))


def taken(comments, words):
    return excerpts.find_passages(comments[0].response, comments, words)


def made_of(sources, by, title="甲"):
    about = (FeedbackOrigin.RESPONSE, None, IssueType.get(), Severity.CRITICAL, 20263)
    return classification.create_feedback(title, excerpts.join_passages(sources), *about, by, NOW, sources=sources)


def test_words_are_found_where_they_stand(comments):
    (source,) = taken(comments, " 一个月里报了三次 ")
    assert COMMENT[source.starts : source.ends] == "一个月里报了三次" == excerpts.join_passages([source])


@pytest.mark.parametrize("typed", ["同一个故障\r\n一个月里", "同一个故障 一个月里", "“同一个故障\n一个月里”"])
def test_line_breaks_and_quotation_marks_do_not_hide_them(comments, typed):
    (source,) = taken(comments, typed)
    assert excerpts.join_passages([source]) == "同一个故障\n一个月里"


def test_several_passages_stand_one_a_line(comments):
    sources = taken(comments, "每次都说修好了\n\n等了一天才有人来")
    assert excerpts.join_passages(sources) == "每次都说修好了\n等了一天才有人来"


def test_words_that_are_not_the_clients_are_refused_with_what_was_typed(comments):
    with pytest.raises(PassageNotInComment) as refusal:
        taken(comments, "等了一天\n工程师态度恶劣")
    assert "工程师态度恶劣" in str(refusal.value) and refusal.value.field == "words"


def test_no_words_mean_the_ratings(comments):
    (source,) = taken(comments, "  ")
    assert source.answer is None and excerpts.join_passages([source]) == ""


def test_the_same_words_again_are_taken_from_the_next_place(comments):
    first, second = taken(comments, "等了一天\n等了一天")
    assert first.starts == 0 and second.starts == COMMENT.rindex("等了一天")
    (third,) = taken(comments, "等了一天")
    assert third.starts == 0


def test_taken_words_are_marked_with_their_feedback(db):
    comments, by = verdicts.comments_of(a_response(opinions="甲乙丙丁")), a_person()
    one = made_of(taken(comments, "甲乙"), by)
    two = made_of(taken(comments, "乙丙"), by)
    pieces = excerpts.split_comment(comments[0])
    assert [(piece.text, piece.taken, piece.ending) for piece in pieces] == [
        ("甲", (one,), ()),
        ("乙", (one, two), (one,)),
        ("丙", (two,), (two,)),
        ("丁", (), ()),
    ]
    assert excerpts.find_unused_text(comments) == "丁"


def test_what_is_left_can_be_taken_and_when_all_is_taken_it_is_all(comments):
    by = a_person()
    assert excerpts.find_unused_text(comments) == COMMENT
    made_of(taken(comments, "一个月里报了三次"), by)
    rest = excerpts.find_unused_text(comments)
    assert "报了三次" not in rest
    made_of(taken(comments, rest), by)
    assert excerpts.find_unused_text(comments) == COMMENT


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@settings(max_examples=60)
@given(words, words, words)
def test_any_piece_of_any_comment_is_found_and_reads_the_same(db, before, piece, after):
    response = a_response()
    answer = response.answers[0]
    answer.words = before + piece + after
    sources = excerpts.find_passages(response, [answer], piece)
    if piece.strip():
        assert excerpts.join_passages(sources).split() == piece.split()
