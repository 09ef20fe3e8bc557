"""Welcome links and sessions: a newer one kills the older, and one link lets one in."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from csat import database
from csat.models.access import Session, WelcomeLink
from csat.procedure.core.refusals import WelcomeLinkExpired
from csat.procedure.people import sessions, sign_in, welcome_links
from tests.builders import NOW, a_person, an_account
from tests.procedure.people.sign_ins import GOOD, PASSWORDS, an_account_with_password

BY = "command:test"


def test_a_newer_welcome_link_kills_the_older_ones(engine_db):
    account = an_account(a_person())
    first = welcome_links.make_welcome_link(account, BY, NOW)
    second = welcome_links.make_welcome_link(account, BY, NOW)
    with pytest.raises(WelcomeLinkExpired):
        welcome_links.get_welcomed_account(first, NOW)
    assert welcome_links.get_welcomed_account(second, NOW) == account
    assert WelcomeLink.select().where(WelcomeLink.token_hash == second).count() == 0


def test_of_two_people_with_one_welcome_link_one_comes_in(config, db):
    account = an_account(a_person())
    token = welcome_links.make_welcome_link(account, BY, NOW)
    start = threading.Barrier(2)

    def use(number: int) -> str:
        start.wait(timeout=10)
        try:
            welcome_links.use_welcome_link(token, f"hash {number}", NOW)
        except WelcomeLinkExpired:
            return "dead"
        finally:
            database.close_store()
        return "in"

    with ThreadPoolExecutor(2) as guests:
        assert sorted(guests.map(use, range(2))) == ["dead", "in"]


def test_a_new_password_kills_links_and_sessions(db):
    account = an_account_with_password()
    token = welcome_links.make_welcome_link(account, BY, NOW)
    sessions.begin_session(account, NOW)
    sign_in.change_password(account, GOOD, "a lamp beside the sea", PASSWORDS, NOW)
    assert Session.select().count() == 1
    with pytest.raises(WelcomeLinkExpired):
        welcome_links.get_welcomed_account(token, NOW)
