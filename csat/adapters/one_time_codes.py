"""Codes of six digits that a telephone computes every 30 seconds (TOTP, RFC 6238), from a secret kept encrypted."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime

import pyotp

from csat.adapters.sealing import decrypt_with_key, encrypt_with_key

SECONDS = 30  # how long a code stands
TOLERATED_STEPS = (0, -1, 1)  # clocks go wrong, and people type slowly


@dataclass(frozen=True)
class SealedCodes:
    """Makes and checks codes; the key lies in the keys folder, so that the store alone computes none."""

    key: bytes = field(repr=False)

    def make_secret(self) -> str:
        """A new secret, encrypted."""
        return base64.b64encode(encrypt_with_key(self.key, pyotp.random_base32().encode())).decode()

    def find_step(self, sealed: str, code: str, now: datetime) -> int | None:
        """Of which half minute a code is, counted from 1970; None if it is of none that is near."""
        secret, this = self.read_secret(sealed), int(now.timestamp()) // SECONDS
        if not secret:
            return None
        generator = pyotp.TOTP(secret, interval=SECONDS)
        steps = (this + offset for offset in TOLERATED_STEPS)
        return next((step for step in steps if pyotp.utils.strings_equal(generator.generate_otp(step), code)), None)

    def read_secret(self, sealed: str) -> str:
        """The secret, for its owner to type into a telephone; '' when it was encrypted with another key."""
        plain = decrypt_with_key(self.key, base64.b64decode(sealed))
        return plain.decode() if plain else ""

    def build_address(self, sealed: str, user_name: str, issuer: str) -> str:
        """What stands in the QR code."""
        generator = pyotp.TOTP(self.read_secret(sealed), interval=SECONDS)
        return str(generator.provisioning_uri(name=user_name, issuer_name=issuer))
