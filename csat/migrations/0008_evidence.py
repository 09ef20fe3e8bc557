"""Files of evidence."""

from peewee import BigIntegerField, CharField, ForeignKeyField, Model, TextField


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    class StoredFile(Model):
        class Meta:
            database = db
            table_name = "stored_file"

    class Evidence(Model):
        file = ForeignKeyField(StoredFile, unique=True, backref="+")
        about = CharField(max_length=60, index=True)
        words = CharField(max_length=200, default="")
        by = ForeignKeyField(Person, backref="+")
        at = BigIntegerField()
        withdrawn_by = ForeignKeyField(Person, null=True, backref="+")
        withdrawn_at = BigIntegerField(null=True)
        withdrawn_because = TextField(default="")

        class Meta:
            database = db
            table_name = "evidence"

    db.create_tables([Evidence])
