"""Nobody becomes somebody else (D4): what takes a second person's word, what people are told, roles confirmed."""

from __future__ import annotations

from enum import StrEnum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField

from csat.models.access import Account
from csat.models.base import CodeField, InstantField, Table
from csat.models.people import Person
from csat.models.roles import Role


class RequestKind(StrEnum):
    ROLE = "role"  # a powerful role
    LINK = "link"  # a link that sets the password of a powerful account
    ADDRESS = "address"  # another e-mail address of somebody who has signed in
    FACTOR = "factor"  # the second factor taken away


class AccountRequest(Table):
    """An administrator asks for something that takes a second person's word; rows stay as history."""

    kind = CodeField(RequestKind)
    person = ForeignKeyField(Person, backref="account_requests")  # whom it concerns
    role = CodeField(Role, null=True)
    email = CharField(max_length=200, default="")  # the new address; of roles and links, the person's as asked
    asked_by = ForeignKeyField(Person, backref="account_requests_made")
    asked_at = InstantField()
    decided_by = ForeignKeyField(Person, null=True, backref="account_requests_decided")
    decided_at = InstantField(null=True)
    accepted = BooleanField(null=True)
    used_at = InstantField(null=True)  # of an accepted link that is displayed: when it was

    person_id: int
    asked_by_id: int


class NoticeKind(StrEnum):
    """What happens to an account, and its owner is told. The sentences stand in csat/terms.py."""

    ROLE_GRANTED = "role_granted"
    ROLE_WITHDRAWN = "role_withdrawn"
    LINK_DISPLAYED = "link_displayed"
    PASSWORD_SET = "password_set"
    ADDRESS_ASKED = "address_asked"
    ADDRESS_CHANGED = "address_changed"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_USED = "recovery_used"
    CODES_WRONG = "codes_wrong"


class AccountNotice(Table):
    """Something that somebody is told about an account, their own or (the director) another's: by mail and here."""

    reader = ForeignKeyField(Person, backref="account_notices")
    person = ForeignKeyField(Person, backref="+")  # whose account it is
    kind = CodeField(NoticeKind)
    role = CodeField(Role, null=True)
    by = ForeignKeyField(Person, null=True, backref="+")  # none: a command, or nobody known
    at = InstantField()
    mailed_at = InstantField(null=True)
    read_at = InstantField(null=True)

    reader_id: int
    person_id: int
    by_id: int | None


class RoleConfirmation(Table):
    """The roles of an account were looked at in a quarter, and stay (D4)."""

    account = ForeignKeyField(Account, backref="role_confirmations")
    quarter = IntegerField()
    roles = CharField(max_length=120)  # as they were then
    confirmed_by = ForeignKeyField(Person, backref="+")
    confirmed_at = InstantField()

    class Meta:
        indexes = ((("account", "quarter"), True),)
