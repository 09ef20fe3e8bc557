"""Mails about accounts: the link that sets a password, and what happened to an account (D4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from csat.database import write
from csat.models.access import Account
from csat.models.outbox import MailKind, OutboxMessage
from csat.models.oversight import AccountNotice
from csat.procedure.core import audit
from csat.procedure.mail import outbox
from csat.procedure.mail.outbox import LINK_MAKERS, LinkMaker
from csat.procedure.people import welcome_links

NEWS_LASTS = timedelta(days=2)  # what is older when mail is set up is told on the page alone


def queue_notices(now: datetime) -> int:
    """Queue a mail for each notice that has none yet; how many."""
    waiting = AccountNotice.select().where(AccountNotice.mailed_at.is_null(), AccountNotice.at > now - NEWS_LASTS)
    queued = 0
    for notice in waiting.order_by(AccountNotice.id):
        with write():
            AccountNotice.update(mailed_at=now).where(AccountNotice.id == notice.id).execute()
            told = {"person": notice.reader, "about": str(notice.id)}
            queued += outbox.queue_mail(MailKind.ACCOUNT, f"account:{notice.id}", now, None, **told)
    return queued


def find_notice(message: OutboxMessage) -> AccountNotice:
    """What a mail tells."""
    return AccountNotice.get_by_id(int(message.about))


def _make_link(message: OutboxMessage, now: datetime) -> str:
    """The token of the link that a mail brings."""
    account = Account.get(Account.person == message.person)
    return welcome_links.make_welcome_link(account, message.by or audit.name_actor(None), now, displayed=False)


LINK_MAKERS[MailKind.PASSWORD] = LinkMaker(_make_link, welcome_links.delete_link)
