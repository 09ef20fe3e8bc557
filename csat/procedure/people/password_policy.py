"""Which passwords are good enough (NIST 800-63B): long, not well known, not made of what is known about you.

No rules about kinds of characters, and no expiry: both make passwords worse.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from csat.procedure.core.refusals import PasswordWeak
from csat.words import N_

MIN_LENGTH, MAX_LENGTH = 15, 200  # longer than any phrase: hashing must not cost whatever a stranger sends
MIN_OWN_LENGTH = 6  # characters that must be left without well-known pieces and runs like 4567
MIN_DIFFERENT_CHARACTERS = 6

# Pieces of the most common passwords, and words of our own context.
KNOWN_PIECES = """
    password passw0rd qwertyuiop qwerty asdfghjkl asdfgh zxcvbnm 1qaz2wsx 1q2w3e4r letmein welcome iloveyou
    administrator admin superman baseball football princess sunshine dragon monkey master trustno1 changeme
    secret login abc123 woaini mima wodemima 5201314 1314520 customer client survey satisfaction csat service
    0123456789 1234567890 123456789 12345678 1234567 123456 12345 9876543210 987654321 87654321 7654321 654321
    abcdefghijklmnopqrstuvwxyz abcdefgh abcdef 客户满意度 满意度 密码
"""
WELL_KNOWN_PIECES = tuple(KNOWN_PIECES.split())


def refuse_weak_password(password: str, *own_words: str) -> None:
    """Raise PasswordWeak, with the reason; `own_words` are the user name, the person's name and the like."""
    text = unicodedata.normalize("NFKC", password)
    if min(len(password), len(text)) < MIN_LENGTH:
        raise PasswordWeak(field="password", reason=N_("it needs at least 15 characters."))
    if len(text) > MAX_LENGTH:
        raise PasswordWeak(field="password", reason=N_("it can have at most 200 characters."))
    if len(set(text.casefold())) < MIN_DIFFERENT_CHARACTERS or _is_repetition(text):
        raise PasswordWeak(field="password", reason=N_("it repeats the same few characters."))
    if len(_strip_known_parts(text, own_words)) < MIN_OWN_LENGTH:
        reason = N_("it is made of well-known words, number rows or your own name.")
        raise PasswordWeak(field="password", reason=reason)


def _is_repetition(text: str) -> bool:
    """Whether a text is one piece of up to seven characters again and again."""
    low = text.casefold()
    return any(low == (low[:size] * len(low))[: len(low)] for size in range(1, 8))


def _strip_known_parts(text: str, own_words: Iterable[str]) -> str:
    """What is left of a password without well-known pieces and without runs of neighbours."""
    left = "".join(character for character in text.casefold() if character.isalnum())
    pieces = {piece for word in own_words for piece in re.split(r"[\W_]+", word.casefold()) if len(piece) > 2}
    for word in sorted(pieces | set(WELL_KNOWN_PIECES), key=len, reverse=True):
        left = left.replace(word, "")
    return "".join(this for before, this in pairwise(" " + left) if abs(ord(this) - ord(before)) > 1)
