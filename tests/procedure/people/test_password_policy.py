"""Which passwords are taken, and which are guessed first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.procedure.core.refusals import PasswordWeak
from csat.procedure.people.password_policy import refuse_weak_password


@pytest.mark.parametrize(
    "password",
    ["wide river under stone", "天青色等烟雨而我在等你呀好吗", "xK9 f-- qpz !m w 0 t", "ein Fluss unter Stein"],
)
def test_long_and_uncommon_passwords_are_welcome_whatever_they_are_made_of(password):
    refuse_weak_password(password + "…", "ligong", "李工", "li@provider.example")


@pytest.mark.parametrize(
    "password",
    [
        "fourteen chars",
        "password12345678",
        "qwertyuiop123456789",
        "abcdefghijklmnopqrst",
        "abababababababababab",
        "111111111111111111",
        "ligong-ligong-2026",
        "客户满意度客户满意度客户满意度12",
        "Admin Welcome 1234567890",
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password):
    with pytest.raises(PasswordWeak):
        refuse_weak_password(password, "ligong", "李工", "li@provider.example")


@given(st.text(max_size=14))
def test_what_is_short_is_refused(password):
    with pytest.raises(PasswordWeak):
        refuse_weak_password(password)
