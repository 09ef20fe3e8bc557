"""Guessing short codes: a growing wait for who types wrong ones. Counted in memory only, so it is known of nobody.

A row in the store would say from where and when somebody answered (anonymity 5); each process counts for itself.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from threading import Lock

from csat.procedure.core.refusals import SignInThrottled

FREE_GUESSES = 20  # an office has one address, and letters are easily misread
LONGEST_WAIT = 15  # minutes
FORGOTTEN_AFTER = timedelta(hours=1)
MOST_REMEMBERED = 50_000  # addresses: who has more of them than that shall not fill the memory

_secret = secrets.token_bytes(32)
_wrong: dict[bytes, tuple[int, datetime]] = {}  # how many and when the last, in the order of the last
_lock = Lock()


def refuse_guessing(address: str, now: datetime) -> None:
    """Raise SignInThrottled for an address from which too many wrong codes came."""
    number, last = _wrong.get(_key(address), (0, now))
    left = last + _compute_wait(number) - now
    if left > timedelta(0):
        raise SignInThrottled(minutes=-(-left // timedelta(minutes=1)))


def count_wrong_code(address: str, now: datetime) -> None:
    """A code was typed that is none."""
    with _lock:
        while _wrong and (len(_wrong) >= MOST_REMEMBERED or _find_oldest() < now - FORGOTTEN_AFTER):
            del _wrong[next(iter(_wrong))]
        number, _ = _wrong.pop(_key(address), (0, now))
        _wrong[_key(address)] = number + 1, now


def _find_oldest() -> datetime:
    return next(iter(_wrong.values()))[1]


def _compute_wait(wrong: int) -> timedelta:
    beyond = wrong - FREE_GUESSES
    return timedelta(minutes=min(2 ** min(beyond, 4), LONGEST_WAIT)) if beyond >= 0 else timedelta(0)


def _key(address: str) -> bytes:
    return hmac.new(_secret, address.encode(), hashlib.sha256).digest()
