"""Half-filled forms: kept as ciphertext for some days, apart from the store (Q3; design, anonymity 7).

The link tells where they lie, but only link and continuation code together open one: staff who copied
a link into a chat have seen it, so every form is kept by a code of its own. Who saves without the code
of before begins another one beside it: nothing typed is lost by it.
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
MOST = 5  # forms on one link; then the oldest goes
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
    """Keep what was typed for 14 days; what was kept with the same link and code before is replaced."""
    plain = canonical(typed).encode()
    padded = plain.ljust(-(-len(plain) // BLOCK) * BLOCK)  # its length says nothing; JSON ignores the blanks
    secret, place = key(token, code), _place(token)
    sealed, slot = lock(secret, padded), _slot(secret)
    with drafts.atomic():
        Draft.delete().where(Draft.slot == slot).execute()
        Draft.insert(place=place, slot=slot, sealed=sealed, last_day=(now + KEPT).date()).execute()
        older = Draft.select().where(Draft.place == place).order_by(Draft.id.desc()).offset(MOST)
        for one in older.limit(MOST):
            one.delete_instance()


def is_kept(token: str) -> bool:
    """Whether a form waits to be finished on this link."""
    return Draft.select().where(Draft.place == _place(token)).exists()


def fetch(token: str, code: str, key: Key, unlock: Unlock) -> Typed | None:
    """What was kept, if link and code fit together."""
    if not plain_code(code) or not is_kept(token):
        return None
    secret = key(token, plain_code(code))
    draft = Draft.get_or_none(Draft.slot == _slot(secret))
    if draft is None:
        return None
    plain = unlock(secret, bytes(draft.sealed))
    return None if plain is None else json.loads(plain)


def forget(token: str) -> None:
    """Delete all that was kept on a link: the form was sent."""
    Draft.delete().where(Draft.place == _place(token)).execute()


def sweep(now: datetime) -> int:
    """Delete what nobody finished in time; return how many. Part of the daily round."""
    return Draft.delete().where(Draft.last_day < now.date()).execute()


def _place(token: str) -> str:
    """Where a link's form lies: another hash than the store has, so that the two cannot be joined."""
    return hmac.new(b"csat:draft", token.encode(), hashlib.sha256).hexdigest()


def _slot(secret: bytes) -> str:
    """Which of a link's forms: from the key itself, so that trying codes stays as slow as with the form."""
    return hmac.new(secret, b"csat:draft:slot", hashlib.sha256).hexdigest()
