"""The staff: persons, and the departments they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peewee import CharField, DateField, ForeignKeyField, ModelSelect

from csat.models.base import InstantField, Table

if TYPE_CHECKING:
    from csat.models.access import Account


class Person(Table):
    """Anyone on the staff, with or without an account (engineers of imported incidents have none)."""

    name = CharField(max_length=120)
    email = CharField(max_length=200, default="")
    telephone = CharField(max_length=40, default="")
    retired_at = InstantField(null=True)

    accounts: ModelSelect[Account]


class Department(Table):
    """A department: owns feedback, commitments and prevention points."""

    name = CharField(max_length=120, unique=True)
    name_en = CharField(max_length=120, default="")
    head = ForeignKeyField(Person, null=True, backref="headed")
    retired_at = InstantField(null=True)

    head_id: int | None


class Membership(Table):
    """A person belongs to a department from a day until a day (that day excluded)."""

    person = ForeignKeyField(Person, backref="memberships")
    department = ForeignKeyField(Department, backref="memberships")
    since = DateField()
    until = DateField(null=True)

    person_id: int
    department_id: int
