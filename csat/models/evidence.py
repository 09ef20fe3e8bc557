"""Evidence: files that show that something was done, measured or is in place."""

from __future__ import annotations

from peewee import CharField, ForeignKeyField, TextField

from csat.models.base import InstantField, Table
from csat.models.people import Person
from csat.models.work import StoredFile


class Evidence(Table):
    """A kept file about a record, named like 'action:12'. Taking it away is noted here; the row stays."""

    file = ForeignKeyField(StoredFile, unique=True, backref="evidence")
    about = CharField(max_length=60, index=True)
    words = CharField(max_length=200, default="")
    by = ForeignKeyField(Person, backref="evidence")
    at = InstantField()
    withdrawn_by = ForeignKeyField(Person, null=True, backref="evidence_withdrawn")
    withdrawn_at = InstantField(null=True)
    withdrawn_because = TextField(default="")
    file_id: int
