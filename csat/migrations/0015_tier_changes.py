"""When a client's tier changed, and what it was before: until now only the newest was known."""

from peewee import BigIntegerField, CharField, ForeignKeyField, Model


def up(migrator, db):
    class Client(Model):
        class Meta:
            database = db
            table_name = "client"

    class TierChange(Model):
        client = ForeignKeyField(Client, backref="+")
        at = BigIntegerField()
        before = CharField(max_length=24)

        class Meta:
            database = db
            table_name = "tier_change"

    db.create_tables([TierChange])
