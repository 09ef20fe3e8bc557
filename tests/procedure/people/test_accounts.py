"""Accounts and roles: one account a person, names that look alike, the last administrator."""

from __future__ import annotations

import pytest

from csat.models.access import Account, RoleGrant, Session
from csat.models.roles import Role
from csat.procedure.core.refusals import LastAdministrator, NameTaken
from csat.procedure.people import accounts, persons, sessions, welcome_links
from csat.procedure.people.accounts import AccountExists, UserNameWrong
from csat.procedure.people.permissions import has_permission
from tests.builders import NOW, a_person, an_account
from tests.procedure.people.sign_ins import GOOD, PASSWORDS

BY = "command:test"


@pytest.mark.parametrize("name", ["", "x", "two words", "a/b", "x" * 81, "<script>"])
def test_a_user_name_is_plain(db, name):
    with pytest.raises(UserNameWrong):
        accounts.open_account(a_person(), name, "zh", BY, NOW)


@pytest.mark.parametrize("twin", ["Li.Gong", "LI.GONG", "ｌｉ.ｇｏｎｇ"])
def test_user_names_that_look_alike_are_the_same(db, twin):
    accounts.open_account(a_person(), "li.gong", "zh", BY, NOW)
    with pytest.raises(NameTaken):
        accounts.open_account(a_person("别人"), twin, "zh", BY, NOW)
    assert accounts.find_account_by_user_name(twin).user_name == "li.gong"


def test_a_person_has_one_account_which_can_be_opened_again(db):
    person = a_person()
    account = accounts.open_account(person, "li", "zh", BY, NOW)
    with pytest.raises(AccountExists):
        accounts.open_account(person, "li2", "zh", BY, NOW)
    welcome_links.set_password(account, PASSWORDS.hashed(GOOD), NOW)
    accounts.close_account(account, BY, NOW)
    again = accounts.open_account(person, "li", "en", BY, NOW)
    assert again.id == account.id and Account.get_by_id(again.id).password_hash is None


def test_a_role_given_twice_is_one_role_and_a_withdrawn_one_stays_as_history(cast):
    accounts.grant_role(cast.desk, Role.QA, cast.admin, NOW)
    accounts.grant_role(cast.desk, Role.QA, cast.admin, NOW)
    assert RoleGrant.select().where(RoleGrant.person == cast.desk, RoleGrant.role == Role.QA).count() == 1
    accounts.withdraw_role(cast.desk, Role.QA, cast.admin, NOW)
    assert not has_permission(cast.desk, "review") and len(accounts.list_role_grants(cast.desk)) == 2


def test_every_change_of_roles_ends_the_sessions(cast):
    account = an_account(cast.desk)
    for change in (accounts.grant_role, accounts.withdraw_role):
        sessions.begin_session(account, NOW)
        change(cast.desk, Role.QA, cast.admin, NOW)
        assert not Session.select().exists()


def test_the_last_administrator_stays(cast):
    for person in (cast.admin, cast.admin2):
        an_account(person)
    accounts.withdraw_role(cast.admin2, Role.ADMIN, cast.admin, NOW)
    for attempt in (
        lambda: accounts.withdraw_role(cast.admin, Role.ADMIN, BY, NOW),
        lambda: accounts.close_account(accounts.find_account(cast.admin), BY, NOW),
        lambda: persons.retire_person(cast.admin, NOW.date(), BY, NOW),
    ):
        with pytest.raises(LastAdministrator):
            attempt()
    assert accounts.find_account(cast.admin).closed_at is None
