"""One-time links that set a password, and passwords put in force (D4). The old password holds until then."""

from __future__ import annotations

from datetime import datetime, timedelta

from csat.database import write
from csat.models.access import Account, WelcomeLink
from csat.models.oversight import NoticeKind
from csat.models.people import Person
from csat.procedure.core import audit, tokens
from csat.procedure.core.refusals import LinkUnknown, NotFound, WelcomeLinkExpired
from csat.procedure.people import notices, sessions

WELCOME_LASTS = timedelta(days=3)


def make_welcome_link(account: Account, by: audit.Actor, now: datetime, displayed: bool = True) -> str:
    """The token of a one-time link that sets the password; older links of the account die.

    Who may have one made, and where it goes, is said in the room `oversight`; commands display theirs.
    """
    token, maker = tokens.make_token(), by if isinstance(by, Person) else None
    with write():
        if account.closed_at is not None:
            raise NotFound
        kill_welcome_links(account, now)
        WelcomeLink.create(
            token_hash=tokens.hash_token(token),
            account=account,
            expires_at=now + WELCOME_LASTS,
            made_by=maker,
            displayed=displayed,
        )
        audit.record(by, "welcome link made", account, now, displayed=displayed)
    return token


def find_welcome_link(token: str, now: datetime) -> WelcomeLink:
    """A link that still sets a password. Looking spends nothing; raise LinkUnknown or WelcomeLinkExpired."""
    link = WelcomeLink.get_or_none(WelcomeLink.token_hash == tokens.hash_token(token))
    if link is None:
        raise LinkUnknown
    if link.used_at is not None or link.expires_at <= now or link.account.closed_at is not None:
        raise WelcomeLinkExpired
    return link


def get_welcomed_account(token: str, now: datetime) -> Account:
    """Whose password a link sets."""
    return find_welcome_link(token, now).account


def use_welcome_link(token: str, password_hash: str, now: datetime) -> Account:
    """Set the password by a link and spend it."""
    with write():
        account = get_welcomed_account(token, now)  # anew, inside the lock: of two at once the second finds it used
        WelcomeLink.update(used_at=now).where(WelcomeLink.token_hash == tokens.hash_token(token)).execute()
        set_password(account, password_hash, now)
    return account


def set_password(account: Account, password_hash: str, now: datetime, by: audit.Actor = None) -> None:
    """Put a new password in force: every session ends, links that could set another one die, the owner is told.

    `by` is who is known to have done it: nobody where a link did, for a link proves no person.
    """
    with write():
        Account.update(password_hash=password_hash).where(Account.id == account.id).execute()
        account.password_hash = password_hash
        sessions.end_sessions(account)
        kill_welcome_links(account, now)
        audit.record(account.person, "password set", account, now)
        notices.tell_owner(account, NoticeKind.PASSWORD_SET, by, now)


def delete_link(token: str) -> None:
    """Forget a link that its mail did not bring."""
    WelcomeLink.delete().where(WelcomeLink.token_hash == tokens.hash_token(token)).execute()


def kill_welcome_links(account: Account, now: datetime) -> None:
    """Links of an account that were not used yet set nothing any more."""
    alive = WelcomeLink.used_at.is_null() & (WelcomeLink.expires_at > now)
    WelcomeLink.update(expires_at=now).where((WelcomeLink.account == account) & alive).execute()
