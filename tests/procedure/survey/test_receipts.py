"""With the code a respondent follows the feedback, reads our reply and answers a question (Q4, I3)."""

from __future__ import annotations

from functools import partial

import pytest

from csat.adapters import sealing
from csat.models.answers import Dismissal, Message, Response, Verdict
from csat.models.asking import Campaign
from csat.models.feedback import Feedback, FeedbackOrigin, FeedbackSource, FeedbackState
from csat.procedure.core import tokens
from csat.procedure.core.refusals import OutOfOrder, ReceiptUnknown
from csat.procedure.questionnaires.answers import WordsMissing, WordsTooLong
from csat.procedure.survey import mailbox, receipts, submission
from csat.procedure.survey.submission import FilledForm
from tests.builders import NOW, a_campaign, a_client, a_link, a_response, an_invitation, how_many_wait, some_answers
from tests.feedback_builders import a_stored_feedback


@pytest.fixture
def code(db, config) -> str:
    """The receipt code of the first of three anonymous answers, still sealed."""
    campaign, codes = a_campaign(public_key=sealing.create_key(config.keys)), []
    for number in range(3):
        token = a_link(an_invitation(campaign, client=a_client(f"客户{number}")))
        form = FilledForm(some_answers(rated=1), True, tokens.make_submission_code())
        codes.append(submission.submit_response(token, form, NOW, sealing.seal_bytes).code)
    return codes[0]


@pytest.fixture
def response(code, config) -> Response:
    """The answer of that code, opened."""
    mailbox.release_answers(Campaign.get(), partial(sealing.open_sealed, config.keys), NOW)
    return Response.get(Response.receipt_hash == tokens.derive_number(code, "receipt"))


def test_before_release_it_says_that_it_waits_and_until_when(code):
    receipt = receipts.get_receipt_page(code)
    assert receipt.sealed and receipt.waits_until > NOW


@pytest.mark.parametrize("typed", ["", "abc", "aaaaa-aaaaa-aaaaa-aaaaa", "' OR 1=1 --"])
def test_what_is_no_code_is_unknown(db, typed):
    with pytest.raises(ReceiptUnknown):
        receipts.get_receipt_page(typed)


def test_a_code_may_be_typed_as_people_type(code):
    assert receipts.get_receipt_page(f"  {code.upper().replace('-', ' ')} ").sealed


@pytest.mark.parametrize("verdict", Verdict)
def test_it_shows_nothing_of_the_verdict(code, response, verdict):
    shown = receipts.get_receipt_page(code)
    Response.update(verdict=verdict).execute()
    assert receipts.get_receipt_page(code) == shown


def test_what_was_read_without_need_for_action_says_so(code, response, cast):
    assert not receipts.get_receipt_page(code).read
    Dismissal.create(response=response, reason="表扬", by=cast.qa, at=NOW)
    assert receipts.get_receipt_page(code).read


def a_feedback_from(response: Response, state: FeedbackState, **more) -> Feedback:
    """A feedback that stands so, taken from a response."""
    made = a_stored_feedback(state=state, origin=FeedbackOrigin.RESPONSE, **more)
    FeedbackSource.create(feedback=made, response=response)
    return made


def test_a_matter_of_two_departments_is_one_and_as_far_as_the_last_of_them(code, response):
    first = a_feedback_from(response, FeedbackState.CONFIRMED)
    a_feedback_from(response, FeedbackState.PLANNED, linked_to=first)
    a_feedback_from(response, FeedbackState.NEW)
    states = [one.state for one in receipts.get_receipt_page(code).feedback]
    assert states == [FeedbackState.PLANNED, FeedbackState.NEW]


def test_it_shows_how_far_the_feedback_has_come(code, response):
    feedback = a_feedback_from(response, FeedbackState.IN_PROGRESS)
    (progress,) = receipts.get_receipt_page(code).feedback
    assert progress.about == feedback.issue_type.name
    assert "under way" in progress.sentence
    assert set(receipts.STATE_SENTENCES) == set(FeedbackState)


def test_a_question_is_answered_once(code, response, cast):
    receipts.ask_respondent(response, "哪一天？", cast.qa, NOW)
    assert receipts.get_receipt_page(code).question.words == "哪一天？"
    receipts.answer_question(code, "周三\x00")
    with pytest.raises(OutOfOrder):
        receipts.answer_question(code, "周四")
    said = receipts.get_receipt_page(code).messages
    assert [message.words for message in said] == ["哪一天？", "周三"]
    assert (said[1].by, said[1].at) == (None, None)


def test_a_question_waits_for_its_answer_though_a_reply_came_meanwhile(code, response, cast):
    receipts.ask_respondent(response, "哪一天？", cast.qa, NOW)
    receipts.reply_to_respondent(response, "我们在查。", cast.qa, NOW)
    assert receipts.get_receipt_page(code).question.words == "哪一天？"
    receipts.answer_question(code, "周三")
    assert receipts.get_receipt_page(code).question is None
    receipts.ask_respondent(response, "哪个系统？", cast.qa, NOW)
    assert receipts.get_receipt_page(code).question.words == "哪个系统？"


def test_what_a_client_answered_waits_until_somebody_speaks_again(code, response, cast):
    assert not receipts.select_answered_receipts().exists()
    receipts.ask_respondent(response, "哪一天？", cast.qa, NOW)
    assert not receipts.select_answered_receipts().exists()
    receipts.answer_question(code, "周三")
    assert list(receipts.select_answered_receipts()) == [response] and how_many_wait("receipts", cast.qa) == 1
    receipts.reply_to_respondent(response, "谢谢，已经记下。", cast.qa, NOW)
    assert not receipts.select_answered_receipts().exists() and how_many_wait("receipts", cast.qa) == 0


def test_a_reply_is_read_but_needs_no_answer(code, response, cast):
    receipts.reply_to_respondent(response, "已经修好了。", cast.qa, NOW)
    receipt = receipts.get_receipt_page(code)
    assert receipt.messages[0].words == "已经修好了。" and receipt.question is None
    with pytest.raises(OutOfOrder):
        receipts.answer_question(code, "谢谢")


def test_empty_and_endless_words_are_refused(code, response, cast):
    for words, refusal in ((" ", WordsMissing), ("字" * 2001, WordsTooLong)):
        with pytest.raises(refusal):
            receipts.ask_respondent(response, words, cast.qa, NOW)
    assert Message.select().count() == 0


def test_who_has_no_code_cannot_be_written_to(db, cast):
    response = a_response()
    assert not receipts.has_receipt(response)
    with pytest.raises(OutOfOrder):
        receipts.reply_to_respondent(response, "您好", cast.qa, NOW)
