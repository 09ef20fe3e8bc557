"""Check calls; and what a step of a feedback changed, so that its history can name it in either language."""

import json
import re

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model, TextField

CODES = re.compile(r"(?:(.*)\n)?(\w+) · (\w+) → (\w+) · (\w+)", re.DOTALL)


def up(migrator, db):
    class Known(Model):
        class Meta:
            database = db

    class Person(Known):
        class Meta:
            table_name = "person"

    class Response(Known):
        id = BigIntegerField(primary_key=True)

        class Meta:
            table_name = "response"

    class CheckCall(Known):
        response = ForeignKeyField(Response, unique=True, backref="+")
        quarter = IntegerField(index=True)
        drawn_at = BigIntegerField()
        asked_by = ForeignKeyField(Person, null=True, backref="+")
        by = ForeignKeyField(Person, null=True, backref="+")
        at = BigIntegerField(null=True)
        outcome = CharField(max_length=24, null=True)
        words = TextField(default="")

        class Meta:
            table_name = "check_call"

    class FeedbackStep(Known):
        step = CharField(max_length=24)
        words = TextField(default="")
        detail = TextField(null=True)

        class Meta:
            table_name = "feedback_step"

    db.create_tables([CheckCall])
    migrator.migrate(migrator.add_column("feedback_step", "detail", TextField(null=True)))
    for step in FeedbackStep.select().where(FeedbackStep.step == "reclassify"):
        _move_codes(step)


def _move_codes(step):
    """The codes that stood below the reason, out of the words."""
    found = CODES.fullmatch(step.words)
    if found is None:
        return
    reason, type_before, severity_before, type_after, severity_after = found.groups()
    detail = {"issue_type": [type_before, type_after], "severity": [severity_before, severity_after]}
    step.words = reason or ""
    step.detail = json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    step.save()
