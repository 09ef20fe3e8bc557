"""Accounts and the roles they act in: given and withdrawn by another person, kept as history (D4, I4)."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from peewee import ModelSelect

from csat.database import write
from csat.models.access import Account, RoleGrant
from csat.models.oversight import NoticeKind
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.core import audit
from csat.procedure.core.refusals import InputWrong, LastAdministrator, NameTaken, Refusal
from csat.procedure.people import notices, permissions, second_person, separation_of_duties, sessions, welcome_links
from csat.words import N_

USER_NAME_PATTERN = re.compile(r"[\w.@+-]{2,80}")  # letters of any script; an e-mail address is one too


class UserNameWrong(InputWrong):
    sentence = N_("Please use 2 to 80 letters, digits or . _ - @ + without spaces.")


class AccountExists(Refusal):
    sentence = N_("This person has an account already.")


class PersonRetired(Refusal):
    sentence = N_("This person is retired. Restore them first.")


def open_account(person: Person, user_name: str, locale: str, by: audit.Actor, now: datetime) -> Account:
    """Open an account without a password: a welcome link sets one. A closed account is opened again."""
    user_name = normalise_user_name(user_name)
    if not USER_NAME_PATTERN.fullmatch(user_name):
        raise UserNameWrong(field="user_name")
    with write():
        _refuse_retired(person)
        account = find_account(person)
        if account is not None and account.closed_at is None:
            raise AccountExists
        twin = Account.get_or_none(Account.user_name == user_name)
        if twin is not None and twin.person_id != person.id:
            raise NameTaken(field="user_name", name=user_name)
        account = account or Account(person=person)
        account.user_name, account.locale, account.made_at = user_name, locale, now
        account.password_hash = account.closed_at = None  # an old password opens nothing
        account.save()
        audit.record(by, "account opened", account, now, person=person.id, user_name=user_name)
    return account


def close_account(account: Account, by: audit.Actor, now: datetime) -> None:
    """Shut an account at once: sessions end, links die; raise LastAdministrator."""
    with write():
        if Role.ADMIN in permissions.roles_of(account.person):
            _refuse_last_administrator(account.person)
        Account.update(closed_at=now).where(Account.id == account.id).execute()
        sessions.end_sessions(account)
        welcome_links.kill_welcome_links(account, now)
        audit.record(by, "account closed", account, now)


def set_account_locale(account: Account, locale: str) -> None:
    """Remember the language that an account's pages speak."""
    with write():
        Account.update(locale=locale).where(Account.id == account.id).execute()


def find_account(person: Person) -> Account | None:
    """A person's account, open or closed."""
    return Account.get_or_none(Account.person == person)


def find_account_by_user_name(user_name: str) -> Account | None:
    """The open account with this user name."""
    query = Account.select(Account, Person).join(Person)
    return query.where(Account.user_name == normalise_user_name(user_name), Account.closed_at.is_null()).first()


def search_accounts(search: str = "", role: Role | None = None, closed: bool = False) -> ModelSelect[Account]:
    """A query of accounts with their persons, by user name or name, and by a role held now."""
    query = Account.select(Account, Person).join(Person).where(Account.closed_at.is_null(not closed))
    if search:
        query = query.where(Account.user_name.contains(search) | Person.name.contains(search))
    if role is not None:
        query = query.where(Account.person.in_(permissions.select_holders(role)))
    return query.order_by(Account.user_name)


def grant_role(person: Person, role: Role, by: audit.Actor, now: datetime, second: Person | None = None) -> None:
    """Give a person a role; their sessions end, so that they come back with it, and they are told (I4, D4).

    A powerful role takes the word of a second person, which the room `oversight` asks for.
    """
    giver = by if isinstance(by, Person) else None  # a command is nobody, and may
    separation_of_duties.ensure_may_grant(giver, person)
    with write():
        _refuse_retired(person)
        if role in permissions.roles_of(person):
            return
        if role in second_person.POWERFUL_ROLES:
            second_person.ensure_second_person(by, second, person)
        RoleGrant.create(person=person, role=role, granted_by=giver, granted_at=now, second=second)
        _end_sessions_of(person)
        audit.record(by, "role granted", person, now, role=role.value, second=second.id if second else None)
        _tell_of_role(person, NoticeKind.ROLE_GRANTED, role, by, now)


def withdraw_role(person: Person, role: Role, by: audit.Actor, now: datetime) -> None:
    """Take a role away at once; the grant stays as history. Raise NoSelfGrant or LastAdministrator."""
    separation_of_duties.ensure_may_grant(by if isinstance(by, Person) else None, person)
    with write():
        if role is Role.ADMIN:
            _refuse_last_administrator(person)
        held = (RoleGrant.person == person) & (RoleGrant.role == role) & RoleGrant.ended_at.is_null()
        if RoleGrant.update(ended_at=now).where(held).execute():
            _end_sessions_of(person)
            audit.record(by, "role withdrawn", person, now, role=role.value)
            _tell_of_role(person, NoticeKind.ROLE_WITHDRAWN, role, by, now)


def list_role_grants(person: Person) -> list[RoleGrant]:
    """Every role a person holds or held, the latest first."""
    return list(RoleGrant.select().where(RoleGrant.person == person).order_by(RoleGrant.granted_at.desc()))


def list_administrators() -> list[Account]:
    """The open accounts that hold the administrator's role."""
    return list(search_accounts(role=Role.ADMIN))


def normalise_user_name(user_name: str) -> str:
    """A user name in the form it is kept: one spelling for what looks or sounds the same."""
    return unicodedata.normalize("NFKC", user_name).strip().casefold()


def _end_sessions_of(person: Person) -> None:
    account = find_account(person)
    if account is not None:
        sessions.end_sessions(account)


def _tell_of_role(person: Person, kind: NoticeKind, role: Role, by: audit.Actor, now: datetime) -> None:
    if find_account(person) is not None:
        notices.tell_readers([person], person, kind, by, now, role)


def _refuse_last_administrator(person: Person) -> None:
    if all(account.person_id == person.id for account in list_administrators()):  # nobody could let anybody in
        raise LastAdministrator


def _refuse_retired(person: Person) -> None:
    if person.retired_at is not None:
        raise PersonRetired
