"""Work: jobs that a worker process does, files that are kept, and settings that people change."""

from __future__ import annotations

from enum import StrEnum

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, TextField

from csat.models.base import CodeField, InstantField, JsonField, Table
from csat.models.people import Person


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Table):
    """Long work, done by the worker: what, for whom, how far, and how it ended."""

    kind = CharField(max_length=40)
    arguments = JsonField()
    state = CodeField(JobState, default=JobState.WAITING, index=True)
    progress = IntegerField(default=0)
    total = IntegerField(default=0)
    asked_by = ForeignKeyField(Person, null=True)
    asked_at = InstantField()
    started_at = InstantField(null=True)
    ended_at = InstantField(null=True)
    outcome = JsonField(null=True)
    refusal = TextField(default="")


class StoredFile(Table):
    """A file kept outside the web root under a random name; only its owner's page serves it."""

    place = CharField(max_length=64, unique=True)  # a random name: what people called it never becomes a path
    name = CharField(max_length=200)
    media_type = CharField(max_length=100)
    size = IntegerField()
    sha256 = CharField(max_length=64)
    stored_by = ForeignKeyField(Person, null=True)
    stored_at = InstantField()


class DayOff(Table):
    """A day without work, or (`working`) a weekend day that is worked, as the people of the house keep them (§7)."""

    day = DateField(unique=True)
    name = CharField(max_length=80)
    working = BooleanField(default=False)


class Setting(Table):
    """A value somebody changed; what is not here has its default (procedure/settings.py)."""

    name = CharField(max_length=60, unique=True)
    value = JsonField()
    changed_by = ForeignKeyField(Person, null=True)
    changed_at = InstantField()
