"""The check after closing (P4): two questions, by name as evidence (I5), to who raised a matter that is closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from peewee import ModelSelect

from csat.database import write
from csat.models.answers import Answer, Response, Verdict
from csat.models.asking import Campaign, Invitation, InvitationState
from csat.models.clients import Client, Contact
from csat.models.effect import ClosingCheck, Unasked
from csat.models.feedback import Feedback, FeedbackOrigin, FeedbackState, FeedbackStep, IssueType, Step
from csat.models.outbox import UNDECIDED_STATES, MailKind, OutboxMessage
from csat.models.people import Person
from csat.models.questionnaires import Question
from csat.procedure.campaigns import campaigns, invitations
from csat.procedure.campaigns.proposals import find_visible_clients
from csat.procedure.clients.merging import find_person
from csat.procedure.clients.opt_out import is_opted_out
from csat.procedure.core import audit
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import Refusal
from csat.procedure.feedback import linking, recurrence
from csat.procedure.feedback.view import list_responses
from csat.procedure.incidents.survey_cooldown import was_surveyed_lately
from csat.procedure.mail import sending_rules
from csat.procedure.mail.invitations import queue_unless_queued
from csat.procedure.questionnaires.questionnaires import HANDLING, SOLVED


@dataclass(frozen=True)
class FollowUpAnswer:
    """What the client said in the check: solved or not, and how content with the handling (1–5)."""

    response: Response
    solved: bool | None
    handling: int | None

    @property
    def counts(self) -> bool:
        """Whether QA found it genuine; before that it is no evidence yet (P7)."""
        return self.response.verdict == Verdict.VALID


def ask_client(feedback: Feedback, now: datetime, zone: tzinfo) -> ClosingCheck | None:
    """Ask the client, once, when the whole matter is closed; None while a part of it is open. Refuses nothing."""
    matter = linking.find_linked_group(feedback)
    if any(one.state != FeedbackState.CONFIRMED for one in matter) or find_follow_up(feedback) is not None:
        return None
    with write():
        made = ClosingCheck.create(feedback=matter[0], at=now)
        _ask_or_say_why(made, now, zone)
        return made


def ask_rested_clients(now: datetime, zone: tzinfo) -> int:
    """Ask those whose days of rest are over; how many were asked. Harmless when done already."""
    with write():
        resting = list(ClosingCheck.select().where(ClosingCheck.why == Unasked.RESTING))
        return sum(_ask_or_say_why(waiting, now, zone) for waiting in resting)


def _ask_or_say_why(check: ClosingCheck, now: datetime, zone: tzinfo) -> bool:
    """Invite who raised the matter, by mail where that can be; who is not asked is on record with the reason."""
    matter = linking.find_linked_group(check.feedback)
    contact, check.why = _choose_contact(matter, now)
    if contact is not None and check.why is None:
        try:
            campaign = campaigns.ensure_check_campaign(Quarter.of(now, zone), now, zone)
            check.invitation = invitations.invite_contact(campaign, contact, None, now, zone=zone)
        except Refusal:  # nothing here keeps a feedback from closing
            check.why = Unasked.NOBODY
    check.save()
    if contact is None or check.invitation is None:
        return False
    audit.record(None, "client asked whether it is settled", check.feedback, now, contact=contact.id)
    if _may_be_mailed(matter, check.invitation, contact, now):
        queue_unless_queued(check.invitation, None, now)
    return True


def _may_be_mailed(matter: list[Feedback], invitation: Invitation, contact: Contact, now: datetime) -> bool:
    """Not to an address of somebody else than who answered, nor to who had mails enough."""
    # The link may have been passed on to a colleague, who answered with a name of their own.
    names = {one.respondent_name for one in _list_named_responses(matter)} - {""}
    if names and contact.name not in names:
        return False
    held = sending_rules.find_contact_hold_reason(contact) or sending_rules.find_reached_cap(invitation, now)
    return held is None


def _choose_contact(matter: list[Feedback], now: datetime) -> tuple[Contact | None, Unasked | None]:
    """Who raised a matter, and why they are not asked, if so."""
    if any(list_responses(one) for one in matter):
        named = _list_named_responses(matter)
        if not named:
            return None, Unasked.ANONYMOUS
        contact = next((one.contact for one in named if one.contact_id), None)
    elif matter[0].origin == FeedbackOrigin.OBSERVATION:  # our own staff saw it: no client raised it
        return None, Unasked.OBSERVED
    else:
        contact = _find_called_contact(matter) or next((one.contact for one in matter if one.contact_id), None)
    return _check_contact(contact and find_person(contact), now)  # a merged one as the one that it counts as


def _check_contact(contact: Contact | None, now: datetime) -> tuple[Contact | None, Unasked | None]:
    if contact is None or contact.erased_at is not None:
        return None, Unasked.NOBODY
    if is_opted_out(contact):
        return contact, Unasked.OPTED_OUT
    if contact.retired_at is not None:
        return contact, Unasked.RETIRED
    return contact, Unasked.RESTING if was_surveyed_lately(contact, now) else None


def _list_named_responses(matter: list[Feedback]) -> list[Response]:
    """The responses with a name that a matter was taken from, the latest first."""
    found = {response.id: response for one in matter for response in list_responses(one)}
    named = [one for one in found.values() if not one.anonymous]
    return sorted(named, key=lambda one: (one.received_at is not None, one.received_at), reverse=True)


def _find_called_contact(matter: list[Feedback]) -> Contact | None:
    """Of a feedback without a response: the contact who was last chosen for the call-back."""
    chosen = FeedbackStep.select().where(
        FeedbackStep.feedback.in_([one.id for one in matter]), FeedbackStep.step == Step.UNMASK
    )
    last = chosen.order_by(FeedbackStep.id.desc()).first()
    key = (last.detail or {}).get("contact", "") if last else ""
    return Contact.get_or_none(Contact.id == int(key.removeprefix("contact:"))) if key else None


def find_follow_up(feedback: Feedback) -> ClosingCheck | None:
    """The check of a feedback, or of the one that counts for it."""
    keys = [one.id for one in linking.find_linked_group(feedback)]
    return ClosingCheck.get_or_none(ClosingCheck.feedback.in_(keys))


def find_follow_ups(feedback: Iterable[Feedback]) -> dict[int, ClosingCheck]:
    """The checks of several, by the key of the feedback; linked ones have that of the one that counts."""
    tops = {one.id: one.matter_id for one in feedback}
    found = {row.feedback_id: row for row in ClosingCheck.select().where(ClosingCheck.feedback.in_(set(tops.values())))}
    return {key: found[top] for key, top in tops.items() if top in found}


def select_unsolved_answers() -> ModelSelect[Answer]:
    """A query of the valid responses that say of a closed matter that it is not solved."""
    checked = ClosingCheck.select(ClosingCheck.response).where(ClosingCheck.response.is_null(False))
    valid = Response.select(Response.id).where(Response.id.in_(checked), Response.verdict == Verdict.VALID)
    return recurrence.select_unsolved(valid)


def find_checked_feedback(response: Response) -> Feedback | None:
    """The feedback that a response is the check of."""
    found = ClosingCheck.get_or_none(ClosingCheck.response == response)
    return None if found is None else found.feedback


def find_answer(check: ClosingCheck | None) -> FollowUpAnswer | None:
    """What the client said; None without an answer, or of one that is doubted or refused."""
    return None if check is None else find_answers([check]).get(check.id)


def find_answers(checks: list[ClosingCheck]) -> dict[int, FollowUpAnswer]:
    """The same of several, by the check's key; those without a usable answer are left out."""
    keys = [one.response_id for one in checks if one.response_id]
    usable = Response.select().where(Response.id.in_(keys), Response.verdict.in_((Verdict.VALID, Verdict.PENDING)))
    responses = {one.id: one for one in usable}
    rows = Answer.select(Answer, Question).join(Question).where(Answer.response.in_(list(responses)))
    said: dict[int, dict[str, int | None]] = {key: {} for key in responses}
    for row in rows:
        said[row.response_id][row.question.code] = row.value
    found = {}
    for one in checks:
        if one.response_id in responses:
            told = said[one.response_id]
            solved = told.get(SOLVED)
            solved = None if solved is None else bool(solved)
            found[one.id] = FollowUpAnswer(responses[one.response_id], solved, told.get(HANDLING))
    return found


def select_to_hand_over(person: Person, now: datetime, zone: tzinfo) -> ModelSelect[ClosingCheck]:
    """A query of the checks nobody has got yet: no mail, or it did not arrive (a manager: own clients)."""
    # What may still arrive by mail is not handed over as a link too.
    on_its_way = OutboxMessage.select(OutboxMessage.invitation).where(
        OutboxMessage.kind == MailKind.ASK,
        OutboxMessage.state.in_(UNDECIDED_STATES),
        OutboxMessage.invitation.is_null(False),
    )
    query = (
        ClosingCheck.select(ClosingCheck, Feedback, IssueType, Invitation, Contact, Client)
        .join(Feedback)
        .join(IssueType)
        .join_from(ClosingCheck, Invitation)
        .join(Contact)
        .join_from(Invitation, Client)
        .join_from(Invitation, Campaign)
        .where(
            Invitation.state == InvitationState.MADE, Invitation.id.not_in(on_its_way), Campaign.running_condition(now)
        )
    )
    own = find_visible_clients(person, zone, now)
    return (query if own is None else query.where(Invitation.client.in_(own))).order_by(ClosingCheck.id)
