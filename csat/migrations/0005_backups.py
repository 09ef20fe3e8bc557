"""Back-ups on record, and the marks of what was erased."""

from peewee import BigIntegerField, BooleanField, CharField, DateField, IntegerField, Model, TextField


def up(migrator, db):
    class BackupRecord(Model):
        kind = CharField(max_length=24)
        at = BigIntegerField(index=True)
        name = CharField(max_length=200)
        size = BigIntegerField()
        sha256 = CharField(max_length=64)
        ok = BooleanField()
        seconds = IntegerField()
        copied = BooleanField(null=True)
        why = TextField()

        class Meta:
            database = db
            table_name = "backup_record"

    db.create_tables([BackupRecord])
    migrator.migrate(
        migrator.add_column("contact", "known_since", DateField(null=True)),
        migrator.add_column("contact", "erased_at", BigIntegerField(null=True)),
        migrator.add_column("response", "erased_at", BigIntegerField(null=True)),
    )
