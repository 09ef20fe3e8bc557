"""Keys with which ticket systems send their incidents, and how each system's messages are read."""

from peewee import BigIntegerField, CharField, DateField, ForeignKeyField, Model, TextField


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    class ApiKey(Model):
        name = CharField(unique=True, max_length=60)
        source = CharField(max_length=60)
        key_hash = CharField(unique=True, max_length=64)
        made_by = ForeignKeyField(Person, null=True, backref="made")
        made_at = BigIntegerField()
        last_used_on = DateField(null=True)
        spent_until = BigIntegerField(null=True)
        revoked_by = ForeignKeyField(Person, null=True, backref="revoked")
        revoked_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "api_key"

    class IntakeMap(Model):
        source = CharField(unique=True, max_length=60)
        text = TextField()
        changed_by = ForeignKeyField(Person, null=True)
        changed_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "intake_map"

    db.create_tables([ApiKey, IntakeMap])
