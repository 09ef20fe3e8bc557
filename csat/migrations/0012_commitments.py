"""Commitments, their targets by date; a changed target of the satisfaction rate is one since its change."""

import json
from datetime import UTC, date, datetime, timedelta

from peewee import BigIntegerField, CharField, DateField, FloatField, ForeignKeyField, IntegerField, Model, TextField

EVER = date(2000, 1, 1)
SATISFACTION = {
    "code": "satisfaction",
    "position": 8,
    "name": {"zh": "客户满意率", "en": "Client satisfaction"},
    "description": {
        "zh": "本季度所有有效答卷的总体评分中，4 分和 5 分所占的比例，各种问卷合在一起计算。",
        "en": "Share of 4s and 5s among the overall ratings of all valid responses of the quarter, "
        "all questionnaires taken together.",
    },
    "source": "responses",
    "period": "quarter",
    "unit": "percent",
    "direction": "at_least",
}


def up(migrator, db):
    class Known(Model):
        class Meta:
            database = db

    class Person(Known):
        class Meta:
            table_name = "person"

    class Department(Known):
        class Meta:
            table_name = "department"

    class Feedback(Known):
        class Meta:
            table_name = "feedback"

    class Setting(Known):
        name = CharField(max_length=60, unique=True)
        value = TextField()
        changed_by = ForeignKeyField(Person, null=True, backref="+")
        changed_at = BigIntegerField()

        class Meta:
            table_name = "setting"

    class Commitment(Known):
        code = CharField(max_length=40, unique=True)
        position = IntegerField()
        name = TextField()
        description = TextField()
        source = CharField(max_length=24)
        period = CharField(max_length=24)
        unit = CharField(max_length=24)
        direction = CharField(max_length=24)
        department = ForeignKeyField(Department, null=True, backref="+")
        retired_at = BigIntegerField(null=True)

        class Meta:
            table_name = "commitment"

    class CommitmentTarget(Known):
        commitment = ForeignKeyField(Commitment, backref="+")
        since = DateField()
        target = FloatField()
        set_by = ForeignKeyField(Person, null=True, backref="+")
        set_at = BigIntegerField()

        class Meta:
            table_name = "commitment_target"

    class Measurement(Known):
        commitment = ForeignKeyField(Commitment, backref="+")
        quarter = IntegerField(index=True)
        value = FloatField()
        numerator = FloatField(null=True)
        base = FloatField(null=True)
        numerator_name = CharField(max_length=200)
        base_name = CharField(max_length=200)
        words = TextField()
        entered_by = ForeignKeyField(Person, backref="+")
        entered_at = BigIntegerField()
        judged_by = ForeignKeyField(Person, null=True, backref="+")
        accepted_at = BigIntegerField(null=True)
        sent_back_at = BigIntegerField(null=True)
        sent_back = TextField()

        class Meta:
            table_name = "measurement"

    class CommitmentMiss(Known):
        commitment = ForeignKeyField(Commitment, backref="+")
        quarter = IntegerField()
        noticed_at = BigIntegerField()

        class Meta:
            table_name = "commitment_miss"
            indexes = ((("commitment", "quarter"), True),)

    class CommitmentAnswer(Known):
        commitment = ForeignKeyField(Commitment, backref="+")
        quarter = IntegerField(index=True)
        feedback = ForeignKeyField(Feedback, null=True, backref="+")
        reason = TextField()
        by = ForeignKeyField(Person, backref="+")
        at = BigIntegerField()

        class Meta:
            table_name = "commitment_answer"

    db.create_tables([Commitment, CommitmentTarget, Measurement, CommitmentMiss, CommitmentAnswer])
    changed = Setting.get_or_none(Setting.name == "target")
    if changed is not None:
        _carry_over(changed, Commitment, CommitmentTarget)
        changed.delete_instance()


def _carry_over(changed, commitments, targets):
    """The target as it was set, since the day (UTC) on which it was; before that the one that shipped."""
    content = {name: _canonical(value) if isinstance(value, dict) else value for name, value in SATISFACTION.items()}
    satisfaction, _ = commitments.get_or_create(code=content["code"], defaults=content)
    day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=changed.changed_at)).date()
    steps = [(EVER, 90.0, None), (day, round(json.loads(changed.value) * 100, 9), changed.changed_by_id)]
    for since, target, by in steps:
        targets.create(commitment=satisfaction, since=since, target=target, set_by=by, set_at=changed.changed_at)


def _canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
