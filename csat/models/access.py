"""Who may come in: accounts, roles, sessions, second factors, one-time welcome links, failed attempts."""

from __future__ import annotations

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, TextField

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
    previous_sign_in_at = InstantField(null=True)  # the one before, which its owner compares with memory
    closed_at = InstantField(null=True)

    person_id: int


class RoleGrant(Table):
    """A person holds a role from one instant to another; ended grants stay as history (I4)."""

    person = ForeignKeyField(Person, backref="grants")
    role = CodeField(Role)
    granted_by = ForeignKeyField(Person, null=True, backref="grants_made")
    granted_at = InstantField()
    second = ForeignKeyField(Person, null=True, backref="grants_seconded")  # whose word a powerful role took (D4)
    ended_at = InstantField(null=True)

    person_id: int
    granted_by_id: int | None
    second_id: int | None


class Session(Table):
    """A sign-in that lasts: gone at sign-out and at every change of password or role (D4)."""

    token_hash = CharField(max_length=64, unique=True)  # who reads the store cannot sign in with it
    account = ForeignKeyField(Account, backref="sessions")
    made_at = InstantField()
    seen_at = InstantField()
    proved_at = InstantField()  # when password or code was last typed: dangerous acts ask again after a while
    address = CharField(max_length=60, default="")
    browser = CharField(max_length=60, default="")  # in short words, for its owner to know it by

    account_id: int


class SecondFactor(Table):
    """What a telephone computes its codes from, encrypted; none counts before a first code was right."""

    account = ForeignKeyField(Account, unique=True, backref="factors")
    sealed = TextField(default="")
    waiting = TextField(default="")  # another secret, until its first code was right
    confirmed_at = InstantField(null=True)
    last_step = IntegerField(default=0)  # of the last code taken, so that none is taken twice


class RecoveryCode(Table):
    """A code that stands in for the telephone, once."""

    account = ForeignKeyField(Account, backref="recovery_codes")
    code_hash = CharField(max_length=64)
    used_at = InstantField(null=True)


class WelcomeLink(Table):
    """A one-time link with which a person sets the password of an account."""

    token_hash = CharField(max_length=64, unique=True)
    account = ForeignKeyField(Account, backref="welcome_links")
    expires_at = InstantField()
    used_at = InstantField(null=True)
    made_by = ForeignKeyField(Person, null=True, backref="welcome_links_made")
    displayed = BooleanField(default=False)  # to who made it, since no mail server is set up


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
