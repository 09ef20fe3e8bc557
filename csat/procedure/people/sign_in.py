"""Signing in: the same answer whoever fails, a growing wait, and no way to shut somebody out for ever.

A try is counted before the password is looked at, so that many at once are counted too. Tries from a
browser that has signed in before with the same user name are counted apart from everybody else's:
a stranger who keeps a user name or an address waiting does not keep its owner waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from csat.database import write
from csat.models.access import Account, Throttle
from csat.procedure.core import audit, tokens
from csat.procedure.core.refusals import InputWrong, SignInThrottled, SignInWrong
from csat.procedure.people import accounts, sessions
from csat.procedure.people.password_policy import refuse_weak_password
from csat.words import N_

FREE_TRIES = {"device": 5, "name": 5, "address": 30}  # an office has one address for many people
LONGEST_WAIT = 15  # minutes
FORGIVEN_AFTER = timedelta(minutes=LONGEST_WAIT)  # one failure each time
FORGOTTEN_AFTER = timedelta(days=2)


class PasswordHasher(Protocol):
    """What the procedure needs of the room that hashes (csat.adapters.passwords)."""

    def matches(self, known: str | None, password: str) -> bool: ...

    def is_old(self, known: str) -> bool: ...

    def hashed(self, password: str) -> str: ...

    def estimate_guesses(self, text: str, words: Sequence[str], /) -> float: ...


@dataclass(frozen=True)
class SignInAttempt:
    """Where somebody knocks: user name, address, and the known browser ('' if it is none)."""

    user_name: str
    address: str
    device: str = ""

    def list_keys(self) -> dict[str, str]:
        """Under which kinds and hashed keys tries at this door are counted."""
        if self.device:
            return {"device": tokens.hash_token(f"device:{self.device}")}
        return {
            "name": tokens.hash_token(f"name:{accounts.normalise_user_name(self.user_name)}"),
            "address": tokens.hash_token(f"address:{self.address}"),
        }


def sign_in(door: SignInAttempt, password: str, passwords: PasswordHasher, now: datetime) -> tuple[Account, str]:
    """Begin a session and return its account and token; raise SignInThrottled or SignInWrong."""
    account = verify_password(door, password, passwords, now)
    known = account.password_hash or ""
    fresh = passwords.hashed(password) if passwords.is_old(known) else known
    with write():
        unchanged = (Account.id == account.id) & (Account.password_hash == known) & Account.closed_at.is_null()
        if not Account.update(password_hash=fresh).where(unchanged).execute():
            raise SignInWrong  # the password was changed while we looked at the old one
        return account, sessions.begin_session(account, now)


def verify_password(door: SignInAttempt, password: str, passwords: PasswordHasher, now: datetime) -> Account:
    """The account whose password this is; takes as long for a user name that nobody has."""
    _count_attempt(door, now)  # before the password is looked at, so that many at once are counted too
    account = accounts.find_account_by_user_name(door.user_name)
    if not passwords.matches(account.password_hash if account else None, password) or account is None:
        with write():  # what was typed as a user name may be a password: it is not kept
            audit.record("visitor", "sign-in failed", account or "account:unknown", now)
        raise SignInWrong
    _clear_failures(door)
    return account


def compute_lockout(kind: str, failures: int) -> timedelta:
    """How long a door stays shut after so many failures: 0, then 1, 2, 4, 8, 15 minutes."""
    beyond = failures - FREE_TRIES[kind]
    return timedelta(minutes=min(2**beyond, LONGEST_WAIT)) if beyond >= 0 else timedelta(0)


def _count_attempt(door: SignInAttempt, now: datetime) -> None:
    with write():
        Throttle.delete().where(Throttle.last_at < now - FORGOTTEN_AFTER).execute()
        rows = {kind: _find_throttle(key, now) for kind, key in door.list_keys().items()}
        left = max(row.last_at + compute_lockout(kind, row.failures) - now for kind, row in rows.items())
        if left > timedelta(0):
            raise SignInThrottled(minutes=-(-left // timedelta(minutes=1)))
        for row in rows.values():
            forgiven = (now - row.last_at) // FORGIVEN_AFTER
            row.failures, row.last_at = max(0, row.failures - forgiven) + 1, now
            row.save()


def _clear_failures(door: SignInAttempt) -> None:
    with write():
        for kind, key in door.list_keys().items():
            # An address only loses this try, or one good account would pay for any number of guesses.
            left = Throttle.failures - 1 if kind == "address" else 0
            Throttle.update(failures=left).where(Throttle.key == key, Throttle.failures > 0).execute()


def _find_throttle(key: str, now: datetime) -> Throttle:
    return Throttle.get_or_none(Throttle.key == key) or Throttle(key=key, failures=0, last_at=now)


class CurrentPasswordWrong(InputWrong):
    sentence = N_("This is not your password.")


def change_password(account: Account, current: str, new: str, passwords: PasswordHasher, now: datetime) -> str:
    """Set another password, knowing the one before; return the token of a new session (all others ended)."""
    _refuse_weak(account, new, passwords)
    try:
        verify_password(SignInAttempt(account.user_name, "", device=f"account:{account.id}"), current, passwords, now)
    except SignInWrong:
        raise CurrentPasswordWrong(field="password_now") from None
    fresh = passwords.hashed(new)
    with write():
        sessions.set_password(account, fresh, now)
        return sessions.begin_session(account, now)


def accept_welcome_link(token: str, password: str, passwords: PasswordHasher, now: datetime) -> str:
    """Set a password by a one-time link, spend the link, and return the token of a new session."""
    _refuse_weak(sessions.get_welcomed_account(token, now), password, passwords)
    fresh = passwords.hashed(password)
    with write():
        return sessions.begin_session(sessions.use_welcome_link(token, fresh, now), now)


def _refuse_weak(account: Account, password: str, passwords: PasswordHasher) -> None:
    person = account.person
    refuse_weak_password(password, passwords.estimate_guesses, account.user_name, person.name, person.email)
