"""Argon2id: 19 MiB, two rounds, one lane. A try at a user name that nobody has costs the same."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from csat.adapters.guesses import estimate_guesses

__all__ = ["estimate_guesses", "hashed", "is_old", "matches"]

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Checked where there is no account: an answer that came faster would tell which user names exist.
_nobodys = _hasher.hash("the password of nobody")


def hashed(password: str) -> str:
    """The hash to keep of a password."""
    return _hasher.hash(_bytes(password))


def matches(known: str | None, password: str) -> bool:
    """Whether a password fits a kept hash; without one, as slow and always no."""
    try:
        return _hasher.verify(known or _nobodys, _bytes(password)) and known is not None
    except (VerificationError, InvalidHashError):
        return False


def is_old(known: str) -> bool:
    """Whether a kept hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(known)


def _bytes(password: str) -> bytes:
    # One character can be typed as several; keyboards differ.
    return unicodedata.normalize("NFKC", password).encode()
