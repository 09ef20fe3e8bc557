"""The wait that grows with failed tries: for who guesses, never for an office, and for nobody for ever (D4).

Tries are counted by user name and address together; by the name wherever they come from; and by the address.
Many failures at one address shut nobody out there: they only leave each name one try before its wait begins, so that
a right password at the first try always comes in. Tries from a browser that has signed in before with the same
user name are counted apart from everybody else's: a stranger who keeps a user name waiting does not keep its owner
waiting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from csat.database import write
from csat.models.access import Account, Throttle
from csat.procedure.core import tokens
from csat.procedure.core.refusals import SignInThrottled
from csat.procedure.people import accounts

FREE_TRIES = {"device": 5, "pair": 5, "name": 10, "code": 5}
ONE_FREE_TRY = 1  # for each name at an address with many failures
MANY_FAILURES = 30  # at one address: more than an office mistypes
LONGEST_WAIT = 15  # minutes
FORGIVEN_AFTER = timedelta(minutes=LONGEST_WAIT)  # one failure each time
FORGOTTEN_AFTER = timedelta(days=2)


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
        name = accounts.normalise_user_name(self.user_name)
        return {
            "pair": tokens.hash_token(f"pair:{name}\n{self.address}"),
            "name": tokens.hash_token(f"name:{name}"),
            "address": tokens.hash_token(f"address:{self.address}"),
        }


def list_code_keys(account: Account) -> dict[str, str]:
    """Where wrong codes are counted: by the account, for the password was right already."""
    return {"code": tokens.hash_token(f"code:{account.id}")}


def compute_lockout(free: int, failures: int) -> timedelta:
    """How long a door stays shut after so many failures: 0, then 1, 2, 4, 8, 15 minutes."""
    beyond = failures - free
    return timedelta(minutes=min(2**beyond, LONGEST_WAIT)) if beyond >= 0 else timedelta(0)


def count_attempt(keys: Mapping[str, str], now: datetime) -> int:
    """Count a try before it is looked at, so that many at once are counted too; raise SignInThrottled.

    Return the most failures that any of its keys has now.
    """
    with write():
        Throttle.delete().where(Throttle.last_at < now - FORGOTTEN_AFTER).execute()
        rows = {kind: _find_throttle(key, now) for kind, key in keys.items()}
        left = max((_find_end(kind, rows) - now for kind in rows if kind != "address"), default=timedelta(0))
        if left > timedelta(0):
            raise SignInThrottled(minutes=-(-left // timedelta(minutes=1)))
        for row in rows.values():
            row.failures, row.last_at = _count_remembered(row, now) + 1, now
            row.save()
        return max(row.failures for row in rows.values())


def clear_failures(keys: Mapping[str, str]) -> None:
    """A try was right: who made it begins anew; a name and an address only lose this try, or one good account
    would pay for any number of guesses."""
    with write():
        for kind, key in keys.items():
            left = Throttle.failures - 1 if kind in ("name", "address") else 0
            Throttle.update(failures=left).where(Throttle.key == key, Throttle.failures > 0).execute()


def _find_end(kind: str, rows: Mapping[str, Throttle]) -> datetime:
    """Until when a door is shut."""
    row, free = rows[kind], FREE_TRIES[kind]
    if kind == "pair" and rows["address"].failures >= MANY_FAILURES:
        free = ONE_FREE_TRY
    return row.last_at + compute_lockout(free, row.failures)


def _count_remembered(row: Throttle, now: datetime) -> int:
    return max(0, row.failures - (now - row.last_at) // FORGIVEN_AFTER)


def _find_throttle(key: str, now: datetime) -> Throttle:
    return Throttle.get_or_none(Throttle.key == key) or Throttle(key=key, failures=0, last_at=now)
