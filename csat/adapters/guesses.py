"""How many guesses a password stands, as attackers guess: words, names, dates, keyboards (zxcvbn)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any

MAX_ESTIMATED = 32  # characters: signs that stand for letters cost 0.4 s here, 4 s at the library's own limit of 72
_one_at_a_time = Lock()  # the library keeps the words that it is given in a table of its own


def estimate_guesses(text: str, words: Sequence[str]) -> float:
    """How many guesses find the beginning of a password, by one who has these words at hand, the likeliest first."""
    with _one_at_a_time:
        return float(_load_library().zxcvbn(text[:MAX_ESTIMATED], user_inputs=list(words))["guesses"])


@cache
def _load_library() -> Any:
    import zxcvbn  # 14 MB of word lists, which only a process in which somebody sets a password needs

    return zxcvbn
