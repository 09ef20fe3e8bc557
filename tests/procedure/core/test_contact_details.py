"""How names and addresses show to those who need not know them (D2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.procedure.core.contact_details import (
    make_address_keys,
    mask_address,
    mask_email,
    mask_name,
    mask_telephone,
    mask_text,
)


@pytest.mark.parametrize(
    ("telephone", "key"),
    [
        ("", ""),
        ("+86 (138) 1234-5678", "13812345678"),
        ("0086/138.1234.5678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("138 8612 3456", "13886123456"),  # 86 is the country's at the beginning only
        ("8612345678", "8612345678 wang min"),
        ("12812345678", "12812345678 wang min"),
        ("010-8888 0000 转 1", "01088880000转1 wang min"),
        ("+44 20 7946 0018", "442079460018 wang min"),
    ],
)
def test_a_mobile_number_is_somebodys_by_itself_and_any_other_with_the_name(telephone, key):
    keys = make_address_keys(" Wang Min ", " Wang@Client.Example ", telephone)
    assert keys == {"email_key": "wang@client.example", "telephone_key": key}


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


@pytest.mark.parametrize(
    ("text", "masked"),
    [("zhang@x.cn", "z***@x.cn"), ("z@x.cn", "***@x.cn"), ("", ""), ("nonsense", "***"), ("张三@x.cn", "张***@x.cn")],
)
def test_an_email_shows_its_first_letter_and_its_domain(text, masked):
    assert mask_email(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [("13812345678", "138****5678"), ("021-6888 8888", "021****8888"), ("", ""), ("12345", "****5"), ("110", "****")],
)
def test_a_number_shows_three_digits_and_four(text, masked):
    assert mask_telephone(text) == masked


@given(st.text(alphabet="0123456789 +-()", max_size=30))
def test_at_least_four_digits_are_always_hidden(text):
    digits = [character for character in text if character.isdigit()]
    shown = [character for character in mask_telephone(text) if character.isdigit()]
    assert len(shown) <= max(0, len(digits) - 4)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("电话13812345678找我", "电话138****5678找我"),
        ("call 010-8888 7777 please", "call 010****7777 please"),
        ("＋86 １３８１２３４５６７８", "＋861****5678"),
        ("写信给 zhang.san@client.example.cn 即可", "写信给 z***@client.example.cn 即可"),
        ("2026-09-14 报修，INC0012345", "2026-09-14 报修，INC0012345"),
        ("call 8888 7777, or a@b.cn", "call ****7777, or ***@b.cn"),  # four digits at least, no whole name
        ("第 3 次，共 12 天", "第 3 次，共 12 天"),
    ],
)
def test_numbers_and_addresses_are_masked(said, shown):
    assert mask_text(said) == shown


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(alphabet="请联系，。 的", max_size=10))
def test_no_mobile_number_survives(number, around):
    assert number not in mask_text(f"{around}{number}{around}")
