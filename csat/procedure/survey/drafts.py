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
from csat.procedure.core import tokens
from csat.procedure.core.tokens import CODE_ALPHABET

DeriveKey = Callable[[str, str], bytes]  # of a token and a code
Encrypt = Callable[[bytes, bytes], bytes]
Decrypt = Callable[[bytes, bytes], bytes | None]
FormInput = Mapping[str, list[str]]

DRAFT_LASTS = timedelta(days=14)
MAX_DRAFTS_PER_LINK = 5  # forms on one link; then the oldest goes
PADDING_BLOCK = 64 * 1024


def make_continuation_code() -> str:
    """A continuation code of ten letters and digits that cannot be confused (49 bits, slow to try)."""
    text = "".join(secrets.choice(CODE_ALPHABET) for _ in range(10))
    return f"{text[:5]}-{text[5:]}"


def normalise_continuation_code(typed: str) -> str:
    """A continuation code as typed, in the form it was made in; '' if it cannot be one."""
    kept = "".join(letter for letter in typed.lower() if letter in CODE_ALPHABET)
    return f"{kept[:5]}-{kept[5:]}" if len(kept) == 10 else ""


def save_draft(token: str, code: str, typed: FormInput, now: datetime, key: DeriveKey, lock: Encrypt) -> None:
    """Keep what was typed for 14 days; what was kept with the same link and code before is replaced."""
    plain = canonical(typed).encode()
    # Its length shall say nothing of what was typed; JSON ignores the blanks.
    padded = plain.ljust(-(-len(plain) // PADDING_BLOCK) * PADDING_BLOCK)
    secret, place = key(token, code), _hash_link(token)
    sealed, slot = lock(secret, padded), _hash_key(secret)
    with drafts.atomic():
        Draft.delete().where(Draft.slot == slot).execute()
        Draft.insert(place=place, slot=slot, sealed=sealed, last_day=(now + DRAFT_LASTS).date()).execute()
        older = Draft.select().where(Draft.place == place).order_by(Draft.id.desc()).offset(MAX_DRAFTS_PER_LINK)
        for one in older.limit(MAX_DRAFTS_PER_LINK):
            one.delete_instance()


def has_draft(token: str) -> bool:
    """Whether a form waits to be finished on this link."""
    return Draft.select().where(Draft.place == _hash_link(token)).exists()


def load_draft(token: str, code: str, key: DeriveKey, unlock: Decrypt) -> FormInput | None:
    """What was kept, if link and code fit together."""
    code = normalise_continuation_code(code)
    return read_draft(token, code, key, unlock) if code and has_draft(token) else None


def read_draft(token: str, code: str, key: DeriveKey, unlock: Decrypt) -> FormInput | None:
    """What was kept with exactly this link and code."""
    secret = key(token, code)
    draft = Draft.get_or_none(Draft.slot == _hash_key(secret))
    plain = None if draft is None else unlock(secret, bytes(draft.sealed))
    return None if plain is None else json.loads(plain)


def delete_draft(token: str, code: str, key: DeriveKey) -> None:
    """Delete what was kept with exactly this link and code."""
    Draft.delete().where(Draft.slot == _hash_key(key(token, code))).execute()


def delete_drafts(token: str) -> None:
    """Delete all that was kept on a link: the form was sent."""
    Draft.delete().where(Draft.place == _hash_link(token)).execute()


def delete_expired_drafts(now: datetime) -> int:
    """Delete what nobody finished in time; return how many. Part of the daily round."""
    return Draft.delete().where(Draft.last_day < now.date()).execute()


def _hash_link(token: str) -> str:
    # Another hash than the store has, so that the two cannot be joined.
    # A short code is slow to try here as it is there.
    told = token if tokens.is_token(token) else tokens.hash_short_code(token, "draft")
    return hmac.new(b"csat:draft", told.encode(), hashlib.sha256).hexdigest()


def _hash_key(secret: bytes) -> str:
    # From the key itself, so that trying codes against the slot stays as slow as with the form.
    return hmac.new(secret, b"csat:draft:slot", hashlib.sha256).hexdigest()
