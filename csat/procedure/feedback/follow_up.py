"""The check after closing (P4): two questions to who raised a matter, once all that deals with it is closed.

It asks by name, as evidence under I5, so it goes to nobody who answered anonymously. It leaves by mail where
we have an address; else the desk and the client's manager find it as a link to hand over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from csat.database import write
from csat.models.answers import Answer, Response, Verdict
from csat.models.asking import Attempt, Campaign, CampaignState, Channel, Invitation, InvitationState
from csat.models.clients import Client, Contact
from csat.models.effect import ClosingCheck, Unasked
from csat.models.feedback import Feedback, FeedbackOrigin, FeedbackState, FeedbackStep, IssueType, Step
from csat.models.outbox import MailKind, MailState, OutboxMessage
from csat.models.people import Person
from csat.models.questionnaires import Question
from csat.procedure.campaigns import campaigns, invitations
from csat.procedure.campaigns.proposals import clients_of
from csat.procedure.core import audit, settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import Refusal
from csat.procedure.feedback import linking, recurrence
from csat.procedure.feedback.workflow import responses_of
from csat.procedure.incidents.delivery import REACHED, is_delivered
from csat.procedure.mail import outbox, sending_rules
from csat.procedure.questionnaires.questionnaires import SOLVED

HANDLING = "handling"  # the code of the check's second question, a rating


@dataclass(frozen=True)
class Answered:
    """What the client said in the check: solved or not, and how content with the handling (1–5)."""

    response: Response
    solved: bool | None
    handling: int | None

    @property
    def counts(self) -> bool:
        """Whether QA found it genuine; before that it is no evidence yet (P7)."""
        return self.response.verdict == Verdict.VALID


# --- asking ------------------------------------------------------------------------------------------


def ask(feedback: Feedback, now: datetime, zone: tzinfo) -> ClosingCheck | None:
    """Ask the client once the whole matter is closed; once only. None while a part of it is open.

    Who is not asked is on record too, with the reason. Nothing here keeps a feedback from closing.
    """
    matter = linking.group_of(feedback)
    if any(one.state != FeedbackState.CONFIRMED for one in matter) or of_matter(feedback) is not None:
        return None
    with write():
        contact, why = _whom(matter, now)
        made = ClosingCheck.create(feedback=matter[0], why=why, at=now)
        if why is None and contact is not None:
            _invite(made, contact, now, zone)
        return made


def ask_rested(now: datetime, zone: tzinfo) -> int:
    """Ask those whose days of rest are over; how many were asked. Harmless when done already."""
    asked = 0
    with write():
        for waiting in list(ClosingCheck.select().where(ClosingCheck.why == Unasked.RESTING)):
            contact, why = _whom(linking.group_of(waiting.feedback), now)
            if why == Unasked.RESTING:
                continue
            waiting.why = why
            waiting.save()
            if why is None and contact is not None:
                asked += _invite(waiting, contact, now, zone)
    return asked


def _invite(made: ClosingCheck, contact: Contact, now: datetime, zone: tzinfo) -> bool:
    """Invite, by mail where that can be; a refusal leaves the check without an invitation."""
    try:
        campaign = campaigns.standing_check(Quarter.of(now, zone), now, zone)
        invitation = invitations.invite(campaign, contact, None, now, zone=zone)
    except Refusal:
        made.why = Unasked.NOBODY
        made.save()
        return False
    made.invitation = invitation
    made.save()
    audit.record(None, "client asked whether it is settled", made.feedback, now, contact=contact.id)
    if _may_be_mailed(made, invitation, contact, now):
        _mail(invitation, now)
    return True


def _mail(invitation: Invitation, now: datetime) -> None:
    Invitation.update(channel=Channel.EMAIL).where(Invitation.id == invitation.id).execute()
    outbox.put(MailKind.ASK, f"ask:{invitation.id}", now, None, invitation=invitation)


def _may_be_mailed(made: ClosingCheck, invitation: Invitation, contact: Contact, now: datetime) -> bool:
    """Not to an address of somebody else than who answered, nor to who had mails enough."""
    names = {one.respondent_name for one in _named(linking.group_of(made.feedback))} - {""}
    if names and contact.name not in names:
        return False
    return sending_rules.why_not_contact(contact) is None and sending_rules.cap(invitation, now) is None


def _whom(matter: list[Feedback], now: datetime) -> tuple[Contact | None, Unasked | None]:
    """Who raised a matter, and why they are not asked, if so."""
    if any(responses_of(one) for one in matter):
        named = _named(matter)
        if not named:
            return None, Unasked.ANONYMOUS
        contact = next((one.contact for one in named if one.contact_id), None)
    elif matter[0].origin == FeedbackOrigin.OBSERVATION:
        return None, Unasked.OBSERVED
    else:
        contact = _called(matter)
    return _fit(contact and (contact.counts_as or contact), now)


def _fit(contact: Contact | None, now: datetime) -> tuple[Contact | None, Unasked | None]:
    if contact is None or contact.erased_at is not None:
        return None, Unasked.NOBODY
    if contact.opted_out_at is not None:
        return contact, Unasked.OPTED_OUT
    if contact.retired_at is not None:
        return contact, Unasked.RETIRED
    return contact, Unasked.RESTING if _rests(contact, now) else None


def _named(matter: list[Feedback]) -> list[Response]:
    """The responses with a name that a matter was taken from, the latest first."""
    found = {response.id: response for one in matter for response in responses_of(one)}
    named = [one for one in found.values() if not one.anonymous]
    return sorted(named, key=lambda one: (one.received_at is not None, one.received_at), reverse=True)


def _called(matter: list[Feedback]) -> Contact | None:
    """Of a feedback without a response: the contact who was last chosen for the call-back."""
    chosen = FeedbackStep.select().where(
        FeedbackStep.feedback.in_([one.id for one in matter]), FeedbackStep.step == Step.UNMASK
    )
    last = chosen.order_by(FeedbackStep.id.desc()).first()
    key = (last.detail or {}).get("contact", "") if last else ""
    return Contact.get_or_none(Contact.id == int(key.removeprefix("contact:"))) if key else None


def _rests(contact: Contact, now: datetime) -> bool:
    """Whether a contact was surveyed within the days of rest (setting; none by default)."""
    days = settings.whole("rest_days")
    if not days:
        return False
    alike = Contact.select(Contact.id).where((Contact.id == contact) | (Contact.counts_as == contact))
    recent = Attempt.select().join(Invitation).where(Invitation.contact.in_(alike))
    lately = recent.where(Attempt.at > now - timedelta(days=days), Attempt.outcome.in_(REACHED))
    return any(_was_delivered(attempt.invitation) for attempt in lately)


def _was_delivered(invitation: Invitation) -> bool:
    return is_delivered(invitations.attempts_of([invitation])[invitation.id])


# --- reading -----------------------------------------------------------------------------------------


def of_matter(feedback: Feedback) -> ClosingCheck | None:
    """The check of a feedback, or of the one that counts for it."""
    keys = [one.id for one in linking.group_of(feedback)]
    return ClosingCheck.get_or_none(ClosingCheck.feedback.in_(keys))


def of_all(feedback: Iterable[Feedback]) -> dict[int, ClosingCheck]:
    """The checks of several, by the key of the feedback; linked ones have that of the one that counts."""
    tops = {one.id: one.linked_to_id or one.id for one in feedback}
    rows = ClosingCheck.select().where(ClosingCheck.feedback.in_(set(tops.values()) or {0}))
    found = {row.feedback_id: row for row in rows}
    return {key: found[top] for key, top in tops.items() if top in found}


def unsolved_checks() -> Any:
    """A query of the valid responses that say of a closed matter that it is not solved."""
    checked = ClosingCheck.select(ClosingCheck.response).where(ClosingCheck.response.is_null(False))
    valid = Response.select(Response.id).where(Response.id.in_(checked), Response.verdict == Verdict.VALID)
    return recurrence.unsolved(valid)


def of_invitation(invitation: Invitation) -> Feedback | None:
    """The feedback about which an invitation asks."""
    found = ClosingCheck.get_or_none(ClosingCheck.invitation == invitation)
    return None if found is None else found.feedback


def of_response(response: Response) -> Feedback | None:
    """The feedback that a response is the check of."""
    found = ClosingCheck.get_or_none(ClosingCheck.response == response)
    return None if found is None else found.feedback


def answered(check: ClosingCheck | None) -> Answered | None:
    """What the client said; None without an answer, or of one that is doubted or refused."""
    return None if check is None else answered_all([check]).get(check.id)


def answered_all(checks: list[ClosingCheck]) -> dict[int, Answered]:
    """The same of several, by the check's key; those without a usable answer are left out."""
    keys = [one.response_id for one in checks if one.response_id]
    usable = Response.select().where(
        Response.id.in_(keys or [0]), Response.verdict.in_((Verdict.VALID, Verdict.PENDING))
    )
    responses = {one.id: one for one in usable}
    rows = Answer.select(Answer, Question).join(Question).where(Answer.response.in_(list(responses) or [0]))
    said: dict[int, dict[str, int | None]] = {key: {} for key in responses}
    for row in rows:
        said[row.response_id][row.question.code] = row.value
    return {
        one.id: _answered(responses[one.response_id], said[one.response_id])
        for one in checks
        if one.response_id in responses
    }


def _answered(response: Response, said: dict[str, int | None]) -> Answered:
    solved = said.get(SOLVED)
    return Answered(response, None if solved is None else bool(solved), said.get(HANDLING))


def to_hand_over(person: Person, now: datetime, zone: tzinfo) -> Any:
    """A query of the checks nobody has got yet: those without mail, and whose mail did not arrive (a
    manager: of the clients in their care)."""
    on_its_way = OutboxMessage.select(OutboxMessage.invitation).where(
        OutboxMessage.kind == MailKind.ASK,
        OutboxMessage.state.in_((MailState.WAIT, MailState.SEND, MailState.TORN)),
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
            Invitation.state == InvitationState.MADE,
            Invitation.id.not_in(on_its_way),
            Campaign.state == CampaignState.OPEN,
            Campaign.closes_at > now,
        )
    )
    own = clients_of(person, zone, now)
    return (query if own is None else query.where(Invitation.client.in_(own or {0}))).order_by(
        ClosingCheck.id
    )
