"""Codes by RFC 6238: its own examples, and clocks that go a little wrong."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from csat.adapters.one_time_codes import SealedCodes
from csat.adapters.sealing import encrypt_with_key

CODES = SealedCodes(b"k" * 32)
SEALED = base64.b64encode(encrypt_with_key(CODES.key, base64.b32encode(b"12345678901234567890"))).decode()


@pytest.mark.parametrize(("at", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_the_examples_of_the_standard(at, code):
    assert CODES.find_step(SEALED, code, datetime.fromtimestamp(at, UTC)) == at // 30


def test_a_code_is_known_half_a_minute_around_its_own():
    own = 1111111109 // 30
    times = [(own + offset) * 30 for offset in (-2, -1, 0, 1, 2)]
    steps = [CODES.find_step(SEALED, "081804", datetime.fromtimestamp(at, UTC)) for at in times]
    assert steps == [None, own, own, own, None]


def test_the_address_for_the_app_names_account_and_house():
    address = CODES.build_address(CODES.make_secret(), "li.gong", "恒信 IT")
    assert address.startswith("otpauth://totp/%E6%81%92%E4%BF%A1%20IT:li.gong?secret=") and "issuer=" in address
