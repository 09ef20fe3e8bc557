"""Why a mail may not go: looked at when it is about to, from our own acts and named answers alone.

Nothing here may depend on an anonymous answer, so that a mail held back, and a cap reached, tell nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from csat.models.asking import Invitation, InvitationState
from csat.models.clients import Contact
from csat.models.feedback import FeedbackState
from csat.models.outbox import MailKind, MailState, OutboxMessage, Why
from csat.procedure.campaigns import invitation_states
from csat.procedure.clients.merging import same_person
from csat.procedure.clients.opt_out import is_opted_out
from csat.procedure.core import settings
from csat.procedure.core.refusals import Refusal
from csat.procedure.people import accounts
from csat.words import N_

CAP_PERIOD = timedelta(days=90)  # in which the caps count
CAP_STATES = (MailState.SEND, MailState.DONE, MailState.BACK, MailState.TORN)
STAFF_MAIL_KINDS = (MailKind.DIGEST, MailKind.REPORT, MailKind.TEST, MailKind.TURN, MailKind.CLOSED, MailKind.ACCOUNT)
ENDED_STATES = (InvitationState.DENY, InvitationState.VOID)


class MailHeldBack(Refusal):
    sentence = N_("This mail cannot be sent now: %(reason)s")


def refuse_held_back(why: Why | None) -> None:
    """Raise MailHeldBack when there is a reason."""
    if why is not None:
        raise MailHeldBack(reason=why)


def find_hold_reason(message: OutboxMessage, now: datetime) -> Why | None:
    """Why a mail may not go now, or None."""
    if message.kind in STAFF_MAIL_KINDS:
        return find_staff_hold_reason(message)
    if message.kind == MailKind.PASSWORD:
        return find_link_hold_reason(message)
    if message.kind == MailKind.LETTER:
        return find_contact_hold_reason(message.contact)
    if message.kind == MailKind.OVERDUE:
        closed = message.feedback.state == FeedbackState.CONFIRMED
        called = message.about == "call_back" and message.feedback.called_back_at is not None
        return Why.NOTHING if closed or called else find_staff_hold_reason(message)
    why = find_invitation_hold_reason(message.invitation, now)
    if why or message.kind != MailKind.REMIND:
        return why
    return find_reached_cap(message.invitation, now, besides=message.id)


def find_staff_hold_reason(message: OutboxMessage) -> Why | None:
    """The same of a mail to the staff."""
    if message.person.retired_at is not None:
        return Why.RETIRED
    return None if message.person.email else Why.NO_ADDRESS


def find_link_hold_reason(message: OutboxMessage) -> Why | None:
    """Why a link that sets a password may not go: the account is closed, or the address is another one since (D4)."""
    account = accounts.find_account(message.person)
    if account is None or account.closed_at is not None:
        return Why.RETIRED
    moved = fingerprint_address(message.person.email) != message.about
    return Why.MOVED if moved else find_staff_hold_reason(message)


def fingerprint_address(address: str) -> str:
    """An address as the outbox may keep it: to tell whether it is still the same."""
    return hashlib.blake2b(address.casefold().encode(), digest_size=10).hexdigest()


def find_invitation_hold_reason(invitation: Invitation, now: datetime) -> Why | None:
    """Why a contact may not be written to about an invitation."""
    if invitation.campaign.is_over(now):
        return Why.OVER
    shown = invitation_states.shown_state(invitation)
    if shown == InvitationState.DONE or invitation_states.is_answered_by_name(invitation):
        return Why.ANSWERED
    return Why.ENDED if shown in ENDED_STATES else find_contact_hold_reason(invitation.contact)


def find_contact_hold_reason(contact: Contact | None) -> Why | None:
    """Why a contact may not be written to at all."""
    if contact is None:
        return Why.NO_ADDRESS
    if contact.retired_at is not None:
        return Why.RETIRED
    if is_opted_out(contact):
        return Why.OPTED_OUT
    return None if contact.email else Why.NO_ADDRESS


def find_reached_cap(invitation: Invitation, now: datetime, besides: int = 0) -> Why | None:
    """Whether contact or client had enough survey mails `besides` this one: then no mail goes that nobody asked for."""
    return find_cap_of(invitation.contact, invitation.client_id, now, besides)


def find_cap_of(contact: Contact | None, client: int | None, now: datetime, besides: int = 0) -> Why | None:
    """The same of a contact and a client, before anybody is invited."""
    recent = (OutboxMessage.made_at > now - CAP_PERIOD) & (OutboxMessage.id != besides)
    # Every reminder gone through counts as one, whether or not the contact had answered: else the cap would tell.
    counted = OutboxMessage.select().join(Invitation).where(OutboxMessage.state.in_(CAP_STATES), recent)
    alike = same_person(contact) if contact else set()
    if counted.where(Invitation.contact.in_(alike)).count() >= settings.get_whole_number("mails_contact"):
        return Why.CONTACT_CAP
    if counted.where(Invitation.client == client).count() >= settings.get_whole_number("mails_client"):
        return Why.CLIENT_CAP
    return None
