"""The archive's bundles: which part of a quarter was exported when, and how each leads to the one before."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField

from csat.models.base import InstantField, Table
from csat.models.people import Person
from csat.models.work import StoredFile


class Bundle(Table):
    """One exported file. It is kept for some days only; its manifest's SHA-256 is kept for ever (P11).

    `after` and `until` bound its part: the keys of its responses, which say nothing (design, 'Keys').
    """

    quarter = IntegerField(index=True)
    part = IntegerField()
    parts = IntegerField()
    language = CharField(max_length=2)
    responses = IntegerField()
    after = BigIntegerField()
    until = BigIntegerField()
    manifest = CharField(max_length=64, unique=True)
    previous: ForeignKeyField[Bundle | None] = ForeignKeyField("self", null=True)  # none of the first
    made_by = ForeignKeyField(Person, null=True)
    made_at = InstantField()
    file = ForeignKeyField(StoredFile, null=True, on_delete="SET NULL")  # its place in the chain outlives its file

    previous_id: int | None
