"""Commitments (§9): what was promised, its targets by date, what was measured, and what was missed."""

from __future__ import annotations

from enum import StrEnum

from peewee import CharField, DateField, FloatField, ForeignKeyField, IntegerField, ModelSelect, TextField

from csat.models.base import CodeField, InstantField, Localised, LocalisedField, Table
from csat.models.feedback import Feedback
from csat.models.people import Department, Person


class Origin(StrEnum):
    """Where the figure of a commitment comes from."""

    ENTERED = "entered"
    INCIDENTS = "incidents"
    RESPONSES = "responses"
    FEEDBACK = "feedback"
    ACTIONS = "actions"


class Period(StrEnum):
    QUARTER = "quarter"
    YEAR_TO_DATE = "year_to_date"


class Unit(StrEnum):
    PERCENT = "percent"
    MINUTES = "minutes"
    HOURS = "hours"


class Direction(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Judgement(StrEnum):
    """What a quarter came to (C2)."""

    REACHED = "reached"
    MISSED = "missed"
    NO_DATA = "no_data"


class Commitment(Table):
    """A promised figure, and the department that answers for it."""

    code = CharField(max_length=40, unique=True)
    position = IntegerField()
    name = LocalisedField()
    description = LocalisedField()
    source = CodeField(Origin)
    period = CodeField(Period)
    unit = CodeField(Unit)
    direction = CodeField(Direction)
    department = ForeignKeyField(Department, null=True, backref="commitments")
    retired_at = InstantField(null=True)

    department_id: int | None
    targets: ModelSelect[CommitmentTarget]
    measurements: ModelSelect[Measurement]


class CommitmentTarget(Table):
    """The target from a day on (C1), in the commitment's unit. Rows are only added: a day's newest counts."""

    commitment = ForeignKeyField(Commitment, backref="targets")
    since = DateField()
    target = FloatField()
    set_by = ForeignKeyField(Person, null=True)
    set_at = InstantField()


class Measurement(Table):
    """What a department measured for a quarter. Rows are only added; the newest that QA accepted counts."""

    commitment = ForeignKeyField(Commitment, backref="measurements")
    quarter = IntegerField(index=True)
    value = FloatField()  # in the commitment's unit
    numerator = FloatField(null=True)
    base = FloatField(null=True)
    numerator_name = CharField(max_length=200, default="")
    base_name = CharField(max_length=200, default="")
    words = TextField()  # how it was measured
    entered_by = ForeignKeyField(Person, backref="measurements")
    entered_at = InstantField()
    judged_by = ForeignKeyField(Person, null=True, backref="measurements_judged")
    accepted_at = InstantField(null=True)
    sent_back_at = InstantField(null=True)
    sent_back = TextField(default="")  # why

    commitment_id: int
    entered_by_id: int

    @property
    def waits(self) -> bool:
        """Whether QA has not spoken yet."""
        return self.accepted_at is None and self.sent_back_at is None


class CommitmentMiss(Table):
    """A quarter that missed its target: it wants an answer, as long as it is missed."""

    commitment = ForeignKeyField(Commitment, backref="misses")
    quarter = IntegerField()
    noticed_at = InstantField()

    commitment_id: int

    class Meta:
        indexes = ((("commitment", "quarter"), True),)


class CommitmentAnswer(Table):
    """QA's answer to a missed quarter: a feedback that leads to actions, or why not. The newest counts."""

    commitment = ForeignKeyField(Commitment, backref="answers")
    quarter = IntegerField(index=True)
    feedback = ForeignKeyField(Feedback, null=True, backref="commitment_answers")
    reason = TextField(default="")
    client_reason = LocalisedField(default=Localised)  # both in words for every client's letter (P13)
    client_remedy = LocalisedField(default=Localised)
    by = ForeignKeyField(Person, backref="commitment_answers")
    at = InstantField()

    commitment_id: int
