"""E-mail addresses and telephone numbers: what can be one, whose each is, and how they show masked (D2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypedDict

from csat.procedure.core.refusals import InputWrong
from csat.words import N_

EMAIL_PATTERN = re.compile(r"[^\s@*<>,;]+@[^\s@*<>,;]+\.[^\s@*.<>,;]+")
TELEPHONE_PATTERN = re.compile(r"\+?[\d\s()/.-]{5,30}(\s*(ext\.?|x|#|转)\s*\d{1,6})?", re.IGNORECASE)
EMAIL_IN_TEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]*[@＠][A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
NUMBER_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])\+?[0-9](?:[ \-()（）]?[0-9]){6,17}(?![0-9A-Za-z])")
DATE_DIGITS = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])")
FULL_WIDTH = str.maketrans("０１２３４５６７８９－", "0123456789-")
BETWEEN_DIGITS = re.compile(r"[\s()/.+-]")  # as people write numbers
COUNTRY_CODE = re.compile(r"^(?=.{12})(0086|86)")  # a shorter number that begins with 86 is one of its own
MOBILE = re.compile(r"1[3-9][0-9]{9}")
MASKED_NAME = "＊＊"
MANY_DIGITS = 7  # fewer are no telephone number


class EmailWrong(InputWrong):
    sentence = N_("This is no e-mail address. It should look like name@example.org.")


class TelephoneWrong(InputWrong):
    sentence = N_("This is no telephone number. Please use digits, spaces, + - ( ) and an extension.")


def parse_email(text: str) -> str:
    """An e-mail address, or nothing; raise EmailWrong."""
    text = text.strip()
    if text and not EMAIL_PATTERN.fullmatch(text):
        raise EmailWrong(field="email")
    return text


def parse_telephone(text: str) -> str:
    """A telephone number as people write it, or nothing; raise TelephoneWrong."""
    text = text.strip()
    if text and not TELEPHONE_PATTERN.fullmatch(text):
        raise TelephoneWrong(field="telephone")
    return text


class AddressKeys(TypedDict):
    """By what a contact's addresses are found on other cards; '' where there is none (decision 0195)."""

    email_key: str
    telephone_key: str


def make_address_keys(name: str, email: str, telephone: str) -> AddressKeys:
    """What every writer of contacts keeps beside the addresses, so that queries compare by equality."""
    return {"email_key": email.strip().lower(), "telephone_key": _make_telephone_key(name, telephone)}


def mask_email(text: str) -> str:
    """z***@x.cn: the first letter and the domain; of a one-letter name not even that."""
    name, at, domain = text.rpartition("@")
    if not at:
        return "***" if text else ""
    return f"{name[0] if len(name) > 1 else ''}***@{domain}"


def mask_telephone(text: str) -> str:
    """138****5678: never fewer than four digits hidden."""
    digits = "".join(character for character in text if character.isdigit())
    if not digits:
        return "****" if text else ""
    tail = min(4, max(0, len(digits) - 4))
    head = min(3, max(0, len(digits) - 4 - tail))
    return f"{digits[:head]}****{digits[len(digits) - tail :]}"


def mask_name(name: str) -> str:
    """A person's name by its first letter: 王***."""
    return f"{name.strip()[0]}***" if name.strip() else ""


def mask_address(text: str) -> str:
    """How somebody wants to be reached, whatever they wrote: an address, a number, or anything else."""
    text = text.strip()
    if "@" in text:
        return mask_email(text)
    if sum(character.isdigit() for character in text) >= MANY_DIGITS:
        return mask_telephone(text)
    return "***" if text else ""


def mask_text(text: str, names: Iterable[str] = ()) -> str:
    """What somebody wrote, for many to read: without e-mail addresses, long numbers, and these names."""
    text = EMAIL_IN_TEXT.sub(lambda found: mask_email(found[0].replace("＠", "@")), text.translate(FULL_WIDTH))
    text = NUMBER_IN_TEXT.sub(_mask_number, text)
    # the longest first: a short name may be part of a long one
    for name in sorted((name for name in names if len(name.strip()) > 1), key=len, reverse=True):
        text = re.sub(re.escape(name.strip()), MASKED_NAME, text, flags=re.IGNORECASE)
    return text


def _mask_number(found: re.Match[str]) -> str:
    """A number masked like a telephone; dates, like 2026-09-14, say when and stay."""
    return found[0] if DATE_DIGITS.fullmatch(re.sub(r"\D", "", found[0])) else mask_telephone(found[0])


def _make_telephone_key(name: str, telephone: str) -> str:
    """What makes a number somebody's own: a mobile one by itself, any other only with their name."""
    plain = COUNTRY_CODE.sub("", BETWEEN_DIGITS.sub("", telephone.translate(FULL_WIDTH)))
    return plain if not plain or MOBILE.fullmatch(plain) else f"{plain} {name.strip().lower()}"
