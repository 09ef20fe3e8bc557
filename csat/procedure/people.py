"""Persons, accounts and sign-in."""

from __future__ import annotations

from datetime import datetime

from csat.models.access import Session
from csat.procedure import tokens


def session_of(token: str, now: datetime) -> Session | None:
    """The session a token belongs to, if it is alive."""
    return Session.get_or_none(Session.token_hash == tokens.fingerprint(token))
