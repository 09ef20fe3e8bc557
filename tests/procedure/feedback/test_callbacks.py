"""The department's steps towards the client (I1, I3): calling back, passing on, explaining, unmasking."""

from __future__ import annotations

import pytest

from csat.models.answers import Message, MessageKind, Verdict
from csat.models.feedback import CallBack, FeedbackState, Step
from csat.models.records import AuditEntry
from csat.procedure.core.refusals import NotFound, ValueMissing
from csat.procedure.feedback import callbacks, classification, view, workflow
from csat.procedure.feedback.callbacks import ContactShownAlready, NobodyAnonymous, NobodyToCall, PassedToItself
from csat.procedure.feedback.classification import SourcePassage
from csat.procedure.feedback.view import FeedbackView
from csat.procedure.feedback.workflow import StepNotPossible
from tests.builders import NOW, a_client, a_contact, a_person, a_response
from tests.feedback_builders import DAY, NOBODY, REACHED, REPLIED, anonymous, assigned, called_back, raised, staffed


def test_an_attempt_that_reaches_nobody_is_on_record_and_changes_nothing(cast):
    found = assigned(cast)
    callbacks.record_call_back(found, NOBODY, "", cast.owner, NOW)
    assert found.state == FeedbackState.ASSIGNED and found.called_back_at is None
    assert CallBack.get().outcome == NOBODY


@pytest.mark.parametrize(("days", "in_time"), [(7, True), (8, False)])
def test_the_first_call_back_that_reaches_the_client_decides_whether_it_was_in_time(cast, days, in_time):
    found = assigned(cast)
    callbacks.record_call_back(found, REACHED, "谈过", cast.owner, NOW + days * DAY)
    callbacks.record_call_back(found, REACHED, "又谈过", cast.owner, NOW + 20 * DAY)
    assert found.called_back_in_time is in_time and found.called_back_at == NOW + days * DAY


@pytest.mark.parametrize(
    ("outcome", "words", "refusal"), [(REACHED, " ", ValueMissing), (REPLIED, "回复", NobodyAnonymous)]
)
def test_a_call_back_says_what_was_said_and_a_named_client_is_called(cast, outcome, words, refusal):
    with pytest.raises(refusal):
        callbacks.record_call_back(assigned(cast), outcome, words, cast.owner, NOW)


def test_an_anonymous_client_is_answered_and_explained_to_on_the_receipt_page(cast):
    found, response = anonymous(cast)
    assert "receipt page" in workflow.find_turn(FeedbackView(found)).what
    assert callbacks.list_contact_reaches(found) == []
    with pytest.raises(NobodyToCall):
        callbacks.record_call_back(found, REACHED, "打过电话", cast.owner, NOW)
    callbacks.record_call_back(found, REPLIED, "谢谢，我们在换模块。", cast.owner, NOW)
    assert found.state == FeedbackState.CALLED_BACK and found.called_back_in_time
    callbacks.explain_feedback(found, "合同里不含这项服务。", cast.owner, NOW)
    assert {one.words for one in response.messages} == {"谢谢，我们在换模块。", "合同里不含这项服务。"}
    assert {one.kind for one in Message.select()} == {MessageKind.REPLY}


def test_who_is_anonymous_gets_a_reply_beside_the_call_to_who_is_not(cast):
    named = a_response(contact=a_contact(a_client()), verdict=Verdict.VALID, receipt_hash=8)
    hidden = a_response(anonymous=True, verdict=Verdict.VALID, receipt_hash=7)
    found = assigned(cast, sources=[SourcePassage(named), SourcePassage(hidden)])
    callbacks.record_call_back(found, REPLIED, "谢谢，我们在查。", cast.owner, NOW)
    assert [one.response for one in Message.select()] == [hidden]
    assert found.state == FeedbackState.ASSIGNED and found.called_back_at is None  # the other one is to be called
    callbacks.record_call_back(found, REACHED, "客户要根本原因", cast.owner, NOW)
    assert found.state == FeedbackState.CALLED_BACK
    callbacks.explain_feedback(found, "合同里不含这项服务。", cast.owner, NOW)
    assert [one.response for one in Message.select()] == [hidden, hidden]


def test_a_second_passing_on_goes_to_qa_and_due_dates_stay(cast):
    found, second, third = assigned(cast), staffed("软件部"), staffed("机房部")
    due = found.close_due_at
    callbacks.pass_on_feedback(found, second, "不是网络", cast.owner, NOW + DAY)
    assert (found.state, found.department) == (FeedbackState.ASSIGNED, second)
    callbacks.pass_on_feedback(found, third, "也不是软件", a_person(department=second), NOW + 2 * DAY)
    assert (found.state, found.department, found.close_due_at) == (FeedbackState.NEW, None, due)
    classification.assign_feedback(found, third, cast.qa, cast.qa, NOW + 3 * DAY)
    assert found.state == FeedbackState.ASSIGNED


def test_it_can_be_passed_back_to_qa_at_once_but_not_to_oneself(cast):
    found = called_back(cast)
    with pytest.raises(PassedToItself):
        callbacks.pass_on_feedback(found, cast.department, "留着", cast.owner, NOW)
    callbacks.pass_on_feedback(found, None, "不归我们", cast.owner, NOW)
    assert found.state == FeedbackState.NEW


def test_personal_details_are_shown_to_who_calls_back_and_it_is_on_record(cast):
    contact = a_contact(a_client())
    found = raised(cast, contact)
    reach = callbacks.unmask_contact(found, f"contact:{contact.id}", cast.owner, NOW)
    assert reach.telephone == contact.telephone
    assert AuditEntry.select().where(AuditEntry.action == "contact unmasked").count() == 1
    with pytest.raises(NotFound):
        callbacks.unmask_contact(found, "contact:999", cast.owner, NOW)
    callbacks.explain_feedback(found, "做不到", cast.owner, NOW)
    with pytest.raises(StepNotPossible):
        callbacks.unmask_contact(found, reach.key, cast.owner, NOW)


def test_without_a_response_one_contact_is_chosen_not_all(cast):
    client = a_client()
    first, second = a_contact(client, "甲"), a_contact(client, "乙")
    found = assigned(cast, client=client)
    for _ in range(2):
        assert callbacks.unmask_contact(found, f"contact:{first.id}", cast.owner, NOW).telephone
    with pytest.raises(ContactShownAlready):
        callbacks.unmask_contact(found, f"contact:{second.id}", cast.owner, NOW)
    assert [step.step for step in view.list_history(found)][0] == Step.UNMASK
    callbacks.record_call_back(found, NOBODY, "", cast.owner, NOW)
    assert callbacks.unmask_contact(found, f"contact:{second.id}", cast.owner, NOW).telephone
