"""Links handed over by hand, attempts taken back, wrong refusals, days off, contacts asked each quarter, and
what their addresses are found by; of feedback: who said it and when, praise, a moved due date, changes of a plan;
what clients are told of a miss.

Links made so far count as made by hand where the invitation was not sent by mail; who has been asked in a
quarterly campaign is asked each quarter.
"""

import re
from typing import Any

from peewee import BigIntegerField, BooleanField, CharField, DateField, ForeignKeyField, IntegerField, Model, TextField

FULL_WIDTH = str.maketrans("０１２３４５６７８９－", "0123456789-")


def make_telephone_key(name: str, telephone: str) -> str:
    """As contact_details.py made it when this was written (decision 0195)."""
    plain = re.sub(r"[\s()/.+-]", "", telephone.translate(FULL_WIDTH))
    plain = re.sub(r"^(?=.{12})(0086|86)", "", plain)
    return plain if not plain or re.fullmatch("1[3-9][0-9]{9}", plain) else f"{plain} {name.strip().lower()}"


def up(migrator, db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Person(Base):
        pass

    class Client(Base):
        pass

    class Department(Base):
        pass

    class Response(Base):
        id = BigIntegerField(primary_key=True)

    class Campaign(Base):
        occasion = CharField()

    class Contact(Base):
        name = CharField()
        email = CharField()
        telephone = CharField()
        email_key = CharField()
        telephone_key = CharField()
        asked_each_quarter = BooleanField()

    class Incident(Base):
        pass

    class Invitation(Base):
        campaign = ForeignKeyField(Campaign)
        contact = ForeignKeyField(Contact, null=True)
        channel = CharField()

    class Link(Base):
        invitation = ForeignKeyField(Invitation)
        by_hand = BooleanField()

    class Attempt(Base):
        pass

    class Feedback(Base):
        pass

    class Action(Base):
        pass

    class DayOff(Base):
        day = DateField(unique=True)
        name = CharField(max_length=80)
        working = BooleanField()

    class DueMove(Base):
        feedback = ForeignKeyField(Feedback)
        about = CharField(max_length=24)
        before = BigIntegerField()
        after = BigIntegerField()
        reason = TextField()
        asked_by = ForeignKeyField(Person, backref="+")
        asked_at = BigIntegerField()
        decided_by = ForeignKeyField(Person, null=True, backref="+")
        decided_at = BigIntegerField(null=True)
        accepted = BooleanField(null=True)

    class Praise(Base):
        words = TextField()
        origin = CharField(max_length=24)
        quarter = IntegerField(index=True)
        client = ForeignKeyField(Client, null=True)
        department = ForeignKeyField(Department)
        response = ForeignKeyField(Response, null=True)
        contact = ForeignKeyField(Contact, null=True)
        incident = ForeignKeyField(Incident, null=True)
        said_by = CharField(max_length=120)
        said_on = DateField(null=True)
        created_by = ForeignKeyField(Person, backref="+")
        created_at = BigIntegerField()
        withdrawn_by = ForeignKeyField(Person, null=True, backref="+")
        withdrawn_at = BigIntegerField(null=True)
        withdrawn_because = TextField()

    class Release(Base):
        pass

    class ReleaseHolder(Base):
        release = ForeignKeyField(Release, backref="holders")
        person = ForeignKeyField(Person, backref="+")
        number = IntegerField()

    class PraisedPerson(Base):
        praise = ForeignKeyField(Praise)
        person = ForeignKeyField(Person, backref="+")

        class Meta:
            indexes = ((("praise", "person"), True),)

    class ActionChange(Base):
        action = ForeignKeyField(Action)
        feedback = ForeignKeyField(Feedback)
        kind = CharField(max_length=24)
        owner = ForeignKeyField(Person, null=True, backref="+")
        due = DateField(null=True)
        reason = TextField()
        asked_by = ForeignKeyField(Person, backref="+")
        asked_at = BigIntegerField()
        decided_by = ForeignKeyField(Person, null=True, backref="+")
        decided_at = BigIntegerField(null=True)
        accepted = BooleanField(null=True)

    class RefusalCorrection(Base):
        attempt = ForeignKeyField(Attempt)
        state = CharField(max_length=24, index=True)
        reason = TextField()
        proposed_by = ForeignKeyField(Person, backref="+")
        proposed_at = BigIntegerField()
        decided_by = ForeignKeyField(Person, null=True, backref="+")
        decided_at = BigIntegerField(null=True)
        note = TextField()

    def key_of(table: Any) -> ForeignKeyField:
        return ForeignKeyField(table, field=table._meta.primary_key, null=True, backref="+")

    migrator.migrate(
        migrator.add_column("contact", "email_key", CharField(max_length=400, default="", index=True)),
        migrator.add_column("contact", "telephone_key", CharField(max_length=300, default="", index=True)),
        migrator.add_column("contact", "position", CharField(max_length=120, default="")),
        migrator.add_column("contact", "asked_each_quarter", BooleanField(default=False)),
        migrator.add_column("link", "by_hand", BooleanField(default=False)),
        migrator.add_column("link", "shown_to_id", key_of(Person)),
        migrator.add_column("response", "left", IntegerField(null=True)),
        migrator.add_column("attempt", "undone_at", BigIntegerField(null=True)),
        migrator.add_column("attempt", "undone_by_id", key_of(Person)),
        migrator.add_column("feedback", "contact_id", key_of(Contact)),
        migrator.add_column("feedback", "incident_id", key_of(Incident)),
        migrator.add_column("feedback", "said_by", CharField(max_length=120, default="")),
        migrator.add_column("feedback", "said_on", DateField(null=True)),
        migrator.add_column("action", "dropped_at", BigIntegerField(null=True)),
        migrator.add_column("commitment_answer", "client_reason", TextField(default="{}")),
        migrator.add_column("commitment_answer", "client_remedy", TextField(default="{}")),
        migrator.add_column("letter", "internal_read_at", BigIntegerField(null=True)),
    )
    db.create_tables([DayOff, DueMove, Praise, PraisedPerson, ActionChange, ReleaseHolder, RefusalCorrection])
    invitation: Any = Invitation._meta.primary_key
    contact: Any = Contact._meta.primary_key
    other_ways = Invitation.select(invitation).where(Invitation.channel != "email")
    Link.update(by_hand=True).where(Link.invitation.in_(other_ways)).execute()
    asked = Invitation.select(Invitation.contact).join(Campaign).where(Campaign.occasion == "quarterly")
    Contact.update(asked_each_quarter=True).where(contact.in_(asked)).execute()
    for one in list(Contact.select(contact, Contact.name, Contact.email, Contact.telephone)):
        keys = {"email_key": one.email.strip().lower(), "telephone_key": make_telephone_key(one.name, one.telephone)}
        Contact.update(keys).where(contact == one.get_id()).execute()
