"""Tokens and codes: made from the CSPRNG, kept only as hashes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata

CODE_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another: no i, l, o, 0, 1
SHORT_LENGTH = 12
MAX_TYPED = 60  # characters, with every blank and hyphen that somebody adds
TOKEN_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes, urlsafe base64 without padding


def make_token() -> str:
    """A capability of 32 random bytes, urlsafe."""
    return secrets.token_urlsafe(32)


def is_token(token: str) -> bool:
    """Whether a text can be a whole token at all."""
    return bool(TOKEN_PATTERN.fullmatch(token))


def hash_token(token: str) -> str:
    """What the store keeps of a token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_short_code() -> str:
    """A short code for people to type off a printed form: 12 letters and digits in three groups (59 bits)."""
    return _group("".join(secrets.choice(CODE_ALPHABET) for _ in range(SHORT_LENGTH)))


def normalise_short_code(typed: str) -> str:
    """A short code as typed, in the form it was made in; '' if it cannot be one."""
    # NFKC: an input method for Chinese types letters of full width.
    kept = "".join(letter for letter in unicodedata.normalize("NFKC", typed[:MAX_TYPED]).lower() if letter.isalnum())
    return _group(kept) if len(kept) == SHORT_LENGTH and set(kept) <= set(CODE_ALPHABET) else ""


def hash_short_code(code: str, purpose: str = "link") -> str:
    """A hash of a short code that is slow to make: who has the store could else try all codes (decision 0183)."""
    salt = f"csat:short code:{purpose}".encode()
    return hashlib.scrypt(code.encode(), salt=salt, n=2**13, r=8, p=1, dklen=32).hex()


def make_submission_code() -> str:
    """A submission code of 100 bits, in letters and digits that cannot be confused, in groups of five."""
    text = base64.b32encode(secrets.token_bytes(13)).decode().lower()[:20]
    letters = text.translate(str.maketrans("il", "89"))  # base 32 has no 8 and 9, and i and l look like 1
    return "-".join(letters[at : at + 5] for at in range(0, 20, 5))


def normalise_submission_code(typed: str) -> str:
    """A submission code as typed by a person, brought to the form it was made in ('' if it cannot be one)."""
    kept = "".join(character for character in typed.lower() if character.isalnum() and character.isascii())
    return "-".join(kept[at : at + 5] for at in range(0, 20, 5)) if len(kept) == 20 else ""


def derive_number(code: str, purpose: str) -> int:
    """A 63-bit number from a code, different for each purpose, from which the code cannot be had."""
    digest = hmac.new(f"csat:{purpose}".encode(), code.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") >> 1  # BIGINT has a sign


def _group(letters: str) -> str:
    return "-".join(letters[at : at + 4] for at in range(0, SHORT_LENGTH, 4))
