"""Whom we serve: clients, who cares for them, their contacts, the incidents we closed for them,
and the names by which other systems know all of these and the staff."""

from __future__ import annotations

from enum import StrEnum

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, ModelSelect, TextField

from csat.models.base import CodeField, InstantField, Table
from csat.models.people import Department, Person


class Tier(StrEnum):
    ORDINARY = "ordinary"
    IMPORTANT = "important"
    CORE = "core"


class Client(Table):
    """An organisation served. Merged clients point to the one they count as; nothing is rewritten."""

    name = CharField(max_length=200, unique=True)
    name_en = CharField(max_length=200, default="")
    tier = CodeField(Tier, default=Tier.ORDINARY)
    counts_as: ForeignKeyField[Client | None] = ForeignKeyField("self", null=True)  # merging.py finds the end
    note = TextField(default="")
    retired_at = InstantField(null=True)

    counts_as_id: int | None
    care: ModelSelect[ClientCare]


class TierChange(Table):
    """A client's tier changed: what it was until then. Figures keep a quarter's tier by it (F4)."""

    client = ForeignKeyField(Client, backref="tier_changes")
    at = InstantField()
    before = CodeField(Tier)

    client_id: int


class ClientCare(Table):
    """A client is in a project manager's care from a day until a day (that day excluded)."""

    client = ForeignKeyField(Client, backref="care")
    person = ForeignKeyField(Person, backref="care")
    since = DateField()
    until = DateField(null=True)

    client_id: int
    person_id: int


class Contact(Table):
    """A person at a client whom we may ask."""

    client = ForeignKeyField(Client, backref="contacts")
    name = CharField(max_length=120)
    email = CharField(max_length=200, default="")
    telephone = CharField(max_length=40, default="")
    # Twice as long as what they are made of: İ is two letters when small.
    email_key = CharField(max_length=400, default="", index=True)  # contact_details.make_address_keys
    telephone_key = CharField(max_length=300, default="", index=True)
    language = CharField(max_length=2, default="zh")
    position = CharField(max_length=120, default="")
    asked_each_quarter = BooleanField(default=False)  # who only reported an incident is not (P3)
    opted_out_at = InstantField(null=True)
    counts_as: ForeignKeyField[Contact | None] = ForeignKeyField("self", null=True)
    retired_at = InstantField(null=True)
    known_since = DateField(null=True)  # the daily round's first sight of it: where its time begins (D5)
    erased_at = InstantField(null=True)

    client_id: int
    counts_as_id: int | None


class AliasKind(StrEnum):
    PERSON = "person"
    DEPARTMENT = "department"
    CLIENT = "client"
    CONTACT = "contact"


EVERY_SOURCE = ""  # as the source of an alias: a name that a department had here before


class Alias(Table):
    """What another system calls a person, department, client or contact."""

    source = CharField(max_length=60)
    kind = CodeField(AliasKind)
    name = CharField(max_length=200)
    person = ForeignKeyField(Person, null=True)
    department = ForeignKeyField(Department, null=True)
    client = ForeignKeyField(Client, null=True)
    contact = ForeignKeyField(Contact, null=True)

    person_id: int | None

    class Meta:
        indexes = ((("source", "kind", "name"), True),)


class ImportMap(Table):
    """How the columns of one source system's export map to an incident (TOML text)."""

    source = CharField(max_length=60, unique=True)
    text = TextField()
    changed_by = ForeignKeyField(Person, null=True)
    changed_at = InstantField()


class IntakeMap(Table):
    """Where the messages of one ticket system say what of an incident (TOML text)."""

    source = CharField(max_length=60, unique=True)
    text = TextField()
    changed_by = ForeignKeyField(Person, null=True)
    changed_at = InstantField()


class Incident(Table):
    """A ticket, known by source and number. Its first closing fixes quarter and survey clock (P1, F8)."""

    source = CharField(max_length=60)
    number = CharField(max_length=60)
    title = CharField(max_length=300, default="")
    client = ForeignKeyField(Client, null=True, backref="incidents")  # unknown, until somebody says whose it is
    contact = ForeignKeyField(Contact, null=True, backref="incidents")
    department = ForeignKeyField(Department, null=True, backref="incidents")
    assigned_to = ForeignKeyField(Person, null=True, backref="incidents_assigned")
    resolved_by = ForeignKeyField(Person, null=True, backref="incidents_resolved")
    priority = CharField(max_length=60, default="")
    major = BooleanField(default=False)
    category = CharField(max_length=120, default="")
    reported_by = CharField(max_length=60, default="")
    opened_at = InstantField(null=True)
    responded_at = InstantField(null=True)
    resolved_at = InstantField(null=True)
    closed_at = InstantField(null=True)
    first_closed_at = InstantField(null=True, index=True)  # a ticket opened again keeps its quarter and its clock
    quarter = IntegerField(null=True, index=True)
    survey_due_at = InstantField(null=True)
    surveyed_at = InstantField(null=True)
    skipped_because = CharField(max_length=60, default="")

    client_id: int | None
    contact_id: int | None
    department_id: int | None
    assigned_to_id: int | None
    resolved_by_id: int | None

    class Meta:
        indexes = ((("source", "number"), True),)
