"""All chance of a run from one seed: what the application draws by `secrets` and the system, too."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest

URLSAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@contextmanager
def all_chance_from(seed: int) -> Iterator[None]:
    """Keys, tokens, codes, salts and what is shuffled come from the seed, so that two runs show the same pages."""
    dice = Random(f"secrets of {seed}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "randbits", dice.getrandbits)
        patch.setattr(secrets, "token_bytes", lambda number=32: dice.randbytes(number))
        patch.setattr(secrets, "token_hex", lambda number=32: dice.randbytes(number).hex())
        patch.setattr(secrets, "token_urlsafe", lambda number=32: "".join(dice.choices(URLSAFE, k=number * 4 // 3 + 1)))
        patch.setattr(secrets, "choice", dice.choice)
        patch.setattr(secrets, "SystemRandom", lambda: dice)
        patch.setattr(os, "urandom", dice.randbytes)
        yield
