"""What a hostile administrator tries, and what takes another person's word (D4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.access import Account, RoleGrant, WelcomeLink
from csat.models.outbox import MailKind, OutboxMessage, Why
from csat.models.oversight import AccountNotice, AccountRequest, NoticeKind, RequestKind
from csat.models.people import Person
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.procedure.core.refusals import NotPermitted, OutOfOrder
from csat.procedure.mail import outbox, sending_rules
from csat.procedure.oversight import requests
from csat.procedure.oversight.requests import REQUEST_LASTS, OwnRequest, RequestPending
from csat.procedure.people import accounts, factors, persons, second_person, sessions, welcome_links
from csat.procedure.people.permissions import roles_of
from csat.procedure.people.persons import AddressGuarded
from csat.procedure.people.second_person import SecondPersonMissing
from tests.builders import NOW, a_person, an_account
from tests.procedure.people.test_factors import set_up

POWERFUL = [Role.QA, Role.IMPROVEMENT, Role.DIRECTOR, Role.ADMIN]


def signs_in(person: Person) -> Account:
    """Somebody with an account who has come in."""
    account = Account.get_or_none(Account.person == person) or an_account(person, password_hash="a hash")
    sessions.begin_session(account, NOW)
    return account


@pytest.fixture
def house(cast):
    """The first set-up is over: administrators, director and QA have signed in."""
    for person in (cast.admin, cast.admin2, cast.director, cast.qa):
        signs_in(person)
    return cast


def accept(request: AccountRequest, by: Person, now=NOW, mails: bool = True) -> None:
    requests.accept_request(request.id, by, now, mails)


def told(reader: Person) -> list[NoticeKind]:
    return [one.kind for one in AccountNotice.select().where(AccountNotice.reader == reader).order_by(AccountNotice.id)]


@pytest.mark.parametrize("role", list(Role))
def test_powerful_roles_wait_for_a_second_person_and_others_do_not(house, role):
    signs_in(house.desk)
    puppet = a_person("新同事")
    asked = requests.grant_role(puppet, role, house.admin, NOW)
    assert (asked is not None) == (role in POWERFUL) == (role not in roles_of(puppet))
    if asked:
        accept(asked, house.director)
        assert role in roles_of(puppet) and RoleGrant.get(RoleGrant.person == puppet).second == house.director


def test_the_verb_itself_takes_no_role_without_a_second_person(house):
    puppet = a_person("新同事")
    for second in (None, house.admin, puppet, house.qa, house.desk):
        with pytest.raises(SecondPersonMissing):
            accounts.grant_role(puppet, Role.QA, house.admin, NOW, second)
    accounts.grant_role(puppet, Role.QA, house.admin, NOW, house.admin2)


def test_nobody_is_their_own_second_person(house):
    asked = requests.grant_role(house.desk, Role.ADMIN, house.admin, NOW)
    with pytest.raises(OwnRequest):
        accept(asked, house.admin)
    with pytest.raises(NotPermitted):
        accept(asked, house.qa)
    about_director = requests.grant_role(house.director, Role.QA, house.admin, NOW)
    with pytest.raises(OwnRequest):
        accept(about_director, house.director)
    assert requests.list_decidable(house.director, NOW) == [asked]
    assert requests.count_decidable(house.admin2, NOW) == 2 and requests.count_decidable(house.qa, NOW) == 0


def test_the_time_before_there_was_a_second_person_does_not_come_back(house):
    """Who closes the accounts of all others is not at the first set-up again."""
    for other in (house.admin2, house.director):
        for role in roles_of(other):
            accounts.withdraw_role(other, role, house.admin, NOW)
        accounts.close_account(accounts.find_account(other), house.admin, NOW)
    asked = requests.grant_role(a_person("自己人"), Role.QA, house.admin, NOW)
    assert asked is not None and requests.count_decidable(house.admin2, NOW) == 0


def test_the_first_set_up_needs_nobody_and_ends_when_another_one_signs_in(cast):
    signs_in(cast.admin)
    assert requests.grant_role(cast.desk, Role.QA, cast.admin, NOW) is None
    assert (cast.desk, Role.QA) in [(one.person, one.role) for one in requests.list_grants_without_second()]
    signs_in(cast.director)
    assert requests.grant_role(cast.desk, Role.IMPROVEMENT, cast.admin, NOW) is not None


def test_what_was_asked_lapses_is_asked_once_and_dies_with_the_askers_role(house):
    asked = requests.grant_role(house.desk, Role.QA, house.admin, NOW)
    with pytest.raises(RequestPending):
        requests.grant_role(house.desk, Role.QA, house.admin2, NOW)
    with pytest.raises(OutOfOrder):
        accept(asked, house.director, NOW + REQUEST_LASTS)
    accounts.withdraw_role(house.admin, Role.ADMIN, house.admin2, NOW)
    with pytest.raises(OutOfOrder):
        accept(asked, house.director)
    assert AccountRequest.get().accepted is None  # all of it was taken back
    requests.refuse_request(asked.id, house.director, NOW)
    with pytest.raises(OutOfOrder):
        accept(asked, house.admin2)
    assert roles_of(house.desk) == {Role.DESK}


def test_the_first_link_of_a_powerful_account_waits_and_goes_to_the_address_that_was_seen(house):
    account = an_account(house.qa2)
    asked = requests.send_link(account, house.admin, NOW, mails=True)
    assert not OutboxMessage.select().exists() and not WelcomeLink.select().exists()
    accept(asked, house.director)
    message = OutboxMessage.get()
    assert message.kind == MailKind.PASSWORD and sending_rules.find_hold_reason(message, NOW) is None
    Person.update(email="evil@provider.example").where(Person.id == house.qa2.id).execute()
    assert sending_rules.find_hold_reason(OutboxMessage.get(), NOW) == Why.MOVED


def test_a_role_is_given_to_the_address_that_was_seen(house):
    puppet = a_person("新同事")
    asked = requests.grant_role(puppet, Role.QA, house.admin, NOW)
    requests.change_person(puppet, "新同事", "evil@provider.example", "", house.admin, NOW)
    with pytest.raises(OutOfOrder):
        accept(asked, house.director)
    assert not roles_of(puppet)


def test_a_forgotten_password_takes_no_second_person_but_goes_to_the_person_only(house):
    account = accounts.find_account(house.qa)
    assert requests.send_link(account, house.admin, NOW, mails=True) is None
    with pytest.raises(NotPermitted):
        requests.display_link(account, house.admin, NOW, mails=True)
    prepared = outbox.prepare_mail(OutboxMessage.get(), NOW)
    link = welcome_links.find_welcome_link(prepared.link_token, NOW)
    assert prepared.address == house.qa.email and link.made_by == house.admin and not link.displayed
    assert Account.get_by_id(account.id).password_hash == "a hash"  # holds until the link is used


def test_without_mail_each_link_of_a_powerful_account_takes_two_and_is_told(house):
    account = accounts.find_account(house.qa)
    asked = requests.send_link(account, house.admin, NOW, mails=False)
    with pytest.raises(SecondPersonMissing):
        requests.display_link(account, house.admin, NOW, mails=False)
    accept(asked, house.admin2, mails=False)
    assert requests.send_link(account, house.admin, NOW, mails=False) is None
    token = requests.display_link(account, house.admin, NOW, mails=False)
    assert welcome_links.find_welcome_link(token, NOW).displayed
    assert told(house.qa) == told(house.director) == [NoticeKind.LINK_DISPLAYED]
    with pytest.raises(SecondPersonMissing):  # the word was for one link
        requests.display_link(account, house.admin, NOW, mails=False)


def test_nobody_sends_links_to_an_address_of_their_own(house):
    """Of who has signed in, were it a mere desk agent, and were the account closed meanwhile."""
    desk = signs_in(house.desk)
    old = house.desk.email
    with pytest.raises(AddressGuarded):
        persons.change_person(house.desk, "苏岚", "evil@provider.example", "", house.admin, NOW)
    accounts.close_account(desk, house.admin, NOW)
    assert not requests.change_person(house.desk, "苏岚岚", "evil@provider.example", "", house.admin, NOW)
    kept = Person.get_by_id(house.desk.id)
    assert (kept.name, kept.email) == ("苏岚岚", old) and told(house.desk) == [NoticeKind.ADDRESS_ASKED]
    asked = AccountRequest.get(AccountRequest.kind == RequestKind.ADDRESS)
    with pytest.raises(OwnRequest):
        accept(asked, house.admin)
    accept(asked, house.desk)  # it is theirs
    assert Person.get_by_id(house.desk.id).email == "evil@provider.example"
    assert told(house.desk)[-1] == NoticeKind.ADDRESS_CHANGED


def test_a_new_address_kills_the_links_on_their_way_to_the_old_one(house):
    fresh = an_account(house.engineer)
    token = welcome_links.make_welcome_link(fresh, house.admin, NOW, displayed=False)
    assert requests.change_person(house.engineer, "高工", "gao@provider.example", "", house.admin, NOW)
    with pytest.raises(welcome_links.WelcomeLinkExpired):
        welcome_links.find_welcome_link(token, NOW)


def test_an_account_opened_again_does_not_let_its_opener_in(house):
    """Closing and opening takes the password away; the first link then is a first one again."""
    account = accounts.find_account(house.qa)
    accounts.close_account(account, house.admin, NOW)
    again = accounts.open_account(house.qa, "qa.again", "zh", house.admin, NOW)
    assert requests.send_link(again, house.admin, NOW, mails=True) is not None


def test_a_second_factor_is_taken_away_by_two(house):
    account = accounts.find_account(house.qa)
    set_up(account)
    asked = requests.ask_to_remove_factor(account, house.admin, NOW)
    assert factors.find_factor(account) is not None
    accept(asked, house.director)
    assert factors.find_factor(account) is None and told(house.qa)[-1] == NoticeKind.FACTOR_REMOVED
    assert sessions.list_sessions(account, NOW) == []
    with pytest.raises(factors.NoFactor):
        requests.ask_to_remove_factor(account, house.admin, NOW)


def test_commands_need_nobody_and_each_word_is_on_record(house):
    assert not second_person.needs_second_person("command:root")
    asked = requests.grant_role(house.desk, Role.QA, house.admin, NOW)
    accept(asked, house.admin2)
    acts = [(one.actor, one.action) for one in AuditEntry.select().order_by(AuditEntry.id.desc()).limit(3)]
    assert acts == [
        (f"person:{house.admin.id}", "role granted"),
        (f"person:{house.admin2.id}", "second person accepted"),
        (f"person:{house.admin.id}", "second person asked"),
    ]
    requests.withdraw_request(
        requests.grant_role(house.desk, Role.ADMIN, house.admin, NOW).id, house.admin2, NOW + timedelta(days=1)
    )
    assert requests.count_decidable(house.director, NOW) == 0
