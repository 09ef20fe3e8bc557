"""Texts that people give in both languages, and refusals at the very field that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from csat.config import LOCALES
from csat.procedure.core.refusals import InputWrong, ValueMissing
from csat.words import N_

MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&#?\w+;")


class TextTooLong(InputWrong):
    sentence = N_("Please use at most %(most)s characters.")


class TextIsMarkup(InputWrong):
    sentence = N_("“%(text)s” is HTML and would be shown as it is typed. Please write plain words.")


def name_field(name: str, language: str) -> str:
    """What forms call a text in one language: name_zh."""
    return f"{name}_{language}"


def list_fields(texts: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Every text with the field it is typed into, one language after the other."""
    for language in LOCALES:
        for name, text in texts.items():
            yield name_field(name, language), text[language]


def refuse_missing_texts(texts: Mapping[str, Mapping[str, str]]) -> None:
    """Raise ValueMissing at the first field that is empty."""
    for field, text in list_fields(texts):
        if not text:
            raise ValueMissing(field=field)


def refuse_long_text(field: str, text: str, most: int) -> None:
    """Raise TextTooLong."""
    if len(text) > most:
        raise TextTooLong(field=field, most=most)


def clean_line(field: str, text: str, most: int) -> str:
    """A name or a short sentence on one line; raise TextTooLong, or TextIsMarkup where it holds HTML."""
    line = " ".join(text.split())
    refuse_long_text(field, line, most)
    if found := MARKUP.search(line):
        raise TextIsMarkup(field=field, text=found.group()[:40])
    return line
