"""Welcome links, passwords, and the sessions by which we know who acts (D4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from csat.database import write
from csat.models.access import Account, Session, WelcomeLink
from csat.models.people import Person
from csat.procedure.core import audit, tokens
from csat.procedure.core.refusals import LinkUnknown, NotFound, WelcomeLinkExpired

SESSION_IDLE = timedelta(hours=12)  # a working day with its breaks
SESSION_LASTS = timedelta(days=7)  # however busy: a stolen cookie does not live for ever
SEEN_EVERY = timedelta(minutes=5)  # how exactly 'last seen' is kept: each note of it is a write
WELCOME_LASTS = timedelta(days=3)


def make_welcome_link(account: Account, by: audit.Actor, now: datetime) -> str:
    """The token of a one-time link that sets the password; older links of the account die."""
    token = tokens.make_token()
    with write():
        if account.closed_at is not None:
            raise NotFound
        kill_welcome_links(account, now)
        WelcomeLink.create(token_hash=tokens.hash_token(token), account=account, expires_at=now + WELCOME_LASTS)
        audit.record(by, "welcome link made", account, now)
    return token


def get_welcomed_account(token: str, now: datetime) -> Account:
    """Whose password a link sets. Looking spends nothing; raise LinkUnknown or WelcomeLinkDead."""
    link = WelcomeLink.get_or_none(WelcomeLink.token_hash == tokens.hash_token(token))
    if link is None:
        raise LinkUnknown
    if link.used_at is not None or link.expires_at <= now or link.account.closed_at is not None:
        raise WelcomeLinkExpired
    return link.account


def use_welcome_link(token: str, password_hash: str, now: datetime) -> Account:
    """Set the password by a link and spend it."""
    with write():
        account = get_welcomed_account(token, now)  # anew, inside the lock: of two at once the second finds it used
        WelcomeLink.update(used_at=now).where(WelcomeLink.token_hash == tokens.hash_token(token)).execute()
        set_password(account, password_hash, now)
    return account


def set_password(account: Account, password_hash: str, now: datetime) -> None:
    """Put a new password in force: every session ends, and links that could set another one die."""
    with write():
        Account.update(password_hash=password_hash).where(Account.id == account.id).execute()
        account.password_hash = password_hash
        end_sessions(account)
        kill_welcome_links(account, now)
        audit.record(account.person, "password set", account, now)


def find_session(token: str, now: datetime) -> Session | None:
    """The session a token belongs to, if it is alive; notes that it was seen."""
    query = Session.select(Session, Account, Person).join(Account).join(Person)
    session = query.where(
        Session.token_hash == tokens.hash_token(token),
        Session.seen_at > now - SESSION_IDLE,
        Session.made_at > now - SESSION_LASTS,
        Account.closed_at.is_null(),
    ).first()
    if session is not None and now - session.seen_at > SEEN_EVERY:
        with write():
            Session.update(seen_at=now).where(Session.id == session.id).execute()
    return session


def begin_session(account: Account, now: datetime) -> str:
    """Begin a session and return its token; dead sessions of anybody are swept."""
    token = tokens.make_token()
    with write():
        dead = (Session.seen_at <= now - SESSION_IDLE) | (Session.made_at <= now - SESSION_LASTS)
        Session.delete().where(dead).execute()
        Session.create(token_hash=tokens.hash_token(token), account=account, made_at=now, seen_at=now)
        Account.update(last_sign_in_at=now).where(Account.id == account.id).execute()
        audit.record(account.person, "signed in", account, now)
    return token


def sign_out(account: Account, now: datetime) -> None:
    """End every session of an account (D4)."""
    with write():
        end_sessions(account)
        audit.record(account.person, "signed out", account, now)


def end_sessions(account: Account) -> None:
    """Whoever is signed in with this account no longer is."""
    Session.delete().where(Session.account == account).execute()


def kill_welcome_links(account: Account, now: datetime) -> None:
    alive = WelcomeLink.used_at.is_null() & (WelcomeLink.expires_at > now)
    WelcomeLink.update(expires_at=now).where((WelcomeLink.account == account) & alive).execute()
