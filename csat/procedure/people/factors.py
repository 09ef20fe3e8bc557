"""The second factor: codes that a telephone computes, codes for the day it is lost, and who must have one (D4).

A code is taken once. What the telephone computes from is kept encrypted; recovery codes are kept as slow hashes.
Setting a password by a link takes no factor away: for that it needs an administrator and a second person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from csat.database import write
from csat.models.access import Account, RecoveryCode, SecondFactor
from csat.models.oversight import NoticeKind
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.core import audit, settings, tokens
from csat.procedure.core.refusals import InputWrong, OutOfOrder, Refusal
from csat.procedure.people import notices, permissions, sessions, throttling
from csat.words import N_

DEMANDED_OF = "factor_roles"  # the setting: roles that must have a second factor
RECOVERY_CODES = 10
CODE_PATTERN = re.compile(r"\d{6}")
TELL_AFTER = 5  # wrong codes, each after a right password


class CodeBook(Protocol):
    """What the procedure needs of who computes codes (csat.adapters.one_time_codes)."""

    def make_secret(self) -> str: ...

    def find_step(self, sealed: str, code: str, now: datetime) -> int | None: ...


class CodeWrong(InputWrong):
    sentence = N_("This code is not right, or was used already. Please wait for the next one and type that.")


class NoFactor(Refusal):
    sentence = N_("This account has no second factor.")


class FactorDemanded(Refusal):
    sentence = N_("Your roles need a second factor. You can set up another telephone in its place.")


# --- who has one, and who must -------------------------------------------------------------------------


def find_factor(account: Account) -> SecondFactor | None:
    """The second factor that an account signs in with."""
    return SecondFactor.get_or_none(SecondFactor.account == account, SecondFactor.confirmed_at.is_null(False))


def find_waiting_secret(account: Account) -> str:
    """The encrypted secret that waits for its first code; '' for none."""
    factor = SecondFactor.get_or_none(SecondFactor.account == account)
    return factor.waiting if factor else ""


def list_demanding_roles() -> frozenset[Role]:
    """The roles that must have a second factor."""
    return frozenset(Role(code) for code in settings.read_value(DEMANDED_OF, list[str]()))


def demand_of_roles(roles: Iterable[Role], by: audit.Actor, now: datetime) -> None:
    """Say which roles must have a second factor: whoever holds one sets it up at the next page they open."""
    settings.store_value(DEMANDED_OF, [], sorted(role.value for role in roles), by, now)


def is_factor_missing(account: Account, roles: frozenset[Role]) -> bool:
    """Whether somebody must set up a second factor before anything else."""
    return bool(roles & list_demanding_roles()) and find_factor(account) is None


def list_without_factor() -> list[tuple[Person, list[Role]]]:
    """Everybody with an open account and a role who signs in by password alone."""
    having = SecondFactor.select(SecondFactor.account).where(SecondFactor.confirmed_at.is_null(False))
    query = Account.select(Account, Person).join(Person).where(Account.closed_at.is_null(), Account.id.not_in(having))
    found = [(one.person, sorted(permissions.roles_of(one.person))) for one in query.order_by(Person.name)]
    return [(person, roles) for person, roles in found if roles]


# --- set up, and taken away ------------------------------------------------------------------------------


def begin_factor(account: Account, codes: CodeBook) -> None:
    """Make a secret for a telephone to learn; until its first code is right, what counted before counts."""
    secret = codes.make_secret()
    with write():
        if not SecondFactor.update(waiting=secret).where(SecondFactor.account == account).execute():
            SecondFactor.create(account=account, waiting=secret)


def confirm_factor(account: Account, code: str, codes: CodeBook, now: datetime) -> list[str]:
    """The telephone computed a right code: from now on it is asked for. Return the recovery codes, shown once."""
    waiting = find_waiting_secret(account)
    if not waiting:
        raise OutOfOrder
    throttling.count_attempt(throttling.list_code_keys(account), now)
    step = codes.find_step(waiting, _tidy(code), now)
    if step is None:
        raise CodeWrong(field="code")
    throttling.clear_failures(throttling.list_code_keys(account))
    made = _make_recovery_codes(account)
    with write():
        # Of two at once the second is late.
        same = (SecondFactor.account == account) & (SecondFactor.waiting == waiting)
        taken = {"sealed": waiting, "waiting": "", "confirmed_at": now, "last_step": step}
        if not SecondFactor.update(taken).where(same).execute():
            raise OutOfOrder
        audit.record(account.person, "second factor set up", account, now)
        notices.tell_owner(account, NoticeKind.FACTOR_ADDED, account.person, now)
        _keep_recovery_codes(account, made)
    return list(made)


def renew_recovery_codes(account: Account, now: datetime) -> list[str]:
    """New recovery codes; the old ones are void."""
    if find_factor(account) is None:
        raise NoFactor
    made = _make_recovery_codes(account)
    with write():
        audit.record(account.person, "recovery codes made", account, now)
        _keep_recovery_codes(account, made)
    return list(made)


def remove_own_factor(account: Account, now: datetime) -> None:
    """Do without: only where no role demands it."""
    if permissions.roles_of(account.person) & list_demanding_roles():
        raise FactorDemanded
    remove_factor(account, account.person, now)


def remove_factor(account: Account, by: audit.Actor, now: datetime, second: Person | None = None) -> None:
    """Take a second factor away; sessions end, the owner is told. Others need a second person: room `oversight`."""
    with write():
        SecondFactor.delete().where(SecondFactor.account == account).execute()
        RecoveryCode.delete().where(RecoveryCode.account == account).execute()
        if by != account.person:
            sessions.end_sessions(account)
        audit.record(by, "second factor removed", account, now, second=second.id if second else None)
        notices.tell_owner(account, NoticeKind.FACTOR_REMOVED, by, now)


# --- typed at sign-in --------------------------------------------------------------------------------------


def verify_code(account: Account, typed: str, codes: CodeBook, now: datetime) -> None:
    """Take a code of the telephone, or a recovery code; raise CodeWrong or SignInThrottled."""
    keys = throttling.list_code_keys(account)
    failures = throttling.count_attempt(keys, now)
    code = tokens.normalise_short_code(typed)
    recovery = _hash_recovery_code(account, code) if code else ""  # slow, so before the lock
    with write():
        if _take_code(account, _tidy(typed), codes, now) or _take_recovery_code(account, recovery, now):
            return throttling.clear_failures(keys)
    with write():
        audit.record("visitor", "code refused", account, now)
        if failures == TELL_AFTER:  # somebody knows the password
            notices.tell_owner(account, NoticeKind.CODES_WRONG, None, now)
    raise CodeWrong(field="code")


def count_recovery_codes(account: Account) -> int:
    """How many recovery codes are left."""
    return RecoveryCode.select().where(RecoveryCode.account == account, RecoveryCode.used_at.is_null()).count()


def _take_code(account: Account, code: str, codes: CodeBook, now: datetime) -> bool:
    factor = find_factor(account)
    step = codes.find_step(factor.sealed, code, now) if factor and CODE_PATTERN.fullmatch(code) else None
    if factor is None or step is None:
        return False
    # Who looked over a shoulder comes too late.
    fresh = (SecondFactor.id == factor.id) & (SecondFactor.last_step < step)
    return bool(SecondFactor.update(last_step=step).where(fresh).execute())


def _take_recovery_code(account: Account, code_hash: str, now: datetime) -> bool:
    known = (RecoveryCode.account == account) & (RecoveryCode.code_hash == code_hash)
    if not RecoveryCode.update(used_at=now).where(known, RecoveryCode.used_at.is_null()).execute():
        return False
    audit.record(account.person, "recovery code used", account, now)
    notices.tell_owner(account, NoticeKind.RECOVERY_USED, None, now)
    return True


def _make_recovery_codes(account: Account) -> dict[str, str]:
    """New codes with their hashes, which are slow to make: before the lock."""
    codes = [tokens.make_short_code() for _ in range(RECOVERY_CODES)]
    return {code: _hash_recovery_code(account, code) for code in codes}


def _keep_recovery_codes(account: Account, made: dict[str, str]) -> None:
    RecoveryCode.delete().where(RecoveryCode.account == account).execute()
    RecoveryCode.insert_many([{"account": account, "code_hash": code_hash} for code_hash in made.values()]).execute()


def _hash_recovery_code(account: Account, code: str) -> str:
    return tokens.hash_short_code(code, f"recovery {account.id}")


def _tidy(code: str) -> str:
    """A code as telephones show it, in two groups, and as input methods for Chinese type it."""
    return "".join(str(int(one)) for one in code[:20] if one.isdecimal())
