"""Signing in: the wait that grows, for whom, and what a stranger cannot do to others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat import database
from csat.models.access import Session, Throttle
from csat.procedure.core.refusals import SignInThrottled, SignInWrong
from csat.procedure.people import sign_in, throttling, welcome_links
from csat.procedure.people.throttling import SignInAttempt
from tests.builders import NOW
from tests.procedure.people.sign_ins import GOOD, PASSWORDS, PlainPasswords, an_account_with_password, come_in, fail


def guess(name: str, address: str, now=NOW) -> None:
    with pytest.raises(SignInWrong):
        sign_in.sign_in(SignInAttempt(name, address), "guess", PASSWORDS, now)


def test_the_wait_grows_with_the_failures_and_has_an_end(db):
    minutes = [throttling.compute_lockout(5, failures) // timedelta(minutes=1) for failures in range(4, 12)]
    assert minutes == [0, 1, 2, 4, 8, 15, 15, 15]


def test_a_user_name_waits_wherever_the_guesses_come_from(engine_db):
    account = an_account_with_password()
    for number in range(10):
        fail(account, 1, f"10.0.0.{number}")
    with pytest.raises(SignInThrottled):
        come_in(account, address="10.9.9.9")
    come_in(account, now=NOW + timedelta(minutes=1))


def test_waiting_people_are_refused_before_the_password_is_looked_at(db):
    account = an_account_with_password()
    fail(account, 5)
    asked = PASSWORDS.asked
    with pytest.raises(SignInThrottled) as refusal:
        come_in(account)
    assert PASSWORDS.asked == asked and refusal.value.facts == {"minutes": 1}


def test_a_wait_survives_a_restart_and_keeps_no_names(config, db):
    account = an_account_with_password()
    fail(account, 5)
    database.close_store()
    database.open_store(config.database, config.drafts)
    with pytest.raises(SignInThrottled):
        come_in(account)
    assert all(account.user_name not in row.key and "10.0" not in row.key for row in Throttle.select())


def test_who_guesses_at_one_name_keeps_it_waiting_at_that_address_only(db):
    account = an_account_with_password()
    fail(account, 5, "10.6.6.6")
    with pytest.raises(SignInThrottled):
        come_in(account, address="10.6.6.6")
    come_in(account, address="10.0.0.1")


def test_an_office_is_never_kept_out_however_much_is_guessed_behind_its_address(db):
    """A right password at the first try comes in; who guesses on has one try for each name, then a wait."""
    account = an_account_with_password()
    for number in range(60):
        guess(f"name{number}", "10.6.6.6")
    with pytest.raises(SignInThrottled):
        sign_in.sign_in(SignInAttempt("name7", "10.6.6.6"), "guess", PASSWORDS, NOW)
    come_in(account, address="10.6.6.6")
    fail(account, 1, "10.6.6.6")
    with pytest.raises(SignInThrottled):
        come_in(account, address="10.6.6.6")
    come_in(account, address="10.6.6.6", now=NOW + timedelta(minutes=1))


def test_a_known_browser_gets_in_however_much_a_stranger_guesses(db):
    account = an_account_with_password()
    for hour in range(24):
        for _ in range(9):
            with pytest.raises((SignInWrong, SignInThrottled)):
                come_in(account, "guess", now=NOW + timedelta(hours=hour))
    with pytest.raises(SignInThrottled):
        come_in(account, now=NOW + timedelta(hours=23))
    come_in(account, now=NOW + timedelta(hours=23), device="known")


def test_one_good_account_does_not_pay_for_guesses_at_others(db):
    """Coming in takes nothing off what was counted at the name by others, nor at the address."""
    mine = an_account_with_password()
    fail(mine, 1, "10.0.0.1")
    for number in range(9):
        fail(mine, 1, f"10.1.0.{number}")
    come_in(mine, address="10.0.0.1", now=NOW + timedelta(minutes=1))
    with pytest.raises(SignInThrottled):
        come_in(mine, "a guess", "10.3.0.1", now=NOW + timedelta(minutes=1))


def test_a_password_changed_while_the_old_one_is_checked_wins(db):
    account = an_account_with_password()

    class Slow(PlainPasswords):
        def matches(self, known, password):
            welcome_links.set_password(account, "hash of something newer", NOW)
            return super().matches(known, password)

    with pytest.raises(SignInWrong):
        sign_in.sign_in(SignInAttempt(account.user_name, "10.0.0.1"), GOOD, Slow(), NOW)
    assert not Session.select().exists()
