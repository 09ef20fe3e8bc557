"""What single values of a ticket system's message say: texts, times with their offset, addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from csat.procedure.core import contact_details
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.incidents.table_import import NOT_TEXT_PATTERN, PLAUSIBLE_YEARS
from csat.words import N_

ADDRESS_PARSERS: dict[str, Callable[[str], str]] = {
    "contact_email": contact_details.parse_email,
    "contact_telephone": contact_details.parse_telephone,
}
ADDRESS_LENGTHS = {"contact_email": 200, "contact_telephone": 40}
TIME_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?")


class KindWrong(InputWrong):
    sentence = N_("This must be a text.")


class TextBroken(InputWrong):
    sentence = N_("This text holds characters that cannot be stored.")


class TimeWrong(InputWrong):
    sentence = N_("“%(text)s” is no time. Write it as 2026-09-14T10:00:00+08:00.")


class OffsetMissing(InputWrong):
    sentence = N_("“%(text)s” does not say how far it is from UTC. Write it as 2026-09-14T10:00:00+08:00.")


class AddressWrong(InputWrong):
    sentence = N_("This is neither an address nor empty.")


def parse_text(name: str, value: object) -> str:
    """A value as the text it is, '' for nothing; raise KindWrong or TextBroken."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):  # True is an int to Python
        raise KindWrong(field=name)
    text = str(value).strip()
    if NOT_TEXT_PATTERN.search(text):
        raise TextBroken(field=name)
    return text


def parse_instant(name: str, text: str) -> datetime | None:
    """A time of our own format; raise TimeWrong, or OffsetMissing when it does not say its offset."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text) if TIME_PATTERN.fullmatch(text) else None
    except ValueError:
        at = None
    if at is None or at.year not in PLAUSIBLE_YEARS:
        raise TimeWrong(field=name, text=text[:40])
    if at.tzinfo is None:  # in our own format nobody guesses a zone
        raise OffsetMissing(field=name, text=text[:40])
    return at.astimezone(UTC)


def parse_address(name: str, text: str) -> dict[str, str]:
    """An address under its name, or {} for none; raise AddressWrong."""
    try:
        usable = ADDRESS_PARSERS[name](text) if len(text) <= ADDRESS_LENGTHS[name] else None
    except Refusal:
        usable = None
    if usable is None:
        raise AddressWrong(field=name)
    return {name: usable} if usable else {}


def keep_usable_addresses(reach: dict[str, str]) -> dict[str, str]:
    """The addresses that are some. A system's “n/a” must not cost the survey: the desk sees the gap."""
    usable: dict[str, str] = {}
    for name, text in reach.items():
        with suppress(AddressWrong):
            usable |= parse_address(name, text)
    return usable
