"""Letters to clients, their kept files and links; mails that bring one."""

from peewee import AutoField, BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator, db):
    class Known(Model):
        id = AutoField()

        class Meta:
            database = db

    class Person(Known):
        class Meta:
            table_name = "person"

    class Client(Known):
        class Meta:
            table_name = "client"

    class Contact(Known):
        class Meta:
            table_name = "contact"

    class Report(Known):
        class Meta:
            table_name = "report"

    class StoredFile(Known):
        class Meta:
            table_name = "stored_file"

    class Letter(Known):
        client = ForeignKeyField(Client, backref="+")
        quarter = IntegerField(index=True)
        version = IntegerField()
        state = CharField(max_length=24, default="draft")
        report = ForeignKeyField(Report, backref="+")
        facts = TextField()
        words = TextField()
        replaces = ForeignKeyField("self", null=True, backref="+")
        worded_by = ForeignKeyField(Person, backref="+")
        worded_at = BigIntegerField()
        taken_back = TextField(default="")
        released_by = ForeignKeyField(Person, null=True, backref="+")
        released_at = BigIntegerField(null=True)
        sent_by = ForeignKeyField(Person, null=True, backref="+")
        sent_at = BigIntegerField(null=True)
        document = TextField(null=True)

        class Meta:
            table_name = "letter"
            indexes = ((("client", "quarter", "version"), True),)

    class LetterFile(Known):
        letter = ForeignKeyField(Letter, backref="+")
        language = CharField(max_length=2)
        file = ForeignKeyField(StoredFile, backref="+")

        class Meta:
            table_name = "letter_file"
            indexes = ((("letter", "language"), True),)

    class LetterLink(Known):
        token_hash = CharField(max_length=64, unique=True)
        letter = ForeignKeyField(Letter, backref="+")
        contact = ForeignKeyField(Contact, null=True, backref="+")
        mailed = BooleanField()
        by = ForeignKeyField(Person, null=True, backref="+")
        made_at = BigIntegerField()
        expires_at = BigIntegerField()
        withdrawn_at = BigIntegerField(null=True)
        first_opened_at = BigIntegerField(null=True)
        openings = IntegerField(default=0)
        downloads = IntegerField(default=0)
        read_at = BigIntegerField(null=True)

        class Meta:
            table_name = "letter_link"

    db.create_tables([Letter, LetterFile, LetterLink])
    letter = ForeignKeyField(Letter, field=Letter.id, null=True, backref="+")
    contact = ForeignKeyField(Contact, field=Contact.id, null=True, backref="+")
    migrator.migrate(
        migrator.add_column("outbox_message", "letter_id", letter),
        migrator.add_column("outbox_message", "contact_id", contact),
    )
