"""The keys folder: the web's secret, the history's seal, the campaigns' keys (`sealing`). Owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def load_secret_key(folder: Path) -> bytes:
    """The web's secret, made at the first start."""
    place = folder / "secret_key"
    if not place.exists():
        write_once(place, secrets.token_bytes(32))
    return place.read_bytes()


def load_audit_key(folder: Path) -> bytes:
    """What the audit history is sealed with: whoever can write the store alone cannot forge it (D3)."""
    place = folder / "audit_key"
    if not place.exists():
        write_once(place, secrets.token_bytes(32))
    return place.read_bytes()


def write_once(place: Path, content: bytes) -> None:
    """Write a new file that only its owner can read; leave it alone if somebody was faster."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        os.link(fresh, place)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
