"""The outbox: what each mail is for, when it may go, and what became of it (design, 'Outbox').

'Never lost and never twice' cannot be had together: SEND is committed before the server is spoken to, and
what was left so by a sender that died becomes TORN, for a person to decide. Reminders that may not tell
who has answered leave the same rows for everybody (decision 0030); for these nobody is asked.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from peewee import ModelSelect

from csat.database import only_one, write
from csat.models.asking import OPEN_STATES, Invitation, Link, Naming
from csat.models.base import Condition, expect_value
from csat.models.outbox import TROUBLE_STATES, MailKind, MailState, OptOutLink, OutboxMessage, Why
from csat.models.people import Person
from csat.models.work import Job
from csat.procedure.campaigns import invitations
from csat.procedure.clients import opt_out
from csat.procedure.core import audit, jobs, settings, tokens
from csat.procedure.core.refusals import OutOfOrder, Refusal
from csat.procedure.mail import sending_rules

WAIT, SEND, DONE, BACK, FAIL, HELD, TORN = MailState
SURVEY_MAIL_KINDS = (MailKind.ASK, MailKind.REMIND)  # about surveys, so that opting out concerns them
CONTACT_MAIL_KINDS = (*SURVEY_MAIL_KINDS, MailKind.LETTER)
RETRY_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 120, 360, 720))  # between two attempts


@dataclass(frozen=True)
class PreparedMail:
    """A mail about to be written: for whom, and the links made for it. It is never stored."""

    message: OutboxMessage
    name: str
    address: str
    survey_token: str = ""
    opt_out_token: str = ""
    link_token: str = ""  # of a letter, or of a link that sets a password


class LinkMaker(NamedTuple):
    """How the link of one kind of mail is made as the mail is sent, and forgotten when it does not go."""

    make: Callable[[OutboxMessage, datetime], str]
    unmake: Callable[[str], None]


LINK_MAKERS: dict[MailKind, LinkMaker] = {}  # rooms above register theirs; links to surveys are made here


# --- into the outbox ---------------------------------------------------------------------------------


def queue_mail(kind: MailKind, purpose: str, now: datetime, by: Person | None = None, **about: Any) -> bool:
    """Queue a mail, to go now or from `next_at` on, unless there is one for the same purpose; whether it is new."""
    values = {"kind": kind, "by": by, "made_at": now, "next_at": now, **about}
    with write():
        if OutboxMessage.select().where(OutboxMessage.purpose == purpose).exists():
            return False
        OutboxMessage.create(message_id=_make_message_id(), purpose=purpose, **values)
    return True


def next_working_time(now: datetime, zone: tzinfo) -> datetime:
    """When mail of the nightly round goes: when the working hours begin, or now if they have."""
    starts = settings.get_whole_number("work_starts")
    begin = now.astimezone(zone).replace(hour=starts, minute=0, second=0, microsecond=0)
    return max(now, begin.astimezone(UTC))


def select_due_mails(now: datetime) -> ModelSelect[OutboxMessage]:
    """A query of what may go now."""
    return OutboxMessage.select().where(_due_condition(now))


def wake_sender(now: datetime) -> None:
    """What an idle worker does now and then: mail whose time has come is sent."""
    if select_due_mails(now).exists():
        with only_one("mail") as free:
            if free:  # else somebody is sending already, and these go with the others
                queue_sending(None, now)


def queue_sending(by: Person | None, now: datetime, campaign: int | None = None) -> Job:
    """Let the worker send what is due; the campaign is where whoever asked wants to go afterwards."""
    return jobs.queue_job("send_mail", {"campaign": campaign} if campaign else {}, by, now)


# --- out of the outbox -------------------------------------------------------------------------------


def claim_next_mail(now: datetime) -> OutboxMessage | None:
    """The next mail to send, put down as being sent; None when nothing is due."""
    with write():
        message = select_due_mails(now).order_by(OutboxMessage.next_at, OutboxMessage.id).first()
        if message is not None:
            _set_state(message, SEND, attempts=message.attempts + 1, next_at=None)
            message.attempts += 1
    return message


def prepare_mail(message: OutboxMessage, now: datetime) -> PreparedMail | Why:
    """Make the links of a mail being sent, or say why it is held back."""
    if why := sending_rules.find_hold_reason(message, now):
        return why
    if message.kind in LINK_MAKERS:
        reader, token = message.contact or message.person, LINK_MAKERS[message.kind].make(message, now)
        return PreparedMail(message, reader.name, reader.email, link_token=token)
    person = message.person
    if message.kind not in SURVEY_MAIL_KINDS:
        return PreparedMail(message, person.name, person.email)
    invitation, contact = message.invitation, expect_value(message.invitation.contact)
    with write():
        # Before anybody looks whether the contact has answered, so that the links tell nothing.
        if message.kind == MailKind.ASK:
            token = invitations.make_mailed_link(invitation, message.by, now)
        else:
            token = invitations.make_unrecorded_link(invitation)
        return PreparedMail(message, contact.name, contact.email, token, opt_out.make_opt_out_link(contact))


def is_mail_needless(message: OutboxMessage) -> bool:
    """Whether the contact has answered meanwhile: then nothing is sent, and the row ends as if it were."""
    asked = message.invitation_id
    return asked is not None and Invitation.get_by_id(asked).state not in OPEN_STATES


def settle_mail(
    message: OutboxMessage, state: MailState, now: datetime, why: Why | None = None, answer: str = ""
) -> None:
    """Put down what a mail being sent came to: DONE, FAIL, HELD or TORN."""
    with write():
        if state == TORN and message.kind not in CONTACT_MAIL_KINDS:
            # Nobody is asked about the staff's mail: a second copy does no harm, so it goes again.
            _set_state(message, WAIT, next_at=message.made_at, why=why, answer="")
        elif is_secret_reminder(message) and (state != HELD or message.attempts > 1):
            _end_alike(message, held=state == HELD)
        else:
            _set_state(message, state, next_at=None, why=why, answer=answer)
            if state == DONE and message.kind == MailKind.TEST:
                audit.record(message.by, "test mail sent", message, now)
            if state == DONE and message.kind == MailKind.ASK:  # with that its incident is surveyed (P1, F3)
                with suppress(Refusal):  # answered by name, refused or withdrawn while the mail was on its way
                    invitations.mark_mailed(message.invitation, message.by, now)


def retry_later(prepared: PreparedMail, why: Why, answer: str, now: datetime) -> None:
    """Not taken for now: try again after a while, with links of its own, and give up after the last pause."""
    message = prepared.message
    if message.attempts > len(RETRY_PAUSES):
        return settle_mail(message, FAIL, now, why, answer)
    with write():
        _delete_links(prepared)
        _set_state(message, WAIT, next_at=now + _retry_pause(message), why=why, answer=answer)


def delay_due_mails(message: OutboxMessage, why: Why, answer: str, now: datetime) -> None:
    """The server itself cannot be had: this mail is tried again later, and all that is due waits with it."""
    with write():
        retry_later(PreparedMail(message, "", ""), why, answer, now)
        OutboxMessage.update(next_at=now + _retry_pause(message), why=why).where(_due_condition(now)).execute()


def hold_due_mails(why: Why, now: datetime) -> int:
    """Hold back everything that is due: mail is not set up. Return how many."""
    held = 0
    while (message := claim_next_mail(now)) is not None:
        settle_mail(message, HELD, now, why)
        held += 1
    return held


def settle_orphaned_mails(now: datetime) -> int:
    """What a sender that died was sending is unclear; only the one sender that runs may ask. How many."""
    left = list(OutboxMessage.select().where(OutboxMessage.state == SEND))
    for message in left:
        # The staff's goes again, but not for ever.
        again = message.kind in CONTACT_MAIL_KINDS or message.attempts <= len(RETRY_PAUSES)
        settle_mail(message, TORN if again else FAIL, now, Why.CUT_OFF)
    return len(left)


# --- afterwards --------------------------------------------------------------------------------------


def resend_mail(message: OutboxMessage, by: Person, now: datetime) -> None:
    """Send a mail once more that is unclear, was held back, refused, or came back."""
    with write():
        fresh = OutboxMessage.get_by_id(message.id)
        if fresh.state not in TROUBLE_STATES or is_secret_reminder(fresh):
            raise OutOfOrder
        sending_rules.refuse_held_back(sending_rules.find_hold_reason(fresh, now))
        # Where the server may have had it, it keeps its Message-ID, by which a mailbox can tell the copy.
        known = fresh.message_id if fresh.state == TORN else _make_message_id()
        _set_state(fresh, WAIT, next_at=now, attempts=0, message_id=known, made_at=now, by=by)
        audit.record(by, "mail sent again", fresh, now)


def count_as_sent(message: OutboxMessage, by: Person, now: datetime) -> None:
    """Somebody knows, or believes, that an unclear mail arrived: it counts as sent."""
    with write():
        fresh = OutboxMessage.get_by_id(message.id)
        if fresh.state != TORN:
            raise OutOfOrder
        settle_mail(fresh, DONE, now)
        audit.record(by, "mail counted as sent", fresh, now)


def record_bounce(message_id: str, answer: str, now: datetime) -> bool:
    """A mail came back for good; False for one we do not know, or know of already."""
    with write():
        message = OutboxMessage.get_or_none(OutboxMessage.message_id == message_id)
        if message is None or message.state not in (DONE, TORN, SEND):
            return False
        if is_secret_reminder(message):  # a row that differs would tell who has not answered
            return True
        was_counted = message.state == DONE
        _set_state(message, BACK, why=Why.BOUNCED, answer=answer)
        if message.kind == MailKind.ASK and was_counted:
            invitations.record_bounce(message.invitation, now)
    return True


def is_secret_reminder(message: OutboxMessage) -> bool:
    """Whether what became of a mail could tell who has answered: a reminder where names are not needed."""
    return message.kind == MailKind.REMIND and message.invitation.campaign.naming != Naming.NAMED


def find_last_mails(asked: Iterable[Invitation]) -> dict[int, OutboxMessage]:
    """The last mail with a link of each of these invitations, by its key."""
    query = OutboxMessage.select().where(OutboxMessage.invitation.in_([one.id for one in asked]))
    mails = query.where(OutboxMessage.kind == MailKind.ASK).order_by(OutboxMessage.id)
    return {expect_value(message.invitation_id): message for message in mails}


# --- inside ------------------------------------------------------------------------------------------


def _delete_links(prepared: PreparedMail) -> None:
    if prepared.link_token:
        LINK_MAKERS[prepared.message.kind].unmake(prepared.link_token)
    if prepared.survey_token:
        Link.delete().where(Link.token_hash == tokens.hash_token(prepared.survey_token)).execute()
        OptOutLink.delete().where(OptOutLink.token_hash == tokens.hash_token(prepared.opt_out_token)).execute()


def _due_condition(now: datetime) -> Condition:
    return (OutboxMessage.state == WAIT) & (OutboxMessage.next_at <= now)


def _set_state(message: OutboxMessage, state: MailState, **values: object) -> None:
    OutboxMessage.update({"state": state, **values}).where(OutboxMessage.id == message.id).execute()


def _end_alike(message: OutboxMessage, held: bool) -> None:
    """Where the end could tell who has answered, all ends are the same."""
    # One tried before is held back only now because there was no answer yet: it gets the links that the others got.
    if held:
        invitations.make_unrecorded_link(message.invitation)
        opt_out.make_opt_out_link(expect_value(message.invitation.contact))
    _set_state(message, DONE, attempts=1, next_at=None, why=None, answer="")


def _retry_pause(message: OutboxMessage) -> timedelta:
    return RETRY_PAUSES[min(message.attempts, len(RETRY_PAUSES)) - 1]


def _make_message_id() -> str:
    # Nobody may guess it: it is part of the address to which a mail comes back.
    return base64.b32encode(secrets.token_bytes(15)).decode().lower()
