"""Which contacts are one person, by their addresses: what k counts (D7). In doubt two are taken for one.

Stricter than the keys by which an opt-out is found (decision 0195), where in doubt nobody is silenced by another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from csat.models.clients import Contact
from csat.procedure.core.contact_details import COUNTRY_CODE, MOBILE

NOT_A_DIGIT = re.compile(r"\D")


def map_people() -> dict[int, int]:
    """Of each contact the one that stands for all contacts of the same person: joined, or with the same address."""
    rows = list(Contact.select(Contact.id, Contact.email, Contact.telephone, Contact.counts_as).tuples())
    first: dict[object, int] = {}
    root = {key: key for key, *_ in rows}
    for key, email, telephone, counts_as in sorted(rows, key=lambda row: row[0]):
        for mark in (("contact", counts_as or key), ("contact", key), *_list_addresses(email, telephone)):
            other = first.setdefault(mark, key)
            one, two = _find(root, key), _find(root, other)
            root[max(one, two)] = min(one, two)
    return {key: _find(root, key) for key in root}


def normalise_email(text: str) -> str:
    """An e-mail address as it is compared: width and letter case say nothing, nor what follows a plus sign."""
    name, at, domain = unicodedata.normalize("NFKC", text).strip().casefold().partition("@")
    return f"{name.partition('+')[0]}{at}{domain}" if at else ""


def normalise_telephone(text: str) -> str:
    """A telephone number as it is compared: its digits without the country's."""
    digits = NOT_A_DIGIT.sub("", unicodedata.normalize("NFKC", text))
    return COUNTRY_CODE.sub("", digits)


def _list_addresses(email: str, telephone: str) -> Iterator[tuple[str, str]]:
    address, number = normalise_email(email), normalise_telephone(telephone)
    if address:
        yield "email", address
    # A switchboard's number is that of many; it tells who somebody is only where nothing else does.
    if number and (MOBILE.fullmatch(number) or not address):
        yield "telephone", number


def _find(root: dict[int, int], key: int) -> int:
    while root[key] != key:
        root[key] = root[root[key]]
        key = root[key]
    return key
