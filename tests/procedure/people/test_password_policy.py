"""Which passwords are taken, and which are guessed first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.adapters.guesses import MAX_ESTIMATED, estimate_guesses
from csat.procedure.core import settings
from csat.procedure.core.refusals import PasswordWeak
from csat.procedure.people import password_policy
from csat.procedure.people.password_policy import refuse_weak_password
from tests.builders import NOW

OWN_WORDS = ("ligong", "李工", "li.gong@provider.example")


def try_password(password: str) -> None:
    refuse_weak_password(password, estimate_guesses, *OWN_WORDS)


@pytest.mark.parametrize(
    "password",
    [
        "wide river under stone",
        "maple.tractor.fourteen.violin",
        "灰猫在屋顶看云，邮差骑车经过小桥",
        "huimao kanyun youchai qiche",
        "xK9 f-- qpz !m w 0 t",
        "ein Fluss unter Stein",
        "demo-3fa9c1-77be02-a1b2c3",
    ],
)
def test_long_and_uncommon_passwords_are_welcome_whatever_they_are_made_of(db, password):
    try_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "P@ssw0rdP@ssw0rd",
        "1qazxsw23edcvfr4",
        "147258369147258369",
        "zhongguozhongguo",
        "Summer2026Summer2026",
        "correcthorsebatterystaple",
        "Correct Horse Battery Staple!",
        "Winter-2025-Spring-2026",
        "!QAZ2wsx#EDC4rfv",
        "1q2w3e4r5t6y7u8i9o",
        "qwertyuiop123456789",
        "abcdefghijklmnopqrst",
        "abababababababababab",
        "mima shi wode mima",
        "zhangwei19850312",
        "to be or not to be: that",
        "床前明月光，疑是地上霜，举头望明月",
        "woaini1314520woaini",
        "ligong-ligong-2026",
        "客户满意度客户满意度客户满意度12",
        "admin welcome 1234567890",
        "111111111111111111",
    ],
)
def test_passwords_that_are_guessed_first_are_refused(db, password):
    with pytest.raises(PasswordWeak):
        try_password(password)


def test_the_names_of_the_provider_are_guessed_first_too(db):
    try_password("tangerine 2026 hengxinda")
    settings.set_provider_names({"zh": "恒信达", "en": "Tangerine Hengxinda"}, "command:test", NOW)
    with pytest.raises(PasswordWeak):
        try_password("tangerine 2026 hengxinda")


def test_what_everybody_does_to_a_word_adds_nothing():
    """A piece said again, a year, signs between: the three kinds of what is estimated."""
    assert list(password_policy._undo_tricks("Ab-Moon.2026.Moon")) == ["Ab-Moon.2026.Moon", "abmoon2026moon", "abmoon"]


def test_walks_over_the_keys_count_once_however_often_they_are_walked():
    texts = ("1qaz1qaz2wsx", "!QAZ", "147258", "riverstone")
    assert [password_policy._count_different_walks(text) for text in texts] == [2, 1, 2, 7]


@given(st.text(max_size=14))
def test_what_is_short_is_refused(password):
    with pytest.raises(PasswordWeak):
        try_password(password)


def test_only_the_beginning_of_a_long_password_is_estimated():
    """What a stranger sends must not keep the server busy: the estimate's time grows fast."""
    long = "@4({6<!1|0$5+7%2" * 12
    assert estimate_guesses(long, ()) == estimate_guesses(long[:MAX_ESTIMATED], ()) >= 10**10
