"""What a letter's words must keep to (P13): one page, both languages, and no passage of an anonymous comment.

Lengths are counted as the page has them: in Chinese two Latin letters take the place of one character, in
English a Chinese character that of two letters; a new line counts as part of a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from typing import Any
from unicodedata import east_asian_width

from csat.config import LOCALES
from csat.models.answers import Answer, Message, MessageKind, Response
from csat.models.base import Json
from csat.models.clients import Client
from csat.models.questionnaires import Kind, Question
from csat.procedure.clients.merging import client_family
from csat.procedure.core.bilingual import list_fields, name_field
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong
from csat.words import N_

SECTIONS = ("heard", "worked", "done")
PARTS = ("reason", "remedy")  # of a missed commitment
MAX_LENGTHS: dict[str, dict[str, int]] = {
    "heard": {"zh": 260, "en": 540},
    "worked": {"zh": 170, "en": 350},
    "done": {"zh": 300, "en": 620},
    "missed": {"zh": 360, "en": 700},  # all reasons and remedies together
}
LINE_WIDTHS = {"zh": 36, "en": 76}
MIN_QUOTED_CHARACTERS, MIN_QUOTED_WORDS = 8, 5  # so many characters, or Latin words, in a row are a quotation
UNIT_PATTERN = re.compile(r"[㐀-鿿]|[^\W_]+(?:'[^\W_]+)?")


class SectionTooLong(InputWrong):
    sentence = N_(
        "This is %(number)s characters too long for a letter of one page: at most %(most)s fit here, and a "
        "new line counts as %(line)s."
    )


class ExplanationTooLong(InputWrong):
    sentence = N_(
        "Reasons and remedies together are %(number)s characters too long for a letter of one page: at most "
        "%(most)s fit."
    )


class QuotesAnonymous(InputWrong):
    sentence = N_(
        "“%(words)s” stands in a comment that was given without a name. The reader of the letter may be its "
        "author's superior: please say it in words of your own, or leave it out."
    )


def list_texts(words: Json) -> dict[str, dict[str, str]]:
    """Every text of a letter in both languages, by what the form calls it: done, remedy_daily_backup."""
    missed = {f"{part}_{code}": one[part] for code, one in words["missed"].items() for part in PARTS}
    return {section: words[section] for section in SECTIONS} | missed


def clean_words(words: Mapping[str, Any], codes: Iterable[str]) -> Json:
    """The words as they are kept: every section, and reason and remedy of every missed commitment."""
    missed = words.get("missed", {})
    return {
        **{section: _clean_both(words.get(section, {})) for section in SECTIONS},
        "missed": {code: {part: _clean_both(missed.get(code, {}).get(part, {})) for part in PARTS} for code in codes},
    }


def measure_length(text: str, language: str) -> int:
    """How much of the page a text takes, in characters of its language."""
    lines = text.strip().split("\n")
    wide = sum(2 if east_asian_width(character) in "WF" else 1 for line in lines for character in line)
    return ceil(wide / 2 if language == "zh" else wide) + LINE_WIDTHS[language] * (len(lines) - 1)


def refuse_long_words(words: Json) -> None:
    """Raise SectionTooLong at the first section that is, or ExplanationTooLong."""
    for language in LOCALES:
        for section in SECTIONS:
            most = MAX_LENGTHS[section][language]
            over = measure_length(words[section][language], language) - most
            if over > 0:
                field = name_field(section, language)
                raise SectionTooLong(field=field, number=over, most=most, line=LINE_WIDTHS[language])
        told = [one[part][language] for one in words["missed"].values() for part in PARTS]
        most = MAX_LENGTHS["missed"][language]
        over = sum(measure_length(text, language) for text in told) - most
        if over > 0:
            first = name_field(f"{PARTS[0]}_{next(iter(words['missed']))}", language)
            raise ExplanationTooLong(field=first, number=over, most=most)


def refuse_quotations(words: Json, said: Iterable[str]) -> None:
    """Raise QuotesAnonymous at the field with a passage of an anonymous comment."""
    said = list(said)
    for field, text in list_fields(list_texts(words)):
        if found := find_quotation(text, said):
            raise QuotesAnonymous(field=field, words=found)


def find_quotation(text: str, said: Iterable[str]) -> str:
    """A passage of the text that stands in one of the comments, however written; '' for none."""
    runs = {run for run, _ in _list_runs(text)}
    if not runs:
        return ""
    return next((as_said for one in said for run, as_said in _list_runs(one) if run in runs), "")


def list_anonymous_words(client: Client, quarter: Quarter) -> list[str]:
    """What was said without a name by this client's people or somebody unknown: then and the quarter before."""
    # Whatever QA decided about it: its author knows their words again, and so may their superior.
    family = Response.client.is_null() | Response.client.in_(client_family(client.id))
    theirs = (Response.anonymous, family, Response.quarter.in_([int(quarter), int(quarter.plus(-1))]))
    comments = Answer.select(Answer.words).join(Question).switch(Answer).join(Response)
    comments = comments.where(*theirs, Question.kind == Kind.TEXT, Answer.words.is_null(False))
    receipts = Message.select(Message.words).join(Response).where(*theirs, Message.kind == MessageKind.ANSWER)
    return [row.words or "" for query in (comments, receipts) for row in query]


def _clean_both(text: Mapping[str, str]) -> dict[str, str]:
    return {language: _tidy_text(text.get(language) or "") for language in LOCALES}


def _tidy_text(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _list_runs(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every run of the text that is long enough to be a quotation, and how it is written there."""
    # Units leave out spaces and punctuation, so that a comma more or less hides no quotation.
    found = [(unit[0].casefold(), unit.start(), unit.end()) for unit in UNIT_PATTERN.finditer(text)]
    for at in range(len(found)):
        for size in (MIN_QUOTED_WORDS, MIN_QUOTED_CHARACTERS):
            run = found[at : at + size]
            latin = all(unit.isascii() for unit, _, _ in run)  # five words of Latin, or eight characters with Chinese
            if len(run) == size and latin == (size == MIN_QUOTED_WORDS):
                yield tuple(unit for unit, _, _ in run), text[run[0][1] : run[-1][2]]
