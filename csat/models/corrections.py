"""Corrections of what a colleague took down wrongly: new records beside the old answers (P11)."""

from __future__ import annotations

from enum import StrEnum

from peewee import BooleanField, ForeignKeyField, IntegerField, ModelSelect, TextField

from csat.models.answers import Response
from csat.models.asking import Attempt
from csat.models.base import CodeField, InstantField, Table
from csat.models.people import Person
from csat.models.questionnaires import Question


class CorrectionState(StrEnum):
    """Where a correction stands: it takes effect with the word of a second person."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Correction(Table):
    """What is wrong in a record, on what evidence; who found it, and what the second person said."""

    response = ForeignKeyField(Response, backref="corrections")
    state = CodeField(CorrectionState, default=CorrectionState.PROPOSED, index=True)
    reason = TextField()
    proposed_by = ForeignKeyField(Person, backref="corrections_proposed")
    proposed_at = InstantField()
    decided_by = ForeignKeyField(Person, null=True, backref="corrections_decided")
    decided_at = InstantField(null=True)
    note = TextField(default="")

    response_id: int
    proposed_by_id: int
    answers: ModelSelect[CorrectedAnswer]


class CorrectedAnswer(Table):
    """One answer of a correction: as it was recorded, and as it should read. Without both, it is a blank."""

    correction = ForeignKeyField(Correction, backref="answers")
    question = ForeignKeyField(Question, backref="corrected")
    old_value = IntegerField(null=True)  # stays as it was recorded; once confirmed, `Answer` holds the other
    old_words = TextField(null=True)
    old_not_applicable = BooleanField(default=False)
    value = IntegerField(null=True)
    words = TextField(null=True)
    not_applicable = BooleanField(default=False)

    question_id: int

    class Meta:
        indexes = ((("correction", "question"), True),)


class RefusalCorrection(Table):
    """A refusal that was put down wrongly, found too late to take it back: why, and what the second person said."""

    attempt = ForeignKeyField(Attempt, backref="corrections")
    state = CodeField(CorrectionState, default=CorrectionState.PROPOSED, index=True)
    reason = TextField()
    proposed_by = ForeignKeyField(Person, backref="+")
    proposed_at = InstantField()
    decided_by = ForeignKeyField(Person, null=True, backref="+")
    decided_at = InstantField(null=True)
    note = TextField(default="")

    attempt_id: int
    proposed_by_id: int
