"""Persons, their accounts and roles, and the sessions by which we know them (D4)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from peewee import ModelSelect

from csat.database import write
from csat.models.access import Account, RoleGrant, Session, WelcomeLink
from csat.models.clients import ClientCare
from csat.models.people import Department, Membership, Person
from csat.models.roles import Role
from csat.procedure.core import audit, contact_details, tokens
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.refusals import (
    InputWrong,
    LastAdministrator,
    LinkUnknown,
    NameTaken,
    NotFound,
    Refusal,
    WelcomeLinkExpired,
)
from csat.procedure.people import permissions, separation_of_duties
from csat.procedure.people.departments import add_department, join_department
from csat.words import N_

__all__ = ["add_department", "add_person", "grant_role", "open_account", "find_session", "withdraw_role"]

SESSION_IDLE = timedelta(hours=12)
SESSION_LASTS = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)  # how exactly 'last seen' is kept: each note of it is a write
WELCOME_LASTS = timedelta(days=3)
USER_NAME_PATTERN = re.compile(r"[\w.@+-]{2,80}")


class UserNameWrong(InputWrong):
    sentence = N_("Please use 2 to 80 letters, digits or . _ - @ + without spaces.")


class AccountExists(Refusal):
    sentence = N_("This person has an account already.")


class PersonRetired(Refusal):
    sentence = N_("This person is retired. Restore them first.")


class ClientsStillInCare(Refusal):
    sentence = N_("Clients are still in this person's care. Hand them over first.")


# --- persons -----------------------------------------------------------------------------------------


def add_person(
    name: str,
    email: str,
    telephone: str,
    by: audit.Actor,
    now: datetime,
    department: Department | None = None,
    since: date | None = None,
) -> Person:
    """Add somebody of the staff, with or without a department they belong to."""
    with write():
        person = Person.create(
            name=need_text(name, "name"),
            email=contact_details.parse_email(email),
            telephone=contact_details.parse_telephone(telephone),
        )
        audit.record(by, "person added", person, now, name=person.name)
        if department is not None:
            join_department(person, department, since or now.date(), by, now)
    return person


def change_person(
    person: Person, name: str, email: str, telephone: str, by: audit.Actor, now: datetime
) -> None:
    """Change a person's name and how to reach them; the history keeps which fields, not the old addresses."""
    with write():
        values = {"name": need_text(name, "name"), "email": contact_details.parse_email(email)}
        values["telephone"] = contact_details.parse_telephone(telephone)
        changed = audit.list_changes(person, **values)
        if changed:
            Person.update(values).where(Person.id == person.id).execute()
            audit.record(by, "person changed", person, now, fields=sorted(changed))


def retire_person(person: Person, day: date, by: audit.Actor, now: datetime) -> None:
    """Somebody leaves: account closed, roles withdrawn, memberships ended; raise StillInCare."""
    cared_for = (ClientCare.person == person) & (ClientCare.until.is_null() | (ClientCare.until > day))
    with write():
        if ClientCare.select().where(cared_for).exists():
            raise ClientsStillInCare
        account = find_account(person)
        if account is not None and account.closed_at is None:
            close_account(account, by, now)
        for role in sorted(permissions.roles_of(person)):
            withdraw_role(person, role, by, now)
        here = (Membership.person == person) & Membership.until.is_null()
        Membership.update(until=day).where(here & (Membership.since <= day)).execute()
        Person.update(retired_at=now).where(Person.id == person.id).execute()
        audit.record(by, "person retired", person, now)


def restore_person(person: Person, by: audit.Actor, now: datetime) -> None:
    """Somebody comes back: without roles, and without an account until one is opened again."""
    with write():
        Person.update(retired_at=None).where(Person.id == person.id).execute()
        audit.record(by, "person restored", person, now)


def get_person(key: int) -> Person:
    """The person with this key; raise NotFound."""
    return get_or_refuse(Person, key)


def search_persons(
    search: str = "", department: Department | None = None, retired: bool = False
) -> ModelSelect[Person]:
    """A query of persons by name or e-mail and by the department they belong to, sorted by name."""
    query = Person.select().where(Person.retired_at.is_null(not retired)).order_by(Person.name, Person.id)
    if search:
        query = query.where(Person.name.contains(search) | Person.email.contains(search))
    if department is not None:
        here = (Membership.department == department) & Membership.until.is_null()
        query = query.where(Person.id.in_(Membership.select(Membership.person).where(here)))
    return query


# --- accounts ----------------------------------------------------------------------------------------


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
        account.password_hash = account.closed_at = None
        account.save()
        audit.record(by, "account opened", account, now, person=person.id, user_name=user_name)
    return account


def close_account(account: Account, by: audit.Actor, now: datetime) -> None:
    """Shut an account at once: sessions end, links die; raise LastAdministrator."""
    with write():
        if Role.ADMIN in permissions.roles_of(account.person):
            _refuse_last_administrator(account.person)
        Account.update(closed_at=now).where(Account.id == account.id).execute()
        end_sessions(account)
        _kill_welcome_links(account, now)
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
    return query.where(
        Account.user_name == normalise_user_name(user_name), Account.closed_at.is_null()
    ).first()


def get_account(key: int) -> Account:
    """The account with this key; raise NotFound."""
    return get_or_refuse(Account, key)


def search_accounts(search: str = "", role: Role | None = None, closed: bool = False) -> ModelSelect[Account]:
    """A query of accounts with their persons, by user name or name, and by a role held now."""
    query = Account.select(Account, Person).join(Person).where(Account.closed_at.is_null(not closed))
    if search:
        query = query.where(Account.user_name.contains(search) | Person.name.contains(search))
    if role is not None:
        held = RoleGrant.select(RoleGrant.person).where(RoleGrant.role == role, RoleGrant.ended_at.is_null())
        query = query.where(Account.person.in_(held))
    return query.order_by(Account.user_name)


# --- roles -------------------------------------------------------------------------------------------


def grant_role(person: Person, role: Role, by: audit.Actor, now: datetime) -> None:
    """Give a person a role; their sessions end, so that they come back with it (I4, D4)."""
    separation_of_duties.ensure_may_grant(by if isinstance(by, Person) else None, person)
    with write():
        _refuse_retired(person)
        if role in permissions.roles_of(person):
            return
        giver = by if isinstance(by, Person) else None
        RoleGrant.create(person=person, role=role, granted_by=giver, granted_at=now)
        _end_sessions_of(person)
        audit.record(by, "role granted", person, now, role=role.value)


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


def list_role_grants(person: Person) -> list[RoleGrant]:
    """Every role a person holds or held, the latest first."""
    return list(RoleGrant.select().where(RoleGrant.person == person).order_by(RoleGrant.granted_at.desc()))


def list_administrators() -> list[Account]:
    """The open accounts that hold the administrator's role."""
    return list(search_accounts(role=Role.ADMIN))


# --- passwords, welcome links and sessions -----------------------------------------------------------


def make_welcome_link(account: Account, by: audit.Actor, now: datetime) -> str:
    """The token of a one-time link that sets the password; older links of the account die."""
    token = tokens.make_token()
    with write():
        if account.closed_at is not None:
            raise NotFound
        _kill_welcome_links(account, now)
        WelcomeLink.create(
            token_hash=tokens.hash_token(token), account=account, expires_at=now + WELCOME_LASTS
        )
        audit.record(by, "welcome link made", account, now)
    return token


def get_welcomed_account(token: str, now: datetime) -> Account:
    """Whose password a link sets. Looking spends nothing; raise LinkUnknown or WelcomeLinkDead."""
    link = WelcomeLink.get_or_none(WelcomeLink.token_hash == tokens.hash_token(token))
    if link is None:
        raise LinkUnknown
    if link.used_at is not None or link.expires_at <= now or link.account.closed_at is not None:
        raise WelcomeLinkExpired
    return link.account


def use_welcome_link(token: str, password_hash: str, now: datetime) -> Account:
    """Set the password by a link and spend it; of two at the same moment one wins."""
    with write():
        account = get_welcomed_account(token, now)
        WelcomeLink.update(used_at=now).where(WelcomeLink.token_hash == tokens.hash_token(token)).execute()
        set_password(account, password_hash, now)
    return account


def set_password(account: Account, password_hash: str, now: datetime) -> None:
    """Put a new password in force: every session ends, and links that could set another one die."""
    with write():
        Account.update(password_hash=password_hash).where(Account.id == account.id).execute()
        account.password_hash = password_hash
        end_sessions(account)
        _kill_welcome_links(account, now)
        audit.record(account.person, "password set", account, now)


def find_session(token: str, now: datetime) -> Session | None:
    """The session a token belongs to, if it is alive; notes that it was seen."""
    query = Session.select(Session, Account, Person).join(Account).join(Person)
    session = query.where(
        Session.token_hash == tokens.hash_token(token),
        Session.seen_at > now - SESSION_IDLE,
        Session.made_at > now - SESSION_LASTS,
        Account.closed_at.is_null(),
    ).first()
    if session is not None and now - session.seen_at > SEEN_EVERY:
        with write():
            Session.update(seen_at=now).where(Session.id == session.id).execute()
    return session


def begin_session(account: Account, now: datetime) -> str:
    """Begin a session and return its token; dead sessions of anybody are swept."""
    token = tokens.make_token()
    with write():
        dead = (Session.seen_at <= now - SESSION_IDLE) | (Session.made_at <= now - SESSION_LASTS)
        Session.delete().where(dead).execute()
        Session.create(token_hash=tokens.hash_token(token), account=account, made_at=now, seen_at=now)
        Account.update(last_sign_in_at=now).where(Account.id == account.id).execute()
        audit.record(account.person, "signed in", account, now)
    return token


def sign_out(account: Account, now: datetime) -> None:
    """End every session of an account (D4)."""
    with write():
        end_sessions(account)
        audit.record(account.person, "signed out", account, now)


def end_sessions(account: Account) -> None:
    """Whoever is signed in with this account no longer is."""
    Session.delete().where(Session.account == account).execute()


def normalise_user_name(user_name: str) -> str:
    """A user name in the form it is kept: one spelling for what looks or sounds the same."""
    return unicodedata.normalize("NFKC", user_name).strip().casefold()


def _end_sessions_of(person: Person) -> None:
    account = find_account(person)
    if account is not None:
        end_sessions(account)


def _kill_welcome_links(account: Account, now: datetime) -> None:
    alive = WelcomeLink.used_at.is_null() & (WelcomeLink.expires_at > now)
    WelcomeLink.update(expires_at=now).where((WelcomeLink.account == account) & alive).execute()


def _refuse_last_administrator(person: Person) -> None:
    if all(account.person_id == person.id for account in list_administrators()):
        raise LastAdministrator


def _refuse_retired(person: Person) -> None:
    if person.retired_at is not None:
        raise PersonRetired
