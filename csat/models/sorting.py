"""The service desk's first look at what came back, for QA to read beside the answers (P6)."""

from __future__ import annotations

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from csat.models.answers import Response
from csat.models.base import InstantField, Table
from csat.models.feedback import IssueType
from csat.models.people import Person


class Sorting(Table):
    """What the desk made of one named response: a type, or none where there is no problem, and a line."""

    response = ForeignKeyField(Response, unique=True, backref="sortings")
    issue_type = ForeignKeyField(IssueType, null=True)
    summary = CharField(max_length=200)
    by = ForeignKeyField(Person)
    at = InstantField()

    response_id: int
    issue_type_id: int | None


class QuarterSummary(Table):
    """The desk's words to QA about a quarter. Each saving adds a row; the newest one counts."""

    quarter = IntegerField(index=True)
    text = TextField()
    by = ForeignKeyField(Person)
    at = InstantField()
