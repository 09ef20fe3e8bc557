"""Reporting: the tally that figures are read from, and the quarterly reports with their approvals."""

from __future__ import annotations

from enum import StrEnum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, ModelSelect, TextField

from csat.models.base import CodeField, InstantField, JsonField, Table
from csat.models.people import Person
from csat.models.work import StoredFile


class Tally(Table):
    """Valid answers counted by what figures ask for; 0 and '' stand for 'none', so that keys are never null.

    Derived: changed only by count_in and count_out in the transaction of a verdict, and rebuildable. Four
    sorts of rows, each with only the columns that its figures need (all other people and codes are none):

    answers    question, dimension ('' of recommendations and yes/no), value: the rating, 0–10, 1 or 0,
               or -1 for 'not applicable'
    responses  question '', value -2: responses that rate a dimension; with dimension '', all
    people     question '', dimension 'overall', value: the overall rating, by manager, department, engineer
               and recorder too
    pairs      question '', another dimension, value: a rating, overall: the same response's overall rating;
               of all clients and questionnaires together
    """

    quarter = IntegerField()
    client = IntegerField()
    manager = IntegerField()
    department = IntegerField()
    engineer = IntegerField()
    recorder = IntegerField()
    channel = CharField(max_length=24)
    questionnaire = CharField(max_length=40)
    question = CharField(max_length=40)
    dimension = CharField(max_length=24)
    value = IntegerField()
    overall = IntegerField()
    anonymous = BooleanField()
    n = IntegerField()

    class Meta:
        _key = ("quarter", "client", "manager", "department", "engineer", "recorder", "channel")
        indexes = (((*_key, "questionnaire", "question", "dimension", "value", "overall", "anonymous"), True),)


class ReportState(StrEnum):
    DRAFT = "draft"
    REVIEW = "review"
    ISSUED = "issued"


class Report(Table):
    """A quarterly report. `document` is the whole frozen input once it is in review (R1)."""

    quarter = IntegerField()
    version = IntegerField()
    state = CodeField(ReportState, default=ReportState.DRAFT)
    cut_off_at = InstantField()
    prepared_by = ForeignKeyField(Person, backref="reports_prepared")
    prepared_at = InstantField()
    document = JsonField(null=True)
    remarks = JsonField(null=True)  # what QA wrote: {"zh": …, "en": …}
    changes = TextField(default="")
    issued_at = InstantField(null=True)

    prepared_by_id: int
    files: ModelSelect[ReportFile]

    class Meta:
        indexes = ((("quarter", "version"), True),)

    @property
    def number(self) -> str:
        """What people call it: CSAT-2026Q3-1."""
        return f"CSAT-{self.quarter // 10}Q{self.quarter % 10}-{self.version}"


class ReportReviewer(Table):
    """Whose approval a report needs: the director, and the managers QA names (R1)."""

    report = ForeignKeyField(Report, backref="reviewers")
    person = ForeignKeyField(Person)

    class Meta:
        indexes = ((("report", "person"), True),)


class Word(StrEnum):
    APPROVE = "approve"
    RETURN = "return"
    COMMENT = "comment"


class ReportWord(Table):
    """What somebody said of a report in review. A return voids the approvals before it."""

    report = ForeignKeyField(Report, backref="words")
    person = ForeignKeyField(Person)
    word = CodeField(Word)
    comment = TextField(default="")
    at = InstantField()
    void = BooleanField(default=False)  # a return came after this approval

    person_id: int


class ReportFile(Table):
    """The kept PDF of one language of an issued report."""

    report = ForeignKeyField(Report, backref="files")
    language = CharField(max_length=2)
    file = ForeignKeyField(StoredFile)
    made_by = CharField(max_length=64, default="")  # the release that made it; '' of an early one

    class Meta:
        indexes = ((("report", "language"), True),)


class ReportOpening(Table):
    """Who has opened an issued report (R3)."""

    report = ForeignKeyField(Report, backref="openings")
    person = ForeignKeyField(Person)
    at = InstantField()

    class Meta:
        indexes = ((("report", "person"), True),)
