"""How names and addresses show to those who need not know them (D2)."""

from __future__ import annotations

import pytest

from csat.procedure.core.contact_details import mask_address, mask_name


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (" wang@client.example ", "w***@client.example"),
        ("138 1234 5678", "138****5678"),
        ("1234567", "****567"),
        ("123456", "***"),  # too short for a number: what it is, is hidden whole
        ("微信 wang12", "***"),
        ("  ", ""),
    ],
)
def test_whatever_somebody_wrote_shows_masked(text, masked):
    assert mask_address(text) == masked


@pytest.mark.parametrize(("name", "masked"), [("王女士", "王***"), (" Wang", "W***"), (" ", "")])
def test_a_name_shows_its_first_letter(name, masked):
    assert mask_name(name) == masked
