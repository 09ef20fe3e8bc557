"""Two people on the pages: asked by one, seen with what one must know, decided by another (D4)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from csat import clock
from csat.models.access import Account
from csat.models.oversight import AccountRequest, RoleConfirmation
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.oversight import requests
from csat.procedure.people import sessions
from csat.procedure.people.permissions import roles_of
from tests.builders import NOW, an_account
from tests.mail_server import send_due_mails
from tests.page import Page


@pytest.fixture
def director(app, cast) -> Page:
    """The director's browser."""
    return Page(app, "en").sign_in_as(cast.director)


def test_a_powerful_role_is_asked_for_and_given_by_the_director(admin, director, cast, counted_rail):
    account = an_account(cast.desk)
    admin.get(f"/admin/accounts/{account.id}").fill("Grant", role="qa")
    assert "This takes a second person" in admin.text and "Waits for a second person" in admin.text
    assert roles_of(cast.desk) == {Role.DESK}
    director.get("/").follow("Second person 1")
    assert "苏岚" in director.text and cast.desk.email in director.text and "安敏" in director.text
    director.fill("Accept")
    assert roles_of(cast.desk) == {Role.DESK, Role.QA} and "Nothing waits for your word" in director.text
    assert "戴琳" in admin.get(f"/admin/accounts/{account.id}").text  # in the history of roles


def test_who_asked_cannot_accept_and_a_refusal_does_nothing(admin, director, cast):
    account = an_account(cast.desk)
    admin.get(f"/admin/accounts/{account.id}").fill("Grant", role="admin")
    asked = AccountRequest.get()
    admin.post(f"/admin/approvals/{asked.id}", {"do": "accept"})
    assert "somebody else must decide it" in " ".join(admin.errors)
    director.get("/admin/approvals/").fill("Refuse")
    assert roles_of(cast.desk) == {Role.DESK} and AccountRequest.get().accepted is False


def test_the_link_is_mailed_and_the_administrator_never_sees_it(app, admin, director, cast, server):
    account = an_account(cast.qa)
    admin.get(f"/admin/accounts/{account.id}").fill("Send the link")
    assert "This takes a second person" in admin.text and not server.mails
    director.get("/admin/approvals/").fill("Accept")
    (mail,) = send_due_mails(app.config["CSAT"])
    assert mail.to == cast.qa.email and re.search(r"/welcome/[\w-]{43}", mail.text)
    admin.get(f"/admin/accounts/{account.id}")
    assert "/welcome/" not in admin.html and "/welcome/" not in director.html


def test_without_mail_the_link_is_displayed_and_person_and_director_see_so(admin, director, cast):
    account = an_account(cast.desk, password_hash="old")
    admin.get(f"/admin/accounts/{account.id}").fill("Display the link")
    link = re.search(r"http://localhost(/welcome/[\w-]+)", admin.html)[1]
    director.get("/").follow("My account 1")
    assert "was displayed to 安敏" in director.text
    director.fill("I know of it")
    assert "I know of it" not in director.text and "was displayed to 安敏" in director.text
    person = Page(admin.app, "en").get(f"{link}?lang=en")
    assert "this link was displayed to 安敏" in person.text
    assert Account.get_by_id(account.id).password_hash == "old"


def test_another_address_is_accepted_by_its_owner(admin, cast):
    account = an_account(cast.desk)
    sessions.begin_session(account, NOW)
    admin.get(f"/admin/people/{cast.desk.id}").fill("Save", email="new@provider.example", telephone="13800000000")
    assert "Saved, but for the e-mail address" in admin.text and "new@provider.example waits" in admin.text
    changed = Person.get_by_id(cast.desk.id)
    assert (changed.email, changed.telephone) == (cast.desk.email, "13800000000")
    owner = Page(admin.app, "en").sign_in_as(cast.desk).get("/account")
    owner.fill("Yes, it is mine")
    assert Person.get_by_id(cast.desk.id).email == "new@provider.example"
    assert not requests.list_open(cast.desk, NOW)


def test_somebody_is_signed_out_everywhere_and_a_request_is_withdrawn(admin, director, cast):
    account = an_account(cast.desk)
    other = Page(admin.app, "en").sign_in_as(cast.desk)
    admin.get(f"/admin/accounts/{account.id}").fill("Sign out everywhere", role=None)
    assert other.get("/account").heading == "Sign in"
    admin.get(f"/admin/accounts/{account.id}").fill("Grant", role="qa")
    admin.fill("Withdraw the request")
    assert "Nothing waits for your word" in director.get("/admin/approvals/").text


def test_roles_are_confirmed_by_ticks(admin, cast, zone, counted_rail):
    account = an_account(cast.qa)
    with clock.freeze_at(NOW + timedelta(days=30)):
        admin.sign_in_as(cast.admin).get("/").follow("Confirm roles 1")
        assert "Never yet" in admin.text and "Quality control group" in admin.text
        admin.fill("Confirm the ticked ones")
        assert admin.errors == ["Please tick at least one account."]
        admin.fill("Confirm the ticked ones", account=str(account.id))
        assert "The roles of 1 account are confirmed." in admin.text and "All is confirmed" in admin.text
    assert RoleConfirmation.get().confirmed_by == cast.admin
