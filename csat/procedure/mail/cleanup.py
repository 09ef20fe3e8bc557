"""What sent mails leave behind: nothing from which could be read who had not answered (decision 0030)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from peewee import chunked

from csat.database import write
from csat.models.asking import Campaign, Invitation, Link
from csat.models.base import Condition, Table
from csat.models.outbox import QUEUED_STATES, UNDECIDED_STATES, MailKind, OptOutLink, OutboxMessage
from csat.models.work import Job
from csat.procedure.mail import sending_rules

A_DAY = timedelta(days=1)


def shuffle_links(campaign: Campaign) -> None:
    """Let the order of a campaign's links say nothing of which reminders took several tries."""
    invitations_ = Invitation.select(Invitation.id).where(Invitation.campaign == campaign)
    contacts = Invitation.select(Invitation.contact).where(Invitation.campaign == campaign)
    reminders = (OutboxMessage.kind == MailKind.REMIND) & OutboxMessage.invitation.in_(invitations_)
    with write():
        if OutboxMessage.select().where(reminders, OutboxMessage.state.in_(QUEUED_STATES)).exists():
            return  # what is on its way still adds links; the last of them shuffles all
        _shuffle_rows(Link, Link.invitation.in_(invitations_))
        _shuffle_rows(OptOutLink, OptOutLink.contact.in_(contacts))


def delete_old_mails(now: datetime) -> int:
    """Delete what nobody needs any more: digests, mails about accounts, reminders that count against no cap."""
    old = OutboxMessage.made_at < now - sending_rules.CAP_PERIOD
    over = OutboxMessage.state.not_in(UNDECIDED_STATES)
    kinds = OutboxMessage.kind.in_((MailKind.DIGEST, MailKind.REMIND, MailKind.PASSWORD, MailKind.ACCOUNT))
    done = (Job.kind == "send_mail") & Job.asked_by.is_null() & (Job.ended_at < now - A_DAY)
    with write():
        Job.delete().where(done).execute()
        return OutboxMessage.delete().where(old, over, kinds).execute()


def _shuffle_rows(table: type[Table], which: Condition) -> None:
    rows = list(table.select().where(which).dicts())
    secrets.SystemRandom().shuffle(rows)
    table.delete().where(which).execute()
    for some in chunked([{name: row[name] for name in row if name != "id"} for row in rows], 500):
        table.insert_many(some).execute()
