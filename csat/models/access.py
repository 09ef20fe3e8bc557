"""Who may come in: accounts, roles, sessions, one-time welcome links, failed attempts."""

from __future__ import annotations

from peewee import CharField, DateField, ForeignKeyField, IntegerField, TextField

from csat.models.base import CodeField, InstantField, Table
from csat.models.people import Person
from csat.models.roles import Role


class Account(Table):
    """What a person signs in with. `user_name` is kept in its normal form (casefolded)."""

    person = ForeignKeyField(Person, unique=True, backref="accounts")
    user_name = CharField(max_length=80, unique=True)
    password_hash = TextField(null=True)  # none until a welcome link sets one
    locale = CharField(max_length=2, default="zh")
    made_at = InstantField()
    last_sign_in_at = InstantField(null=True)
    closed_at = InstantField(null=True)

    person_id: int


class RoleGrant(Table):
    """A person holds a role from one instant to another; ended grants stay as history (I4)."""

    person = ForeignKeyField(Person, backref="grants")
    role = CodeField(Role)
    granted_by = ForeignKeyField(Person, null=True, backref="grants_made")
    granted_at = InstantField()
    ended_at = InstantField(null=True)


class Session(Table):
    """A sign-in that lasts: gone at sign-out and at every change of password or role (D4)."""

    token_hash = CharField(max_length=64, unique=True)  # who reads the store cannot sign in with it
    account = ForeignKeyField(Account, backref="sessions")
    made_at = InstantField()
    seen_at = InstantField()


class WelcomeLink(Table):
    """A one-time link with which a person sets the password of an account."""

    token_hash = CharField(max_length=64, unique=True)
    account = ForeignKeyField(Account, backref="welcome_links")
    expires_at = InstantField()
    used_at = InstantField(null=True)


class ApiKey(Table):
    """What a ticket system sends its incidents with. Its source is the key's; the key itself is not kept."""

    name = CharField(max_length=60, unique=True)
    source = CharField(max_length=60)
    key_hash = CharField(max_length=64, unique=True)
    made_by = ForeignKeyField(Person, null=True, backref="api_keys_made")
    made_at = InstantField()
    last_used_on = DateField(null=True)
    spent_until = InstantField(null=True)  # the messages of the last minute, as time still to pass
    revoked_by = ForeignKeyField(Person, null=True, backref="api_keys_revoked")
    revoked_at = InstantField(null=True)


class Throttle(Table):
    """Failed tries at one door by one key (a user name or an address, hashed)."""

    key = CharField(max_length=64, unique=True)
    failures = IntegerField(default=0)
    last_at = InstantField()
