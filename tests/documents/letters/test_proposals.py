"""The proposal of a letter (P13): what it says of matters and actions, and nothing of anonymous comments."""

from __future__ import annotations

import string
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat.documents.letters import compose as documents
from csat.documents.letters import proposals
from csat.models.answers import Answer, Message, MessageKind, Response
from csat.models.commitments import Judgement
from csat.models.feedback import Action, ActionFeedback, Feedback, FeedbackSource, FeedbackStep
from csat.models.letters import Letter
from csat.procedure.commitments import commitments, missed
from csat.procedure.core.bilingual import list_fields
from csat.procedure.core.refusals import ValueMissing
from csat.procedure.feedback import praise
from csat.procedure.letters import letters, wording
from csat.procedure.letters.wording import QuotesAnonymous
from tests.builders import NOW, a_client, a_contact, a_department
from tests.letters import Q3, ZONE, a_feedback, a_proposal, an_action, an_issued_report, answers, said, worded

WORDS = st.lists(st.text(string.ascii_lowercase, min_size=3, max_size=8), min_size=6, max_size=12)
CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9F00), min_size=8, max_size=30)
COMMENT = WORDS.map(" ".join) | CHINESE


def test_a_matter_with_a_name_is_told_and_its_actions_too(cast, client):
    (named,) = answers(client, 2)
    taken = a_feedback(client, "Nobody called back on Monday", cast, sources=[named])
    an_action(taken, "Two people answer the telephone now", cast, done=True)
    an_action(taken, "A weekly check of missed calls", cast)
    words = a_proposal(cast, client).words
    assert "Nobody called back on Monday" in words["heard"]["en"]
    assert "Nobody called" not in words["heard"]["zh"]  # each language has its own words
    assert "Done on 14 Sep 2026: Two people answer the telephone now." in words["done"]["en"]
    assert "By 30 Oct 2026: A weekly check of missed calls." in words["done"]["en"]
    assert "Two people" not in words["done"]["zh"]


def test_names_are_covered_and_other_clients_are_not_mentioned(cast, client):
    a_contact(client, "王女士")
    a_client("别家公司")
    a_feedback(client, "王女士（13812345678）说别家公司都快", cast)
    heard = a_proposal(cast, client).words["heard"]["zh"]
    assert "王女士" not in heard and "别家公司" not in heard and "13812345678" not in heard


def test_quality_control_cannot_quote_an_anonymous_comment(cast, client):
    (secret,) = answers(client, 1, anonymous=True, opinions="夜里打了三次电话，没有一个人接。")
    letter = a_proposal(cast, client)
    with pytest.raises(QuotesAnonymous) as refused:
        worded(letter, cast, heard="有人说：“夜里打了三次 电话没有一个人接”")
    assert refused.value.field == "heard_zh"
    Message.create(response=secret, position=1, kind=MessageKind.ANSWER, words="it was the third of May at noon")
    with pytest.raises(QuotesAnonymous):
        worded(letter, cast, done="We know: It was the third of May.")
    worded(letter, cast, heard="有人反映夜间电话难打通。", done="On the third of May we moved.")


def test_a_letter_released_before_a_comment_was_opened_is_looked_at_again(cast, client):
    letter = worded(a_proposal(cast, client), cast, heard="夜里打了三次电话没有一个人接")
    answers(client, 1, anonymous=True, opinions="夜里打了三次电话没有一个人接")
    with pytest.raises(QuotesAnonymous):
        letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, NOW.date())


@settings(max_examples=25)
@given(
    comments=st.lists(st.tuples(COMMENT, st.booleans(), st.booleans()), min_size=1, max_size=6), shared=st.booleans()
)
def test_no_passage_of_an_anonymous_comment_stands_in_any_proposal(cast, client, comments, shared):
    """Whatever QA makes of comments, and whoever gave the same words with a name."""
    for table in (ActionFeedback, Action, FeedbackSource, FeedbackStep, Feedback, Answer, Response, Letter):
        table.delete().execute()
    secret = []
    for words, anonymous, titled in comments:
        (one,) = answers(client, 2, anonymous=anonymous, opinions=words)
        taken = a_feedback(client, words if titled else "标题 Title", cast, sources=[one])
        an_action(taken, f"{words}!" if shared else "做了 Done", cast, done=titled)
        secret += [words] if anonymous else []
    letter = a_proposal(cast, client)
    for _, text in list_fields(wording.list_texts(letter.words)):
        assert not wording.find_quotation(text, secret), text
    page = said(letter)
    assert not any(words in page for words in secret)


@given(COMMENT, COMMENT, COMMENT)
def test_a_whole_comment_is_found_wherever_it_stands(before, words, after):
    long_enough = len(words.split()) >= wording.MIN_QUOTED_WORDS or len(words) >= wording.MIN_QUOTED_CHARACTERS
    assert long_enough and wording.find_quotation(f"{before} “{words.upper()}”. {after}", [words])


def test_overdue_actions_are_said_to_be_late(cast, client):
    taken = a_feedback(client, "Slow", cast)
    an_action(taken, "Move the access point", cast)
    late = proposals.draft_proposal(client, an_issued_report(cast), ZONE, NOW + timedelta(days=60)).words
    assert "Planned for 30 Oct 2026 and still under way: Move the access point." in late["done"]["en"]


def test_what_was_written_once_about_a_miss_is_offered_to_every_letter(cast, client):
    answers(client, 1, 1, 2)
    promise, both = commitments.get_commitment("satisfaction"), {"zh": "人手不足。", "en": "Too few people."}
    missed.record_verdict(promise, Q3, Judgement.MISSED, NOW)
    with pytest.raises(missed.NotAnswered):
        missed.write_for_clients(promise, Q3, {"reason": both, "remedy": both}, cast.qa, NOW)
    missed.answer_with_reason(promise, Q3, "某工程师不称职", cast.qa, NOW)
    assert a_proposal(cast, client).words["missed"]["satisfaction"]["reason"] == {"zh": "", "en": ""}
    with pytest.raises(ValueMissing):
        missed.write_for_clients(promise, Q3, {"reason": both, "remedy": {"zh": "增员。", "en": " "}}, cast.qa, NOW)
    missed.write_for_clients(promise, Q3, {"reason": both, "remedy": both}, cast.qa, NOW)
    missed.answer_with_reason(promise, Q3, "另一原因", cast.qa, NOW)  # another answer leaves what clients read
    letter = a_proposal(cast, a_client("另一家", manager=cast.manager))
    assert letter.words["missed"]["satisfaction"] == {"reason": both, "remedy": both}
    assert missed.find_answers([int(Q3)])["satisfaction", int(Q3)].reason == "另一原因"


def test_a_letter_thanks_for_praise_by_name_and_never_in_the_clients_words(cast, client):
    (named,) = answers(client, 1, opinions="高工半小时就到了现场")
    (secret,) = answers(client, 1, anonymous=True, opinions="软件部的人真好")
    other = a_department("软件部", "Software")
    praise.praise_response(named, "高工半小时就到了现场", cast.department, [cast.engineer], cast.qa, NOW, ZONE)
    praise.praise_response(secret, "软件部的人真好", other, [], cast.qa, NOW, ZONE)
    worked = a_proposal(cast, client).words["worked"]
    assert "感谢您对基础设施部工作的肯定" in worked["zh"] and "praising the work of Infrastructure" in worked["en"]
    assert "软件部" not in worked["zh"] and "半小时" not in worked["zh"] and "高工" not in worked["zh"]
