"""Calls with which QA checks that what was recorded on the telephone or in a talk was really said (P7)."""

from __future__ import annotations

from enum import StrEnum

from peewee import ForeignKeyField, IntegerField, TextField

from csat.models.answers import Response
from csat.models.base import CodeField, InstantField, Table
from csat.models.people import Person


class CheckOutcome(StrEnum):
    CONFIRMED = "confirmed"
    DIFFERS = "differs"
    NOT_REACHED = "not_reached"  # may be called again
    DENIES = "denies"  # says that they never answered


class CheckCall(Table):
    """One record to be checked by a call, and what came of it."""

    response = ForeignKeyField(Response, unique=True, backref="check_calls")
    quarter = IntegerField(index=True)
    drawn_at = InstantField()
    asked_by = ForeignKeyField(Person, null=True, backref="check_calls_asked")  # a reviewer; empty: the system drew it
    by = ForeignKeyField(Person, null=True, backref="check_calls")
    at = InstantField(null=True)
    outcome = CodeField(CheckOutcome, null=True)
    words = TextField(default="")

    response_id: int
