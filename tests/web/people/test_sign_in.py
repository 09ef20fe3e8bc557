"""Coming in and going out, in the browser."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat import clock
from csat.adapters import passwords
from csat.models.access import Account, Session
from csat.models.clients import Client
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.people import accounts, welcome_links
from csat.web.people.resubmission import HeldSubmission, safe_path
from tests.builders import NOW, a_person, an_account
from tests.page import Page

GOOD, NEWER = "wide river under stone", "a lamp beside the sea"


def somebody(*roles: Role, name: str = "安敏", password: str = GOOD) -> Account:
    """A person with an account, a password and English pages."""
    return an_account(a_person(name, *roles), "en", password_hash=passwords.hashed(password))


def sign_in(page: Page, account: Account, password: str = GOOD, status: int = 200) -> Page:
    page.get("/sign-in?lang=en")
    return page.fill("Sign in", status, user_name=account.user_name, password=password)


def change_password(page: Page, now: str = GOOD, to: str = NEWER, status: int = 200) -> None:
    page.fill("Change the password", status, password_now=now, password=to, password_again=to)


def test_who_signs_in_comes_to_their_first_page(page):
    account = somebody()
    sign_in(page, account)
    assert page.path == "/account" and account.person.name in page.text


def test_a_wrong_password_and_an_unknown_user_name_get_the_same_answer(page):
    account = somebody()
    wrong = sign_in(page, account, "something else entirely", 422).errors
    account.user_name = "nobody-at-all"
    assert sign_in(page, account, GOOD, 422).errors == wrong == ["User name and password do not match."]
    assert page.value("user_name") == "nobody-at-all"


def test_a_page_asked_for_without_a_session_is_shown_after_sign_in(page):
    account = somebody()
    page.get("/account?from=mail")
    assert page.heading == "Sign in"
    page.fill(user_name=account.user_name, password=GOOD)
    assert page.path == "/account?from=mail"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil"]
)
def test_nobody_is_led_to_another_site(page, elsewhere):
    account = somebody()
    page.get("/sign-in", query_string={"next": elsewhere})
    page.fill(user_name=account.user_name, password=GOOD)
    assert page.path == "/account"


@given(st.text())
def test_a_safe_path_stays_on_this_site(text):
    path = safe_path(text)
    assert path == "" or (path[0] == "/" and path[1:2] not in ("/", "\\") and "\\" not in path)


def test_the_cookies_are_for_the_browser_only(app, page):
    account = somebody()
    page.get("/sign-in")
    fields = {"user_name": account.user_name, "password": GOOD, "csrf_token": page.token()}
    response = page.browser.post("/sign-in", data=fields)
    cookies = response.headers.getlist("Set-Cookie")
    assert cookies
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie for cookie in cookies)


def test_sign_out_ends_every_session_and_an_old_cookie_stays_dead(page):
    account = somebody()
    elsewhere = Page(page.app).sign_in_as(account.person)
    sign_in(page, account)
    stolen = page.browser.get_cookie("csat").value
    page.fill("Sign out")
    assert page.heading == "Sign in"
    page.browser.set_cookie("csat", stolen)
    page.get("/account")
    assert page.heading == "Sign in"
    elsewhere.get("/account")
    assert elsewhere.heading == "Sign in"


def test_a_session_ends_after_twelve_idle_hours_and_after_seven_days_in_any_case(page):
    page.sign_in_as(a_person())
    for hours in range(11, 7 * 24, 11):
        with clock.freeze_at(NOW + timedelta(hours=hours)):
            assert page.get("/account").path == "/account"
    with clock.freeze_at(NOW + timedelta(days=7)):
        assert page.get("/account").path.startswith("/sign-in")
    page.sign_in_as(a_person("另一位"))
    with clock.freeze_at(NOW + timedelta(hours=12)):
        assert page.get("/account").path.startswith("/sign-in")


def test_a_changed_password_ends_every_session_but_the_new_one(page):
    account = somebody()
    elsewhere = Page(page.app).sign_in_as(account.person)
    sign_in(page, account)
    before = page.browser.get_cookie("csat").value
    page.get("/account")
    change_password(page, "not this one")
    assert page.errors == ["This is not your password."]
    change_password(page)
    assert "Your password is changed" in page.text
    assert elsewhere.get("/account").path.startswith("/sign-in")
    page.browser.set_cookie("csat", before)
    assert page.get("/account").path.startswith("/sign-in")
    sign_in(page, account, GOOD, 422)
    sign_in(page, account, NEWER)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short words", "15 characters"),
        ("x" * 201, "200 characters"),
        ("aaaaaaaaaaaaaaaaaa", "repeats"),
        ("user1-user1-csat-admin", "well-known"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_with_the_reason(page, password, reason):
    sign_in(page, somebody()).get("/account")
    change_password(page, to=password)
    assert len(page.errors) == 1 and reason in page.errors[0]


def test_a_welcome_link_sets_the_password_once_and_looking_spends_nothing(page):
    account = an_account(a_person("新同事", Role.QA), "en")
    token = welcome_links.make_welcome_link(account, "command:test", NOW)
    for _ in range(3):
        page.get(f"/welcome/{token}?lang=en")
        page.browser.head(f"/welcome/{token}")
    assert account.user_name in page.html
    page.fill(password=GOOD, password_again="something else here")
    assert page.errors == ["The two passwords differ."]
    page.fill(password=GOOD, password_again=GOOD)
    assert page.status == 200 and not page.path.startswith(("/welcome", "/sign-in"))
    page.sign_out().get(f"/welcome/{token}", 410)
    sign_in(page, account)


def test_an_unknown_welcome_link_is_no_page_and_an_old_one_is_gone(page):
    account = an_account(a_person())
    token = welcome_links.make_welcome_link(account, "command:test", NOW)
    page.get("/welcome/" + "x" * 43, 404)
    with clock.freeze_at(NOW + welcome_links.WELCOME_LASTS):
        page.get(f"/welcome/{token}", 410)
    welcome_links.make_welcome_link(account, "command:test", NOW)
    page.get(f"/welcome/{token}", 410)


def test_guessing_makes_strangers_wait_but_not_a_browser_that_signed_in_before(page):
    account = somebody()
    sign_in(page, account)
    page.fill("Sign out")
    stranger = Page(page.app)
    for _ in range(5):
        sign_in(stranger, account, "a guess among many", 422)
    sign_in(stranger, account, GOOD, 429)
    assert stranger.errors == ["Too many tries. Please wait (1 min) and try again."]
    sign_in(page, account)
    with clock.freeze_at(NOW + timedelta(minutes=1)):
        sign_in(stranger, account)


def test_a_password_kept_with_old_parameters_is_hashed_anew(page):
    from argon2 import PasswordHasher

    account = somebody()
    account.password_hash = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    account.save()
    sign_in(page, account)
    kept = Account.get_by_id(account.id).password_hash
    assert "m=19456,t=2,p=1" in kept and passwords.matches(kept, GOOD)


def test_a_closed_account_cannot_come_in(page):
    account = somebody()
    accounts.close_account(account, "command:test", NOW)
    sign_in(page, account, GOOD, 422)


def test_what_was_typed_while_the_session_ended_can_be_sent_after_sign_in(page):
    account = somebody(Role.ADMIN)
    sign_in(page, account).get("/admin/clients/new")
    Session.delete().execute()
    page.fill("Save", 401, name="华东物流", note="第一行\n第二行 <b>&amp;</b>")
    assert Client.select().count() == 0 and "kept" in page.text
    page.fill("Sign in", 422, user_name=account.user_name, password="not my password now")
    page.fill("Sign in", user_name=account.user_name, password=GOOD)
    assert page.heading == "Send it once more?" and "华东物流" in page.text and "第二行 <b>" in page.text
    page.fill("Send")
    client = Client.get(Client.name == "华东物流")
    assert client.note.splitlines() == ["第一行", "第二行 <b>&amp;</b>"]


def test_it_is_kept_even_if_the_browser_forgot_its_cookies(page):
    account = somebody(Role.ADMIN)
    sign_in(page, account).get("/admin/clients/new")
    html, path = page.html, page.path
    page.sign_out()
    page.html, page.path = html, path
    page.fill("Save", 401, name="华东物流")
    page.fill("Sign in", user_name=account.user_name, password=GOOD)
    page.fill("Send")
    assert Client.select().where(Client.name == "华东物流").exists()


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}], ids=str)
def test_what_another_site_sends_is_not_kept(page, headers):
    somebody(Role.ADMIN)
    fields = {"name": "Evil", "csrf_token": "made up"}
    page.post("/admin/clients/new", fields, 401, headers=headers)
    assert "Evil" not in page.html and page.value("kept") == ""


def test_a_signed_in_reader_decides_about_what_came_without_a_token(page):
    page.sign_in_as(somebody(Role.ADMIN).person)
    page.post("/admin/clients/new", {"name": "华东物流"}, 400, token=False)
    page.post("/admin/clients/new", {"name": "华东物流"}, 422, token=False, headers={"Sec-Fetch-Site": "same-origin"})
    assert page.heading == "Send it once more?"
    assert not Client.select().exists()


def test_passwords_are_never_carried_along(page):
    account = somebody()
    sign_in(page, account).get("/account")
    Session.delete().execute()
    change_password(page, status=401)
    assert NEWER not in page.html and GOOD not in page.html


@given(st.lists(st.tuples(st.text(), st.text())))
def test_what_is_kept_comes_back_as_it_was(fields):
    typed = HeldSubmission("/admin/clients/new?a=1", tuple(fields))
    assert HeldSubmission.parse(str(typed)) == typed


def test_what_is_kept_leads_nowhere_else():
    assert HeldSubmission.parse(json.dumps(["https://evil.example/", [], False])) is None
    assert HeldSubmission.parse("not json") is None
    assert HeldSubmission.parse(json.dumps([1, 2])) is None


def test_the_language_is_remembered(page):
    page.sign_in_as(a_person(), "en").get("/account")
    assert page.heading == "My account"
    page.fill("Use this language", language="zh")
    assert page.tree.get("lang") == "zh-Hans"
    assert page.get("/account").tree.get("lang") == "zh-Hans"


def test_the_sign_in_page_speaks_the_language_chosen_there(page):
    page.get("/sign-in", headers={"Accept-Language": "zh-CN"})
    assert page.tree.get("lang") == "zh-Hans"
    page.follow("English")
    assert page.tree.get("lang") == "en"


@pytest.mark.parametrize(
    ("roles", "heading"),
    [
        ([Role.DESK], "Surveys due"),
        ([Role.QA], "This quarter"),
        ([Role.DEPARTMENT], "Feedback"),
        ([Role.IMPROVEMENT], "To be confirmed"),
        ([Role.MANAGER], "My clients"),
        ([Role.DIRECTOR], "This quarter"),
        ([Role.ADMIN], "Accounts"),
        ([Role.ADMIN, Role.DESK], "Surveys due"),
    ],
)
def test_each_role_begins_where_its_work_is(page, roles, heading):
    assert page.sign_in_as(a_person("某人", *roles)).get("/").heading == heading


def test_persons_without_a_role_find_their_account(page):
    person = a_person("无角色")
    assert page.sign_in_as(person).get("/").path == "/account"
    assert Person.get_by_id(person.id).name in page.text


def test_the_rail_switches_the_language_and_stays_on_the_page(page):
    page.sign_in_as(a_person("安敏", Role.ADMIN)).get("/admin/people?search=安")
    page.fill("中文")
    assert page.tree.get("lang") == "zh-Hans" and page.path.startswith("/admin/people?search=")
