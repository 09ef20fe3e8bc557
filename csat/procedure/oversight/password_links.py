"""The link that sets a password goes to the person only: mailed to their own address, made as the mail is sent (D4)."""

from __future__ import annotations

from datetime import datetime

from csat.database import write
from csat.models.access import Account
from csat.models.outbox import MailKind, OutboxMessage
from csat.models.oversight import NoticeKind
from csat.models.people import Person
from csat.procedure.core.refusals import NotFound, Refusal
from csat.procedure.mail import outbox, sending_rules
from csat.procedure.people import notices, welcome_links
from csat.words import N_


class NoAddress(Refusal):
    sentence = N_("No e-mail address is on record for this person. Enter it on the person’s page first.")


def refuse_unreachable(account: Account, mails: bool) -> None:
    """Raise where a link could reach nobody."""
    if account.closed_at is not None:
        raise NotFound
    if mails and not account.person.email:
        raise NoAddress


def queue_link(account: Account, by: Person, now: datetime) -> None:
    """Queue the mail with the link; it goes to the address that stands there now, or not at all."""
    refuse_unreachable(account, mails=True)
    purpose = f"password:{account.id}:{now.isoformat()}"
    about = sending_rules.fingerprint_address(account.person.email)
    outbox.queue_mail(MailKind.PASSWORD, purpose, now, by, person=account.person, about=about)


def find_last_mail(account: Account) -> OutboxMessage | None:
    """The last mail that was to bring somebody such a link."""
    mine = (OutboxMessage.kind == MailKind.PASSWORD) & (OutboxMessage.person == account.person_id)
    return OutboxMessage.select().where(mine).order_by(OutboxMessage.id.desc()).first()


def display_link(account: Account, by: Person, now: datetime) -> str:
    """The token of a link for who asked to hand over; the person and the directors are told."""
    with write():
        token = welcome_links.make_welcome_link(account, by, now, displayed=True)
        notices.tell_owner_and_directors(account, NoticeKind.LINK_DISPLAYED, by, now)
    return token
