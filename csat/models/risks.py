"""Service-quality risks (§10): what should be in place, who looks after it, and how they find it."""

from __future__ import annotations

from enum import StrEnum

from peewee import CharField, DateField, ForeignKeyField, IntegerField, TextField

from csat.models.base import CodeField, InstantField, LocalisedField, Table
from csat.models.feedback import RiskDomain
from csat.models.people import Department, Person


class PreventionPoint(Table):
    """A control in one of the eight domains."""

    domain = ForeignKeyField(RiskDomain, backref="points")
    code = CharField(max_length=40)
    position = IntegerField()
    text = LocalisedField()

    domain_id: int

    class Meta:
        indexes = ((("domain", "code"), True),)


class PointDuty(Table):
    """A department that assesses a point each quarter."""

    point = ForeignKeyField(PreventionPoint, backref="duties")
    department = ForeignKeyField(Department, backref="point_duties")

    point_id: int
    department_id: int

    class Meta:
        indexes = ((("point", "department"), True),)


class Standing(StrEnum):
    """How far a point is in place (K1)."""

    IN_PLACE = "in_place"
    PARTLY = "partly"
    MISSING = "missing"


class Assessment(Table):
    """What a department says of a point in a quarter, and QA's word on it. Rows are only added."""

    point = ForeignKeyField(PreventionPoint, backref="assessments")
    department = ForeignKeyField(Department, backref="assessments")
    quarter = IntegerField(index=True)
    standing = CodeField(Standing)
    evidence = TextField(default="")
    next_step = TextField(default="")
    due = DateField(null=True)
    by = ForeignKeyField(Person, backref="assessments")
    at = InstantField()
    reviewed_by = ForeignKeyField(Person, null=True, backref="assessments_reviewed")
    reviewed_at = InstantField(null=True)
    returned = TextField(default="")  # why QA returned it; '' and reviewed: accepted

    point_id: int
    department_id: int
    by_id: int
