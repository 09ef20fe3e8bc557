"""The steps of a feedback (I1): here the department's, who calls back, plans and acts; QA's: `feedback_qa`.

Who may come near a feedback is decided where it is fetched (feedback_board); here stands what each step
does and demands. Confirming it is the improvement group's, in `improvement`.
"""

from __future__ import annotations

from datetime import datetime

from csat.database import write
from csat.models.clients import Contact
from csat.models.feedback import CallBack, CallBackOutcome, Feedback, FeedbackState, Step
from csat.models.people import Department, Person
from csat.procedure.clients.reach import Reach, reach_of_contact, reach_of_response
from csat.procedure.core import audit
from csat.procedure.core.refusals import InputWrong, Missing, NotFound, Refusal
from csat.procedure.feedback.actions import (
    ActionNotUnderWay,
    DayOver,
    NoFile,
    PlanEmpty,
    Planned,
    action_of,
    add_files,
    drop_plan,
    finish,
    finish_action,
    propose,
    shareable,
    start,
)
from csat.procedure.feedback.board import feedback_for, work_for
from csat.procedure.feedback.classification import (
    Source,
    accept,
    assign,
    assign_all,
    create,
    reclassify,
    send_back,
    supervise,
)
from csat.procedure.feedback.workflow import (
    has_anonymous,
    history_of,
    is_anonymous,
    next_step,
    plan_waits,
    put_down,
    refuse_out_of_order,
    responses_of,
    taking,
)
from csat.procedure.survey import receipts
from csat.words import N_

__all__ = [
    "ActionNotUnderWay",
    "DayOver",
    "NoFile",
    "PlanEmpty",
    "Planned",
    "Source",
    "accept",
    "action_of",
    "add_files",
    "assign",
    "assign_all",
    "create",
    "feedback_for",
    "finish",
    "finish_action",
    "is_anonymous",
    "next_step",
    "plan_waits",
    "propose",
    "reclassify",
    "send_back",
    "shareable",
    "start",
    "supervise",
    "work_for",
]


class NobodyToCall(InputWrong):
    sentence = N_("The client answered anonymously and cannot be called. Reply on the receipt page instead.")


class NobodyAnonymous(InputWrong):
    sentence = N_("The client gave a name, so please call; there is no receipt page to reply on.")


class OneContact(Refusal):
    sentence = N_("One contact is shown already. Call that one first; put down if nobody could be reached.")


class PassedToItself(InputWrong):
    sentence = N_("The feedback is with this department already.")


# --- the department ----------------------------------------------------------------------------------


def call_back(feedback: Feedback, outcome: CallBackOutcome, words: str, by: Person, now: datetime) -> None:
    """Put down a call-back or an attempt at one; to the anonymous it is a reply on the receipt page (I3).

    Where somebody gave a name, the reply goes beside the call-back and does not stand for it.
    """
    if outcome != CallBackOutcome.NOBODY and not words.strip():
        raise Missing(field="words")
    if outcome == CallBackOutcome.REPLIED and not has_anonymous(feedback):
        raise NobodyAnonymous(field="outcome")
    if outcome != CallBackOutcome.REPLIED and is_anonymous(feedback):
        raise NobodyToCall(field="outcome")
    step = Step.REPLY if outcome == CallBackOutcome.REPLIED else Step.CALL_BACK
    with taking(step, feedback, by, now, words) as fresh:
        if outcome == CallBackOutcome.REPLIED and not is_anonymous(fresh):
            _reply(fresh, words, by, now)
            return
        _tell(fresh, outcome, words, by, now)
        if outcome != CallBackOutcome.NOBODY:
            fresh.state = FeedbackState.CALLED_BACK


def pass_on(
    feedback: Feedback, to_department: Department | None, reason: str, by: Person, now: datetime
) -> None:
    """Pass on what lies beyond the department: to another, or back to QA.

    A second passing-on always goes to QA; due instants stay as they are (I1).
    """
    if not reason.strip():
        raise Missing(field="reason")
    with taking(Step.PASS_ON, feedback, by, now, reason) as fresh:
        if to_department is not None and to_department.id == fresh.department_id:
            raise PassedToItself(field="department")
        target = to_department if fresh.passed_on == 0 else None
        drop_plan(fresh)
        fresh.passed_on += 1
        fresh.department = target
        fresh.state = FeedbackState.ASSIGNED if target else FeedbackState.NEW


def explain(feedback: Feedback, words: str, by: Person, now: datetime) -> None:
    """Explain to the client why nothing can be done (P10): it is a call-back, and waits for confirmation."""
    if not words.strip():
        raise Missing(field="words")
    outcome = CallBackOutcome.REPLIED if is_anonymous(feedback) else CallBackOutcome.REACHED
    with taking(Step.EXPLAIN, feedback, by, now, words) as fresh:
        drop_plan(fresh)
        _tell(fresh, outcome, words, by, now)
        if outcome == CallBackOutcome.REACHED:
            _reply(fresh, words, by, now)  # to those among them who are anonymous
        fresh.state = FeedbackState.EXPLAINED


def reach_of(feedback: Feedback) -> list[Reach]:
    """How the client can be called: the respondents who gave a name, else the client's contacts."""
    responses = responses_of(feedback)
    if responses:
        return [reach_of_response(response) for response in responses if not response.anonymous]
    contacts = Contact.select().where(Contact.client == feedback.client_id, Contact.retired_at.is_null())
    return [reach_of_contact(contact) for contact in contacts.order_by(Contact.name)]


def unmask(feedback: Feedback, key: str, by: Person, now: datetime) -> Reach:
    """Show one person's telephone and e-mail to who has the call-back at hand; it goes on record (D2).

    Without a response it is one contact of the client, of the caller's choice; another one only after an
    attempt that reached nobody.
    """
    refuse_out_of_order(Step.CALL_BACK, feedback)
    found = next((reach for reach in reach_of(feedback) if reach.key == key), None)
    if found is None:
        raise NotFound
    with write():
        chosen = chosen_contact(feedback)
        if chosen not in ("", found.key):
            raise OneContact
        if not chosen and not responses_of(feedback):
            put_down(Step.UNMASK, feedback, by, now, detail={"contact": found.key})
        audit.record(by, "contact unmasked", found.key, now, feedback=feedback.id)
    return found


def chosen_contact(feedback: Feedback) -> str:
    """Which contact of the client was chosen for the call-back, since the last attempt; '' for none."""
    for step in history_of(feedback):
        if step.step == Step.CALL_BACK:
            return ""
        if step.step == Step.UNMASK:
            return step.detail["contact"]
    return ""


# --- small print -------------------------------------------------------------------------------------


def _tell(feedback: Feedback, outcome: CallBackOutcome, words: str, by: Person, now: datetime) -> None:
    """Put down the talk with the client; the first that reaches them decides whether it was in time (I2)."""
    CallBack.create(feedback=feedback, by=by, at=now, outcome=outcome, words=words.strip())
    if outcome == CallBackOutcome.REPLIED:
        _reply(feedback, words, by, now)
    if outcome != CallBackOutcome.NOBODY and feedback.called_back_at is None:
        feedback.called_back_at = now
        feedback.called_back_in_time = now <= feedback.call_back_due_at


def _reply(feedback: Feedback, words: str, by: Person, now: datetime) -> None:
    for response in responses_of(feedback):
        if response.anonymous and receipts.has_receipt(response):
            receipts.reply(response, words, by, now)
