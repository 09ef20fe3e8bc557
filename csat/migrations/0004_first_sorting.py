"""The service desk's first sorting of responses, and its summary of a quarter."""

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator, db):
    class Person(Model):
        class Meta:
            database = db
            table_name = "person"

    class IssueType(Model):
        class Meta:
            database = db
            table_name = "issue_type"

    class Response(Model):
        id = BigIntegerField(primary_key=True)

        class Meta:
            database = db
            table_name = "response"

    class Sorting(Model):
        response = ForeignKeyField(Response, unique=True)
        issue_type = ForeignKeyField(IssueType, null=True)
        summary = CharField(max_length=200)
        by = ForeignKeyField(Person)
        at = BigIntegerField()

        class Meta:
            database = db
            table_name = "sorting"

    class QuarterSummary(Model):
        quarter = IntegerField(index=True)
        text = TextField()
        by = ForeignKeyField(Person)
        at = BigIntegerField()

        class Meta:
            database = db
            table_name = "quarter_summary"

    db.create_tables([Sorting, QuarterSummary])
