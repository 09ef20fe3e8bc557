"""Half-filled forms: kept as ciphertext for some days, apart from the store (Q3; design, anonymity 7).

The link tells where one lies, but only link and continuation code together open it: staff who copied
a link into a chat have seen it, so every link's form is kept by a code of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from csat.database import drafts
from csat.models.base import canonical
from csat.models.drafts import Draft

Key = Callable[[str, str], bytes]  # of a token and a code
Lock = Callable[[bytes, bytes], bytes]
Unlock = Callable[[bytes, bytes], bytes | None]
Typed = Mapping[str, list[str]]

KEPT = timedelta(days=14)
BLOCK = 64 * 1024
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_code() -> str:
    """A continuation code of ten letters and digits that cannot be confused (49 bits, slow to try)."""
    text = "".join(secrets.choice(LETTERS) for _ in range(10))
    return f"{text[:5]}-{text[5:]}"


def plain_code(typed: str) -> str:
    """A continuation code as typed, in the form it was made in; '' if it cannot be one."""
    kept = "".join(letter for letter in typed.lower() if letter in LETTERS)
    return f"{kept[:5]}-{kept[5:]}" if len(kept) == 10 else ""


def keep(token: str, code: str, typed: Typed, now: datetime, key: Key, lock: Lock) -> None:
    """Keep what was typed for 14 days; what was kept on this link before is replaced."""
    plain = canonical(typed).encode()
    padded = plain.ljust(-(-len(plain) // BLOCK) * BLOCK)  # its length says nothing; JSON ignores the blanks
    sealed, place = lock(key(token, code), padded), _place(token)
    with drafts.atomic():
        Draft.delete().where(Draft.place == place).execute()
        Draft.insert(place=place, sealed=sealed, last_day=(now + KEPT).date()).execute()


def is_kept(token: str) -> bool:
    """Whether a form waits to be finished on this link."""
    return Draft.select().where(Draft.place == _place(token)).exists()


def fetch(token: str, code: str, key: Key, unlock: Unlock) -> Typed | None:
    """What was kept, if link and code fit together."""
    draft = Draft.get_or_none(Draft.place == _place(token))
    if draft is None or not plain_code(code):
        return None
    plain = unlock(key(token, plain_code(code)), bytes(draft.sealed))
    return None if plain is None else json.loads(plain)


def forget(token: str) -> None:
    """Delete what was kept on a link: the form was sent."""
    Draft.delete().where(Draft.place == _place(token)).execute()


def sweep(now: datetime) -> int:
    """Delete what nobody finished in time; return how many. Part of the daily round."""
    return Draft.delete().where(Draft.last_day < now.date()).execute()


def _place(token: str) -> str:
    """Where a link's form lies: another hash than the store has, so that the two cannot be joined."""
    return hmac.new(b"csat:draft", token.encode(), hashlib.sha256).hexdigest()
