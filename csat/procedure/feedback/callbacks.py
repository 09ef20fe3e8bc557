"""The department's steps towards the client (I1, I3, P10): calling back, explaining, passing on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from csat.database import write
from csat.models.clients import Contact
from csat.models.feedback import CallBack, CallBackOutcome, Feedback, FeedbackState, FeedbackStep, Step
from csat.models.people import Department, Person
from csat.procedure.clients.reach import ContactReach, find_respondent_reach, make_contact_reach
from csat.procedure.core import audit
from csat.procedure.core.guards import found_or_refuse, need_text
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.feedback.actions import drop_plan
from csat.procedure.feedback.steps import add_history_entry, take_step
from csat.procedure.feedback.view import FeedbackView, list_responses
from csat.procedure.feedback.workflow import refuse_impossible_step
from csat.procedure.people import departments
from csat.procedure.survey import receipts
from csat.words import N_


class NobodyToCall(InputWrong):
    sentence = N_("The client answered anonymously and cannot be called. Reply on the receipt page instead.")


class NobodyAnonymous(InputWrong):
    sentence = N_("The client gave a name, so please call; there is no receipt page to reply on.")


class ContactShownAlready(Refusal):
    sentence = N_("One contact is shown already. Call that one first; put down if nobody could be reached.")


class PassedToItself(InputWrong):
    sentence = N_("The feedback is with this department already.")


def record_call_back(feedback: Feedback, outcome: CallBackOutcome, words: str, by: Person, now: datetime) -> None:
    """Put down a call-back or an attempt at one; to the anonymous it is a reply on the receipt page (I3)."""
    if outcome != CallBackOutcome.NOBODY:
        need_text(words, "words")
    replies, view = outcome == CallBackOutcome.REPLIED, FeedbackView(feedback)
    if replies and not view.has_anonymous:
        raise NobodyAnonymous(field="outcome")
    if not replies and view.fully_anonymous:
        raise NobodyToCall(field="outcome")
    with take_step(Step.REPLY if replies else Step.CALL_BACK, feedback, by, now, words) as fresh:
        if replies and not view.fully_anonymous:  # beside the call of who gave a name, not in its place
            _reply_to_anonymous(fresh, words, by, now)
            return
        _record_talk(fresh, outcome, words, by, now)
        if outcome != CallBackOutcome.NOBODY:
            fresh.state = FeedbackState.CALLED_BACK


def pass_on_feedback(
    feedback: Feedback, to_department: Department | None, reason: str, by: Person, now: datetime
) -> None:
    """Pass on what lies beyond the department: to another, or back to QA; due instants stay as they are (I1)."""
    reason = need_text(reason)
    if to_department is not None and feedback.passed_on == 0:
        departments.ensure_staffed(to_department, now)
    with take_step(Step.PASS_ON, feedback, by, now, reason) as fresh:
        if to_department is not None and to_department.id == fresh.department_id:
            raise PassedToItself(field="department")
        target = to_department if fresh.passed_on == 0 else None  # the second time QA decides (I1)
        drop_plan(fresh)
        fresh.passed_on += 1
        fresh.department = target
        fresh.state = FeedbackState.ASSIGNED if target else FeedbackState.NEW


def explain_feedback(feedback: Feedback, words: str, by: Person, now: datetime) -> None:
    """Explain to the client why nothing can be done (P10): it is a call-back, and waits for confirmation."""
    words = need_text(words, "words")
    outcome = CallBackOutcome.REPLIED if FeedbackView(feedback).fully_anonymous else CallBackOutcome.REACHED
    with take_step(Step.EXPLAIN, feedback, by, now, words) as fresh:
        drop_plan(fresh)
        _record_talk(fresh, outcome, words, by, now)
        if outcome == CallBackOutcome.REACHED:
            _reply_to_anonymous(fresh, words, by, now)  # to those among them who are anonymous
        fresh.state = FeedbackState.EXPLAINED


def list_contact_reaches(feedback: Feedback) -> list[ContactReach]:
    """How the client can be called: the respondents who gave a name, else the client's contacts, who said it first."""
    responses = list_responses(feedback)
    if responses:
        return [find_respondent_reach(response) for response in responses if not response.anonymous]
    contacts = Contact.select().where(Contact.client == feedback.client_id, Contact.retired_at.is_null())
    said = feedback.contact_id or (feedback.incident.contact_id if feedback.incident else None)
    ordered = sorted(contacts.order_by(Contact.name), key=lambda contact: contact.id != said)
    return [make_contact_reach(contact) for contact in ordered]


def unmask_contact(feedback: Feedback, key: str, by: Person, now: datetime) -> ContactReach:
    """Show one person's telephone and e-mail to who has the call-back at hand; it goes on record (D2)."""
    refuse_impossible_step(Step.CALL_BACK, feedback)
    found = found_or_refuse(next((reach for reach in list_contact_reaches(feedback) if reach.key == key), None))
    with write():
        view = FeedbackView(feedback)
        chosen = find_chosen_contact(view.history)
        # Without a response any contact of the client may be chosen, but one at a time: no reading through them all.
        if chosen not in ("", found.key):
            raise ContactShownAlready
        if not chosen and not view.responses:
            add_history_entry(Step.UNMASK, feedback, by, now, detail={"contact": found.key})
        audit.record(by, "contact unmasked", found.key, now, feedback=feedback.id)
    return found


def find_chosen_contact(history: Iterable[FeedbackStep]) -> str:
    """Which contact of the client was chosen for the call-back, since the last attempt; '' for none."""
    for step in history:
        if step.step == Step.CALL_BACK:
            return ""
        if step.step == Step.UNMASK:
            return step.detail["contact"]
    return ""


def _record_talk(feedback: Feedback, outcome: CallBackOutcome, words: str, by: Person, now: datetime) -> None:
    """Put down the talk with the client; the first that reaches them decides whether it was in time (I2)."""
    CallBack.create(feedback=feedback, by=by, at=now, outcome=outcome, words=words.strip())
    if outcome == CallBackOutcome.REPLIED:
        _reply_to_anonymous(feedback, words, by, now)
    if outcome != CallBackOutcome.NOBODY and feedback.called_back_at is None:
        feedback.called_back_at = now
        feedback.called_back_in_time = now <= feedback.call_back_due_at


def _reply_to_anonymous(feedback: Feedback, words: str, by: Person, now: datetime) -> None:
    for response in list_responses(feedback):
        if response.anonymous and receipts.has_receipt(response):
            receipts.reply_to_respondent(response, words, by, now)
