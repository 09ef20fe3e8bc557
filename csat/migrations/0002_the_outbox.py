"""The outbox, the links that opt out, and the wording of mails."""

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator, db):
    class Known(Model):
        class Meta:
            database = db

    class Person(Known):
        class Meta:
            table_name = "person"

    class Contact(Known):
        class Meta:
            table_name = "contact"

    class Invitation(Known):
        class Meta:
            table_name = "invitation"

    class Feedback(Known):
        class Meta:
            table_name = "feedback"

    class OutboxMessage(Known):
        message_id = CharField(unique=True, max_length=32)
        purpose = CharField(unique=True, max_length=80)
        kind = CharField(max_length=24)
        state = CharField(max_length=24, default="wait")
        invitation = ForeignKeyField(Invitation, null=True, backref="+")
        person = ForeignKeyField(Person, null=True, backref="+")
        feedback = ForeignKeyField(Feedback, null=True, backref="+")
        number = IntegerField(default=0)
        about = CharField(max_length=24, default="")
        by = ForeignKeyField(Person, null=True, backref="+")
        made_at = BigIntegerField()
        attempts = IntegerField(default=0)
        next_at = BigIntegerField(null=True)
        why = CharField(max_length=24, null=True)
        answer = CharField(max_length=200, default="")

        class Meta:
            table_name = "outbox_message"
            indexes = ((("state", "next_at"), False),)

    class OptOutLink(Known):
        token_hash = CharField(unique=True, max_length=64)
        contact = ForeignKeyField(Contact, backref="+")

        class Meta:
            table_name = "opt_out_link"

    class MailWording(Known):
        wording = CharField(unique=True, max_length=24)
        subject = TextField()
        body = TextField()
        changed_by = ForeignKeyField(Person, null=True, backref="+")
        changed_at = BigIntegerField()

        class Meta:
            table_name = "mail_wording"

    db.create_tables([OutboxMessage, OptOutLink, MailWording])
