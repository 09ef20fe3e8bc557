"""Signing in: the same answer whoever fails, a growing wait (`throttling`), a code where there is a second factor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from csat.database import write
from csat.models.access import Account, Session
from csat.procedure.core import audit
from csat.procedure.core.refusals import InputWrong, SignInWrong
from csat.procedure.people import accounts, factors, sessions, throttling, welcome_links
from csat.procedure.people.factors import CodeBook
from csat.procedure.people.password_policy import refuse_weak_password
from csat.procedure.people.sessions import NOWHERE, SessionOrigin
from csat.procedure.people.throttling import SignInAttempt
from csat.words import N_


class PasswordHasher(Protocol):
    """What the procedure needs of the room that hashes (csat.adapters.passwords)."""

    def matches(self, known: str | None, password: str) -> bool: ...

    def is_old(self, known: str) -> bool: ...

    def hashed(self, password: str) -> str: ...

    def estimate_guesses(self, text: str, words: Sequence[str], /) -> float: ...


class CurrentPasswordWrong(InputWrong):
    sentence = N_("This is not your password.")


@dataclass(frozen=True)
class SignedIn:
    """An account whose password was right, and its session's token: '' while a code of the second factor is missing."""

    account: Account
    token: str = ""


def sign_in(
    door: SignInAttempt, password: str, passwords: PasswordHasher, now: datetime, origin: SessionOrigin = NOWHERE
) -> SignedIn:
    """Begin a session, or ask for a code first; raise SignInThrottled or SignInWrong."""
    account = verify_password(door, password, passwords, now)
    known = account.password_hash or ""
    fresh = passwords.hashed(password) if passwords.is_old(known) else known
    with write():
        unchanged = (Account.id == account.id) & (Account.password_hash == known) & Account.closed_at.is_null()
        if not Account.update(password_hash=fresh).where(unchanged).execute():
            raise SignInWrong  # the password was changed while we looked at the old one
        account.password_hash = fresh
        return _begin_unless_code(account, now, origin)


def sign_in_with_code(
    account: Account, code: str, codes: CodeBook, now: datetime, origin: SessionOrigin = NOWHERE
) -> SignedIn:
    """Begin a session by a code, after the password was right; raise CodeWrong or SignInThrottled."""
    factors.verify_code(account, code, codes, now)
    with write():
        return SignedIn(account, sessions.begin_session(account, now, origin))


def verify_password(door: SignInAttempt, password: str, passwords: PasswordHasher, now: datetime) -> Account:
    """The account whose password this is; takes as long for a user name that nobody has."""
    throttling.count_attempt(door.list_keys(), now)  # before the password is looked at: many at once are counted too
    account = accounts.find_account_by_user_name(door.user_name)
    if not passwords.matches(account.password_hash if account else None, password) or account is None:
        with write():  # what was typed as a user name may be a password: it is not kept
            audit.record("visitor", "sign-in failed", account or "account:unknown", now)
        raise SignInWrong
    throttling.clear_failures(door.list_keys())
    return account


def prove_by_password(session: Session, password: str, passwords: PasswordHasher, now: datetime) -> None:
    """Who is signed in types their password again, before a dangerous act (D4)."""
    _verify_own_password(session.account, password, passwords, now, field="proof_password")
    sessions.note_proof(session, now)


def prove_by_code(session: Session, code: str, codes: CodeBook, now: datetime) -> None:
    """The same by a code of the second factor."""
    factors.verify_code(session.account, code, codes, now)
    sessions.note_proof(session, now)


def change_password(
    account: Account, current: str, new: str, passwords: PasswordHasher, now: datetime, origin: SessionOrigin = NOWHERE
) -> str:
    """Set another password, knowing the one before; return the token of a new session (all others ended)."""
    _refuse_weak(account, new, passwords)
    _verify_own_password(account, current, passwords, now, field="password_now")
    fresh = passwords.hashed(new)
    with write():
        welcome_links.set_password(account, fresh, now, account.person)
        return sessions.begin_session(account, now, origin)


def accept_welcome_link(
    token: str, password: str, passwords: PasswordHasher, now: datetime, origin: SessionOrigin = NOWHERE
) -> SignedIn:
    """Set a password by a one-time link and spend the link; where there is a second factor, its code is still asked."""
    _refuse_weak(welcome_links.get_welcomed_account(token, now), password, passwords)
    fresh = passwords.hashed(password)
    with write():
        return _begin_unless_code(welcome_links.use_welcome_link(token, fresh, now), now, origin)


def _begin_unless_code(account: Account, now: datetime, origin: SessionOrigin) -> SignedIn:
    if factors.find_factor(account) is not None:
        return SignedIn(account)
    return SignedIn(account, sessions.begin_session(account, now, origin))


def _verify_own_password(account: Account, typed: str, passwords: PasswordHasher, now: datetime, field: str) -> None:
    door = SignInAttempt(account.user_name, "", device=f"account:{account.id}")
    try:
        verify_password(door, typed, passwords, now)
    except SignInWrong:
        raise CurrentPasswordWrong(field=field) from None


def _refuse_weak(account: Account, password: str, passwords: PasswordHasher) -> None:
    person = account.person
    refuse_weak_password(password, passwords.estimate_guesses, account.user_name, person.name, person.email)
