"""What an address or a form asks for. What makes no sense there is nothing asked, never an error 500."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TypeVar
from urllib.parse import urlsplit

from flask import request

from csat import clock
from csat.procedure.core.guards import found_or_refuse, is_key
from csat.procedure.core.quarter import Quarter
from csat.web.formatting import operator_zone

Code = TypeVar("Code", bound=StrEnum)


def current_quarter() -> Quarter:
    """The quarter it is where the operator is."""
    return Quarter.of(clock.now(), operator_zone())


def requested_quarter(default: Quarter | None = None) -> Quarter:
    """The quarter in the address, without one the default or the one it is; NotFound for anything else."""
    if not request.args.get("quarter"):
        return default or current_quarter()
    return found_or_refuse(parse_quarter())


def parse_quarter(name: str = "quarter", source: Mapping[str, str] | None = None) -> Quarter | None:
    """A quarter (2026Q3) in the address, or in what else was sent, if it is one."""
    try:
        return Quarter.parse((request.args if source is None else source).get(name, ""))
    except ValueError:
        return None


def parse_quarter_code(name: str = "quarter") -> int | None:
    """A quarter in the address as the store's number (20263), if it is one."""
    asked = parse_quarter(name)
    return None if asked is None else int(asked)


def parse_number(name: str) -> int | None:
    """A record's key in the address, if it is one; with 18 digits at most it is none too large to store."""
    asked = request.args.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def parse_code(codes: type[Code], name: str) -> Code | None:
    """One of the codes in the address, if it is one."""
    asked = request.args.get(name, "")
    return codes(asked) if asked in set(codes) else None


def parse_choice(name: str, choices: Container[str], default: str = "") -> str:
    """One of these words in the address, else the default."""
    asked = request.args.get(name, "")
    return asked if asked in choices else default


def parse_day(name: str) -> date | None:
    """A day in the address (2026-09-30), if it is one that a calendar and a time zone can hold."""
    try:
        day = date.fromisoformat(request.args.get(name, "").strip())
    except ValueError:
        return None
    return day if 1970 <= day.year < 9999 else None  # a day after it, or its offset, must exist too


def start_of_day(day: date) -> datetime:
    """The first instant of a day where the operator is."""
    return datetime.combine(day, time.min, tzinfo=operator_zone())


def ticked_keys(name: str) -> list[int]:
    """The keys of the records that were ticked in a form; what cannot be a key is left out."""
    return [key for key in request.form.getlist(name, type=int) if is_key(key)]


def client_network() -> str:
    """The reader's address; of IPv6 the network, since a machine has millions of addresses in it."""
    told = request.remote_addr or ""
    if told.startswith("[") or told.count(":") == 1:  # some proxies write a port behind it
        told = told.rpartition(":")[0].strip("[]")
    try:
        address = ip_address(told)
    except ValueError:
        return told
    if not isinstance(address, IPv6Address):
        return str(address)
    # A server that listens on IPv6 tells of IPv4 so: in one network, one guesser would make everybody wait.
    return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False))


def safe_path(text: object) -> str:
    """A path on our own site, or '' for everything that could lead elsewhere."""
    if not isinstance(text, str) or not text.startswith("/") or text.startswith("//"):  # // names another host
        return ""
    # Browsers read \ as /, and drop control characters, after which // may stand at the start.
    if "\\" in text or any(ord(character) < 33 or ord(character) == 127 for character in text):
        return ""
    parts = urlsplit(text)
    return "" if parts.scheme or parts.netloc else text
