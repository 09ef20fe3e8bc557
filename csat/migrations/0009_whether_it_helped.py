"""The check after closing, and what came again: until now only the words of the histories named the other."""

import re
from typing import Any

from peewee import AutoField, BigIntegerField, BooleanField, CharField, ForeignKeyField, Model, TextField

NUMBER = re.compile(r"F-(\d+)")


def up(migrator, db):
    class Known(Model):
        id = AutoField()

        class Meta:
            database = db

    class Feedback(Known):
        class Meta:
            table_name = "feedback"

    class Invitation(Known):
        class Meta:
            table_name = "invitation"

    class Response(Known):
        id = BigIntegerField(primary_key=True)

        class Meta:
            table_name = "response"

    class FeedbackStep(Known):
        feedback = ForeignKeyField(Feedback, backref="+")
        step = CharField(max_length=24)
        words = TextField(default="")

        class Meta:
            table_name = "feedback_step"

    class ClosingCheck(Known):
        feedback = ForeignKeyField(Feedback, unique=True, backref="+")
        invitation = ForeignKeyField(Invitation, null=True, unique=True, backref="+")
        response = ForeignKeyField(Response, null=True, unique=True, backref="+")
        why = CharField(max_length=24, null=True)
        at = BigIntegerField()

        class Meta:
            table_name = "closing_check"

    class Recurrence(Known):
        feedback = ForeignKeyField(Feedback, backref="+")
        earlier = ForeignKeyField(Feedback, backref="+")
        told = BooleanField(default=False)

        class Meta:
            table_name = "recurrence"
            indexes = ((("feedback", "earlier"), True),)

    db.create_tables([ClosingCheck, Recurrence])
    there = {row.id for row in Feedback.select(Feedback.id)}
    pairs = set()
    told: Any = FeedbackStep.select(FeedbackStep.feedback, FeedbackStep.words)
    for feedback, words in told.where(FeedbackStep.step == "recur").tuples():
        found = NUMBER.fullmatch(words)
        if found and int(found[1]) in there:
            pairs.add(tuple(sorted((feedback, int(found[1])))))
    for earlier, later in sorted(pairs):  # a repeat is put down after what it repeats was closed
        Recurrence.create(feedback=later, earlier=earlier)
