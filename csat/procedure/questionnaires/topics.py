"""What a comment is about, by plain words (csat/content/topics.toml): for the review of questionnaires (P14).

Words cannot tell what is meant; they only find comments that somebody should read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from csat.content import load_content
from csat.models.questionnaires import Dimension


def find_topics(text: str) -> frozenset[Dimension]:
    """The dimensions that the words of a comment point to."""
    said = text.lower()
    return frozenset(dimension for dimension, pattern in _topic_patterns().items() if pattern.search(said))


def says_something(text: str) -> bool:
    """Whether a comment is more than courtesy: thanks, "fine", "nothing"."""
    return bool(re.search(r"\w", _courtesy_pattern().sub("", text.lower())))


@cache
def _topic_patterns() -> dict[Dimension, re.Pattern[str]]:
    topics = load_content("topics")["topic"]
    return {Dimension(code): _build_pattern(words["zh"], words["en"]) for code, words in topics.items()}


@cache
def _courtesy_pattern() -> re.Pattern[str]:
    words = load_content("topics")["courtesy"]
    return _build_pattern(words["zh"], (f"{word}\\b" for word in words["en"]))


def _build_pattern(chinese: Iterable[str], english: Iterable[str]) -> re.Pattern[str]:
    """Chinese has no spaces: its words are found anywhere, the longest first; English ones where a word begins."""
    parts = [*sorted(chinese, key=len, reverse=True), *(rf"(?<![a-z]){word}" for word in english)]
    return re.compile("|".join(parts))
