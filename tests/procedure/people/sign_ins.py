"""Accounts with passwords, and tries to come in by them, for the stories of this room."""

from __future__ import annotations

import pytest

from csat.models.access import Account
from csat.models.roles import Role
from csat.procedure.core.refusals import SignInWrong
from csat.procedure.people import sign_in
from csat.procedure.people.throttling import SignInAttempt
from tests.builders import NOW, a_person, an_account


class PlainPasswords:
    """A stand-in for the hashing room: quick, and it counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def matches(self, known, password):
        self.asked += 1
        return known == f"hash of {password}"

    def is_old(self, known):
        return False

    def hashed(self, password):
        return f"hash of {password}"

    def estimate_guesses(self, text, words):
        return 1e12


PASSWORDS = PlainPasswords()
GOOD = "wide river under stone"


def an_account_with_password(*roles: Role) -> Account:
    return an_account(a_person("李工", *roles), password_hash=PASSWORDS.hashed(GOOD))


def come_in(account: Account, password: str = GOOD, address: str = "10.0.0.1", now=NOW, device: str = ""):
    return sign_in.sign_in(SignInAttempt(account.user_name, address, device), password, PASSWORDS, now)


def fail(account: Account, times: int, address: str = "10.0.0.1", now=NOW) -> None:
    for _ in range(times):
        with pytest.raises(SignInWrong):
            come_in(account, "a guess among many", address, now)
