"""Mails that tell of an issued report (R3), and which release made each kept file (R1)."""

from typing import Any

from peewee import CharField, ForeignKeyField, Model


def up(migrator, db):
    class Report(Model):
        class Meta:
            database = db
            table_name = "report"

    key: Any = Report._meta.primary_key
    told = ForeignKeyField(Report, field=key, null=True, backref="+")
    migrator.migrate(
        migrator.add_column("outbox_message", "report_id", told),
        migrator.add_column("report_file", "made_by", CharField(max_length=64, default="")),
    )
