"""The staff: persons, and the departments they belong to."""

from __future__ import annotations

from peewee import CharField, DateField, ForeignKeyField

from csat.models.base import InstantField, Table


class Person(Table):
    """Anyone on the staff, with or without an account (engineers of imported incidents have none)."""

    name = CharField(max_length=120)
    email = CharField(max_length=200, default="")
    telephone = CharField(max_length=40, default="")
    retired_at = InstantField(null=True)


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
    until = DateField(null=True)  # a membership that ended stays: who once belonged does not judge (I4)

    person_id: int
    department_id: int
