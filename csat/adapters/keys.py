"""The keys folder: the web's secret, the history's seal, the second factors' key, the campaigns' keys (`sealing`)."""

from __future__ import annotations

import secrets
from pathlib import Path

from csat.adapters.files import write_once


def load_secret_key(folder: Path) -> bytes:
    """The web's secret, made at the first start."""
    return _load_or_create(folder / "secret_key")


def load_audit_key(folder: Path) -> bytes:
    """What the audit history is sealed with: whoever can write the store alone cannot forge it (D3)."""
    return _load_or_create(folder / "audit_key")


def load_factor_key(folder: Path) -> bytes:
    """What the secrets of second factors are encrypted with: the store alone computes no code (D4)."""
    return _load_or_create(folder / "factor_key")


def _load_or_create(place: Path) -> bytes:
    if not place.exists():
        write_once(place, secrets.token_bytes(32))
    return place.read_bytes()  # read even when just made: another process may have been faster
