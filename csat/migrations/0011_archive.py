"""Corrections of recorded answers, and the archive's bundles. Nothing that is there changes."""

from peewee import AutoField, BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator, db):
    class Known(Model):
        id = AutoField()

        class Meta:
            database = db

    class Person(Known):
        class Meta:
            table_name = "person"

    class Question(Known):
        class Meta:
            table_name = "question"

    class StoredFile(Known):
        class Meta:
            table_name = "stored_file"

    class Response(Known):
        id = BigIntegerField(primary_key=True)

        class Meta:
            table_name = "response"

    class Correction(Known):
        response = ForeignKeyField(Response, backref="+")
        state = CharField(max_length=24, default="proposed", index=True)
        reason = TextField()
        proposed_by = ForeignKeyField(Person, backref="+")
        proposed_at = BigIntegerField()
        decided_by = ForeignKeyField(Person, null=True, backref="+")
        decided_at = BigIntegerField(null=True)
        note = TextField(default="")

        class Meta:
            table_name = "correction"

    class CorrectedAnswer(Known):
        correction = ForeignKeyField(Correction, backref="+")
        question = ForeignKeyField(Question, backref="+")
        old_value = IntegerField(null=True)
        old_words = TextField(null=True)
        old_not_applicable = BooleanField(default=False)
        value = IntegerField(null=True)
        words = TextField(null=True)
        not_applicable = BooleanField(default=False)

        class Meta:
            table_name = "corrected_answer"
            indexes = ((("correction", "question"), True),)

    class Bundle(Known):
        quarter = IntegerField(index=True)
        part = IntegerField()
        parts = IntegerField()
        language = CharField(max_length=2)
        responses = IntegerField()
        after = BigIntegerField()
        until = BigIntegerField()
        manifest = CharField(max_length=64, unique=True)
        previous = ForeignKeyField("self", null=True, backref="+")
        made_by = ForeignKeyField(Person, null=True, backref="+")
        made_at = BigIntegerField()
        file = ForeignKeyField(StoredFile, null=True, on_delete="SET NULL", backref="+")

        class Meta:
            table_name = "bundle"

    db.create_tables([Correction, CorrectedAnswer, Bundle])
