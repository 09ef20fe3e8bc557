"""Which passwords are good enough (NIST 800-63B): long, and found by no fewer than ten thousand million guesses.

No rules about kinds of characters, and no expiry: both make passwords worse. Guesses are estimated for the
password as it is and for what is left when the tricks that everybody knows are undone: signs between the words,
one piece said twice, a year behind it, fingers that walk over the keyboard.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate, pairwise
from typing import Protocol

from csat.content import load_content
from csat.procedure.core import settings
from csat.procedure.core.refusals import PasswordWeak
from csat.words import N_

MIN_LENGTH, MAX_LENGTH = 15, 200  # longer than any phrase: hashing must not cost whatever a stranger sends
MIN_GUESSES = 10**10
MIN_DIFFERENT_CHARACTERS = 6
MIN_DIFFERENT_WALKS = 6  # single characters and stretches of neighbouring keys: 1qaz 2wsx 3edc 4rfv are four
SHORTEST_WALK = 3  # characters: two neighbours stand in every word
MIN_REPEATED = 4  # characters that count as one piece said again
YEAR_PATTERN = re.compile(r"(19[3-9]|20[0-4])\d(\d{4})?")  # a year, or a day written as one number
KEY_ROWS = ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")
KEY_PAD = ("789", "456", "123", "0")
SHIFTED_KEYS = str.maketrans('~!@#$%^&*()_+{}:"<>?', "`1234567890-=[];',./")


class GuessEstimator(Protocol):
    """What the procedure needs of who estimates (csat.adapters.guesses): text, words at hand, number of guesses."""

    def __call__(self, text: str, words: Sequence[str], /) -> float: ...


def refuse_weak_password(password: str, estimate: GuessEstimator, *own_words: str) -> None:
    """Raise PasswordWeak, with the reason; `own_words` are the user name, the person's name and the like."""
    text = unicodedata.normalize("NFKC", password)
    if min(len(password), len(text)) < MIN_LENGTH:
        raise PasswordWeak(field="password", reason=N_("it needs at least 15 characters."))
    if len(text) > MAX_LENGTH:
        raise PasswordWeak(field="password", reason=N_("it can have at most 200 characters."))
    if _count_different_walks(text) < MIN_DIFFERENT_WALKS or len(set(text.casefold())) < MIN_DIFFERENT_CHARACTERS:
        raise PasswordWeak(field="password", reason=N_("it repeats the same few characters, or walks over the keys."))
    words = [*_split_own_words([*own_words, *settings.get_provider_names().values()]), *_list_known_words()]
    if any(estimate(variant, words) < MIN_GUESSES for variant in _undo_tricks(text)):
        reason = N_(
            "it would be guessed soon. Take four or five words that have nothing to do with each other, with you or "
            "with us, and no well-known sentence."
        )
        raise PasswordWeak(field="password", reason=reason)


def _undo_tricks(text: str) -> Iterator[str]:
    """A password as it is, and what is left of it without what everybody adds to a word; nothing is weak too."""
    yield text
    plain = _fold(text)
    yield plain
    yield _drop_repeated(YEAR_PATTERN.sub("", plain)) or plain[:1]


def _fold(text: str) -> str:
    """Letters and digits alone, in small letters."""
    return "".join(character for character in unicodedata.normalize("NFKC", text).casefold() if character.isalnum())


def _drop_repeated(text: str) -> str:
    """A text without the pieces that it said before."""
    left, at = "", 0
    while at < len(text):
        size = MIN_REPEATED
        while size <= len(text) - at and text[at : at + size] in text[:at]:
            size += 1
        if size > MIN_REPEATED:
            at += size - 1
        else:
            left += text[at]
            at += 1
    return left


def _count_different_walks(text: str) -> int:
    """Of how many different pieces a text is, where a walk over keys, number pad or alphabet is one."""
    keys = text.casefold().translate(SHIFTED_KEYS)
    walks = [keys[:1]]
    for before, this in pairwise(keys):
        if before == this or abs(ord(this) - ord(before)) == 1 or (before, this) in _neighbouring_keys():
            walks[-1] += this
        else:
            walks.append(this)
    return len({walk for run in walks for walk in ([run] if len(run) >= SHORTEST_WALK else run)})


@cache
def _neighbouring_keys() -> frozenset[tuple[str, str]]:
    """Keys beside, above and below each other, both ways."""
    pairs = set()
    for rows in (KEY_ROWS, KEY_PAD):
        for above, row in zip(("", *rows), rows, strict=False):
            pairs |= set(pairwise(row))
            pairs |= {(key, low) for at, low in enumerate(row) for key in above[at : at + 2]}
    return frozenset(pairs | {(low, key) for key, low in pairs})


def _split_own_words(texts: Iterable[str]) -> list[str]:
    """Names and addresses as a whole and in pieces."""
    pieces = [piece for text in texts for piece in (text, *re.split(r"[\W_]+", text))]
    return list(dict.fromkeys(folded for piece in pieces if len(folded := _fold(piece)) > 1))


@cache
def _list_known_words() -> tuple[str, ...]:
    """What everybody guesses first: words of our context, pinyin, famous sentences and how they begin."""
    content = load_content("guessed_passwords")
    sentences = [_fold(part) for one in content["sentences"] for part in _list_beginnings(one)]
    return tuple(dict.fromkeys([*content["context"].split(), *content["pinyin"].split(), *sentences]))


def _list_beginnings(sentence: str) -> list[str]:
    """A sentence, and its beginnings of three words or more."""
    return list(accumulate(sentence.split(), lambda before, word: f"{before} {word}"))[2:] or [sentence]
