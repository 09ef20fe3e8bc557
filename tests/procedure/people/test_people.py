"""Persons, accounts, roles, welcome links and sessions: the rules beneath the pages."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat import database
from csat.models.access import Account, RoleGrant, Session, Throttle, WelcomeLink
from csat.models.people import Membership, Person
from csat.models.roles import Role
from csat.procedure.clients import clients
from csat.procedure.core.refusals import (
    LastAdministrator,
    NameTaken,
    PasswordWeak,
    SignInThrottled,
    SignInWrong,
    ValueMissing,
    WelcomeLinkExpired,
)
from csat.procedure.people import accounts, departments, persons, sessions, sign_in
from csat.procedure.people.accounts import AccountExists, PersonRetired, UserNameWrong
from csat.procedure.people.departments import AlreadyMember, DepartmentBusy, EndsBeforeStart
from csat.procedure.people.password_policy import refuse_weak_password
from csat.procedure.people.permissions import has_permission, roles_of
from csat.procedure.people.persons import ClientsStillInCare
from csat.procedure.people.sign_in import SignInAttempt
from tests.builders import NOW, a_client, a_department, a_person, an_account
from tests.cast import a_cast

BY = "command:test"
TODAY = date(2026, 9, 14)


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


PASSWORDS = PlainPasswords()
GOOD = "wide river under stone"


def an_account_with_password(*roles: Role) -> Account:
    account = an_account(a_person("李工", *roles))
    account.password_hash = PASSWORDS.hashed(GOOD)
    account.save()
    return account


def come_in(account: Account, password: str = GOOD, address: str = "10.0.0.1", now=NOW, device: str = ""):
    return sign_in.sign_in(SignInAttempt(account.user_name, address, device), password, PASSWORDS, now)


def fail(account: Account, times: int, address: str = "10.0.0.1", now=NOW) -> None:
    for _ in range(times):
        with pytest.raises(SignInWrong):
            come_in(account, "a guess among many", address, now)


# --- persons and departments -------------------------------------------------------------------------


def test_a_person_needs_a_name(db):
    with pytest.raises(ValueMissing):
        persons.add_person("  ", "", "", BY, NOW)


def test_a_person_joins_a_department_from_a_day_on(db):
    network = departments.add_department("网络部", "Networks", BY, NOW)
    person = persons.add_person("李工", "li@provider.example", "", BY, NOW, network, TODAY)
    assert [row.since for row in departments.list_members(network)] == [TODAY]
    with pytest.raises(AlreadyMember):
        departments.join_department(person, network, TODAY + timedelta(days=3), BY, NOW)


def test_a_membership_ends_on_a_day_and_is_remembered(db):
    network, person = a_department(), a_person()
    membership = departments.join_department(person, network, TODAY, BY, NOW)
    with pytest.raises(EndsBeforeStart):
        departments.end_membership(membership, TODAY - timedelta(days=1), BY, NOW)
    departments.end_membership(membership, TODAY + timedelta(days=5), BY, NOW)
    assert departments.list_members(network)[0].until == TODAY + timedelta(days=5)


def test_two_departments_never_share_a_name(db):
    departments.add_department("网络部", "", BY, NOW)
    with pytest.raises(NameTaken):
        departments.add_department(" 网络部 ", "", BY, NOW)


def test_a_department_with_open_feedback_is_not_retired(db):
    from csat.models.feedback import Feedback, FeedbackOrigin, IssueType, Severity

    network = a_department()
    Feedback.create(
        title="慢",
        origin=FeedbackOrigin.MEETING,
        quarter=20263,
        department=network,
        issue_type=IssueType.select().first(),
        severity=Severity.MINOR,
        created_by=a_person(),
        created_at=NOW,
        call_back_due_at=NOW,
        close_due_at=NOW,
    )
    with pytest.raises(DepartmentBusy):
        departments.retire_department(network, BY, NOW)


def test_who_leaves_loses_account_roles_and_memberships_at_once(engine_db):
    network = a_department()
    person = a_person("李工", Role.QA, department=network)
    account = an_account(person)
    sessions.begin_session(account, NOW)
    persons.retire_person(person, TODAY, BY, NOW)
    assert not roles_of(person) and not Session.select().exists()
    assert accounts.find_account_by_user_name(account.user_name) is None
    assert Membership.get().until == TODAY
    assert list(persons.search_persons()) == [] and list(persons.search_persons(retired=True)) == [person]
    with pytest.raises(PersonRetired):
        accounts.grant_role(Person.get_by_id(person.id), Role.QA, BY, NOW)


def test_who_still_cares_for_clients_does_not_leave_unnoticed(db):
    manager = a_person("程远", Role.MANAGER)
    client = a_client(manager=manager)
    with pytest.raises(ClientsStillInCare):
        persons.retire_person(manager, TODAY, BY, NOW)
    clients.put_in_care(client, a_person("新经理"), TODAY, BY, NOW)
    persons.retire_person(manager, TODAY, BY, NOW)


# --- accounts and roles ------------------------------------------------------------------------------


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
    sessions.set_password(account, PASSWORDS.hashed(GOOD), NOW)
    accounts.close_account(account, BY, NOW)
    again = accounts.open_account(person, "li", "en", BY, NOW)
    assert again.id == account.id and Account.get_by_id(again.id).password_hash is None


def test_a_role_given_twice_is_one_role_and_a_withdrawn_one_stays_as_history(db):
    cast = a_cast()
    accounts.grant_role(cast.desk, Role.QA, cast.admin, NOW)
    accounts.grant_role(cast.desk, Role.QA, cast.admin, NOW)
    assert RoleGrant.select().where(RoleGrant.person == cast.desk, RoleGrant.role == Role.QA).count() == 1
    accounts.withdraw_role(cast.desk, Role.QA, cast.admin, NOW)
    assert not has_permission(cast.desk, "review") and len(accounts.list_role_grants(cast.desk)) == 2


def test_every_change_of_roles_ends_the_sessions(db):
    cast = a_cast()
    account = an_account(cast.desk)
    for change in (accounts.grant_role, accounts.withdraw_role):
        sessions.begin_session(account, NOW)
        change(cast.desk, Role.QA, cast.admin, NOW)
        assert not Session.select().exists()


def test_the_last_administrator_stays(db):
    cast = a_cast()
    for person in (cast.admin, cast.admin2):
        an_account(person)
    accounts.withdraw_role(cast.admin2, Role.ADMIN, cast.admin, NOW)
    for attempt in (
        lambda: accounts.withdraw_role(cast.admin, Role.ADMIN, BY, NOW),
        lambda: accounts.close_account(accounts.find_account(cast.admin), BY, NOW),
        lambda: persons.retire_person(cast.admin, TODAY, BY, NOW),
    ):
        with pytest.raises(LastAdministrator):
            attempt()
    assert accounts.find_account(cast.admin).closed_at is None


# --- welcome links -----------------------------------------------------------------------------------


def test_a_newer_welcome_link_kills_the_older_ones(engine_db):
    account = an_account(a_person())
    first = sessions.make_welcome_link(account, BY, NOW)
    second = sessions.make_welcome_link(account, BY, NOW)
    with pytest.raises(WelcomeLinkExpired):
        sessions.get_welcomed_account(first, NOW)
    assert sessions.get_welcomed_account(second, NOW) == account
    assert WelcomeLink.select().where(WelcomeLink.token_hash == second).count() == 0


def test_of_two_people_with_one_welcome_link_one_comes_in(config, db):
    account = an_account(a_person())
    token = sessions.make_welcome_link(account, BY, NOW)
    outcomes, start = [], threading.Barrier(2)

    def use(number: int) -> None:
        start.wait()
        try:
            sessions.use_welcome_link(token, f"hash {number}", NOW)
            outcomes.append("in")
        except WelcomeLinkExpired:
            outcomes.append("dead")
        finally:
            database.close_store()

    threads = [threading.Thread(target=use, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["dead", "in"]


def test_a_new_password_kills_links_and_sessions(db):
    account = an_account_with_password()
    token = sessions.make_welcome_link(account, BY, NOW)
    sessions.begin_session(account, NOW)
    sign_in.change_password(account, GOOD, "a lamp beside the sea", PASSWORDS, NOW)
    assert Session.select().count() == 1
    with pytest.raises(WelcomeLinkExpired):
        sessions.get_welcomed_account(token, NOW)


# --- throttling --------------------------------------------------------------------------------------


def test_the_wait_grows_with_the_failures_and_has_an_end(db):
    minutes = [sign_in.compute_lockout("name", failures) // timedelta(minutes=1) for failures in range(4, 12)]
    assert minutes == [0, 1, 2, 4, 8, 15, 15, 15]


def test_a_user_name_waits_wherever_the_guesses_come_from(engine_db):
    account = an_account_with_password()
    for number in range(5):
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


def test_one_address_that_tries_many_names_waits_and_others_do_not(db):
    account = an_account_with_password()
    for number in range(30):
        with pytest.raises(SignInWrong):
            sign_in.sign_in(SignInAttempt(f"name{number}", "10.6.6.6"), "guess", PASSWORDS, NOW)
    with pytest.raises(SignInThrottled):
        come_in(account, address="10.6.6.6")
    come_in(account, address="10.0.0.1")


def test_a_known_browser_gets_in_however_much_a_stranger_guesses(db):
    account = an_account_with_password()
    for hour in range(48):
        for _ in range(9):
            with pytest.raises((SignInWrong, SignInThrottled)):
                come_in(account, "guess", now=NOW + timedelta(hours=hour))
    with pytest.raises(SignInThrottled):
        come_in(account, now=NOW + timedelta(hours=47))
    come_in(account, now=NOW + timedelta(hours=47), device="known")


def test_a_right_password_clears_a_name_but_not_the_guesses_from_its_address(db):
    mine, other = an_account_with_password(), "somebody"
    for number in range(29):
        with pytest.raises(SignInWrong):
            sign_in.sign_in(SignInAttempt(f"{other}{number}", "10.6.6.6"), "guess", PASSWORDS, NOW)
    fail(mine, 3, "10.0.0.1")
    come_in(mine)
    fail(mine, 4, "10.0.0.1")
    come_in(mine, address="10.6.6.6")
    with pytest.raises(SignInWrong):
        sign_in.sign_in(SignInAttempt("yet another", "10.6.6.6"), "guess", PASSWORDS, NOW)
    with pytest.raises(SignInThrottled):
        sign_in.sign_in(SignInAttempt("and one more", "10.6.6.6"), "guess", PASSWORDS, NOW)


def test_a_password_changed_while_the_old_one_is_checked_wins(db):
    account = an_account_with_password()

    class Slow(PlainPasswords):
        def matches(self, known, password):
            sessions.set_password(account, "hash of something newer", NOW)
            return super().matches(known, password)

    with pytest.raises(SignInWrong):
        sign_in.sign_in(SignInAttempt(account.user_name, "10.0.0.1"), GOOD, Slow(), NOW)
    assert not Session.select().exists()


# --- passwords ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "wide river under stone",
        "天青色等烟雨而我在等你呀好吗",
        "xK9 f-- qpz !m w 0 t",
        "ein Fluss unter Stein",
    ],
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
