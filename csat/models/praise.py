"""Praise: what we were thanked for, by whom, and who earned it (P16). Nothing about it is due or confirmed."""

from __future__ import annotations

from peewee import CharField, DateField, ForeignKeyField, IntegerField, ModelSelect, TextField

from csat.models.answers import Response
from csat.models.base import CodeField, InstantField, Table
from csat.models.clients import Client, Contact, Incident
from csat.models.feedback import FeedbackOrigin
from csat.models.people import Department, Person


class Praise(Table):
    """Words of thanks, from a response or from elsewhere. A table of its own: nothing counts it as feedback."""

    words = TextField()
    origin = CodeField(FeedbackOrigin)
    quarter = IntegerField(index=True)
    client = ForeignKeyField(Client, null=True, backref="praise")
    department = ForeignKeyField(Department, backref="praise")
    response = ForeignKeyField(Response, null=True, backref="praise")
    contact = ForeignKeyField(Contact, null=True, backref="praise")
    incident = ForeignKeyField(Incident, null=True, backref="praise")
    said_by = CharField(max_length=120, default="")
    said_on = DateField(null=True)
    created_by = ForeignKeyField(Person, backref="praise_entered")
    created_at = InstantField()
    withdrawn_by = ForeignKeyField(Person, null=True, backref="praise_withdrawn")
    withdrawn_at = InstantField(null=True)
    withdrawn_because = TextField(default="")

    client_id: int | None
    department_id: int
    response_id: int | None
    contact_id: int | None
    incident_id: int | None
    created_by_id: int
    persons: ModelSelect[PraisedPerson]

    @property
    def number(self) -> str:
        """What people call it: P-0012."""
        return f"P-{self.id:04d}"


class PraisedPerson(Table):
    """Somebody of ours whom a praise is about."""

    praise = ForeignKeyField(Praise, backref="persons")
    person = ForeignKeyField(Person, backref="praise")

    praise_id: int
    person_id: int

    class Meta:
        indexes = ((("praise", "person"), True),)
