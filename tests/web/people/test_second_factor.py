"""The second factor in the browser: set up, asked for, lost; and the proof that dangerous acts ask for again (D4)."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest

from csat import clock
from csat.adapters import passwords
from csat.models.access import Account, RoleGrant, SecondFactor, Session
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.people import factors, sessions
from csat.web.people.codes import current_codes
from csat.web.people.origin import describe_browser
from tests.builders import NOW, a_person, an_account
from tests.page import Page
from tests.web.people.test_sign_in import GOOD, sign_in, somebody


def shown_secret(page: Page) -> str:
    return page.value("code") is not None and re.search(r'id="secret" value="([A-Z2-7 ]+)"', page.html)[1].replace(
        " ", ""
    )


def code_at(secret: str, now=NOW) -> str:
    return pyotp.TOTP(secret).at(now)


def set_up(page: Page) -> tuple[str, list[str]]:
    """Set a second factor up by the page; its secret, and the recovery codes."""
    page.get("/account").follow("Set it up")
    page.fill("Set up a second factor")
    secret = shown_secret(page)
    page.fill("Use it from now on", 422, code="000000")
    assert len(page.errors) == 1 and shown_secret(page) == secret
    page.fill("Use it from now on", code=code_at(secret))
    return secret, re.findall(r'<li class="code">([\w-]+)</li>', page.html)


def test_from_the_set_up_to_the_next_sign_in(page):
    account = somebody(Role.QA)
    secret, recovery = set_up(sign_in(page, account))
    assert len(recovery) == 10 and secret not in SecondFactor.get().sealed
    page.sign_out()
    with clock.freeze_at(NOW + timedelta(minutes=1)):
        sign_in(page, account)
        assert page.heading == "Your code, please" and page.get("/account").heading == "Sign in"
        sign_in(page, account)
        page.fill("Come in", 422, code="123456")
        assert page.errors == [
            "This code is not right, or was used already. Please wait for the next one and type that."
        ]
        page.fill("Come in", code=code_at(secret, clock.now()))
        assert page.get("/account").heading == "My account"
        page.sign_out()
        sign_in(page, account).fill("Come in", code=recovery[3])
        assert "9 are left" in page.get("/account/second-factor/").text


def test_what_was_typed_survives_the_code_too(page):
    account = somebody(Role.ADMIN)
    secret, _ = set_up(sign_in(page, account))
    page.get("/admin/people/new")
    Session.delete().execute()
    page.fill("Save", 401, name="新同事")
    page.fill("Sign in", user_name=account.user_name, password=GOOD)
    with clock.freeze_at(NOW + timedelta(minutes=1)):
        page.fill("Come in", code=code_at(secret, clock.now()))
        page.fill("Send")
    assert Person.select().where(Person.name == "新同事").exists()


def test_a_ticket_is_good_for_minutes_and_for_this_password_only(page):
    account = somebody()
    set_up(sign_in(page, account))
    page.sign_out()
    sign_in(page, account)
    html, path = page.html, page.path
    Account.update(password_hash=passwords.hashed("another one in between")).execute()
    page.html, page.path = html, path
    page.fill("Come in", code="123456")
    assert page.heading == "Sign in" and "That took too long" in page.text


def test_whose_role_needs_one_sets_it_up_first_and_loses_nothing(page):
    account = somebody(Role.ADMIN)
    sign_in(page, account).get("/admin/people/new")
    factors.demand_of_roles([Role.ADMIN], "command:test", NOW)
    page.fill("Save", 401, name="新同事")
    assert page.heading == "Second factor" and not Person.select().where(Person.name == "新同事").exists()
    page.fill("Set up a second factor")
    page.fill("Use it from now on", code=code_at(shown_secret(page)))
    page.fill("I have kept the codes: send it")
    assert Person.select().where(Person.name == "新同事").exists()
    page.get("/account/second-factor/")
    assert "it can only be replaced" in page.text


def test_no_other_page_opens_without_it_but_the_way_out(page):
    sign_in(page, somebody(Role.QA))
    factors.demand_of_roles([Role.QA], "command:test", NOW)
    for path in ("/", "/qa/review", "/account"):
        assert page.get(path).heading == "Second factor"
    page.fill("Sign out")
    assert page.heading == "Sign in"


def test_dangerous_acts_ask_again_after_a_quarter_of_an_hour_and_keep_what_was_typed(page, cast):
    admin = an_account(cast.admin, "en", password_hash=passwords.hashed(GOOD))
    desk = an_account(cast.desk)
    sign_in(page, admin)
    with clock.freeze_at(NOW + sessions.PROOF_LASTS + timedelta(seconds=1)):
        page.get(f"/admin/accounts/{desk.id}")
        page.fill("Grant", 401, role="manager")
        assert page.heading == "Is it still you?"
        page.fill("Go on", 422, proof_password="not this one at all")
        page.fill("Go on", proof_password=GOOD)
        assert RoleGrant.select().where(RoleGrant.role == Role.MANAGER, RoleGrant.person == cast.desk).count() == 0
        page.fill("Send")
        assert RoleGrant.select().where(RoleGrant.role == Role.MANAGER, RoleGrant.person == cast.desk).count() == 1
        page.get(f"/admin/accounts/{desk.id}").fill("Withdraw")  # asks for nothing
        page.get(f"/admin/accounts/{desk.id}").fill("Grant", role="department")  # the proof is fresh now


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/exports/", {"what": "figures"}),
        ("/admin/approvals/1", {"do": "accept"}),
        ("/account/second-factor/begin", {}),
        ("/admin/settings/second-factor", {}),
        ("/admin/people/1/account", {"user_name": "x"}),
    ],
)
def test_which_acts_ask(page, path, form):
    page.sign_in_as(a_person("一人", *Role))
    with clock.freeze_at(NOW + timedelta(hours=1)):
        assert page.post(path, form, 401).heading == "Is it still you?"


def test_with_a_second_factor_the_proof_is_a_code(page):
    account = somebody(Role.ADMIN)
    secret, _ = set_up(sign_in(page, account))
    with clock.freeze_at(NOW + timedelta(hours=1)):
        page.get("/account/second-factor/").fill("Make new recovery codes", 401)
        page.fill("Go on", code=code_at(secret, clock.now()))
        page.fill("Send")
        assert page.heading == "Your recovery codes"


def test_sign_ins_are_listed_and_ended_one_by_one(page):
    account = somebody()
    elsewhere = Page(page.app).sign_in_as(account.person)
    sign_in(page, account).get("/account")
    assert len(page.rows()) == 3 and "127.0.0.1" in page.text
    page.fill("End")
    assert elsewhere.get("/account").path.startswith("/sign-in") and page.get("/account").heading == "My account"


def test_a_browser_is_told_in_our_own_words():
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    wechat = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.60"
    assert [describe_browser(one) for one in (firefox, wechat, "<script>")] == [
        "Firefox · Windows",
        "WeChat · iPhone",
        "",
    ]


def test_the_key_of_the_codes_lies_beside_the_other_keys(app, config):
    with app.app_context():
        assert current_codes().key == (config.keys / "factor_key").read_bytes()
