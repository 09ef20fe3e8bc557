"""Answers: the sealed mailbox, responses, what QA said of them, and the talk on the receipt page.

Everything that belongs to an anonymous response has a random 63-bit key, which on SQLite is the
row's place: neither keys nor order say who or when (design, anonymity 2 and 5).
"""

from __future__ import annotations

from enum import StrEnum

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
)

from csat.models.asking import RECORDED_CHANNELS, Campaign, Channel
from csat.models.base import CodeField, InstantField, Table, random_key
from csat.models.clients import Client, Contact, Incident
from csat.models.people import Department, Person
from csat.models.questionnaires import Question, QuestionnaireVersion


class Mailbox(Table):
    """A sealed anonymous answer that waits for its release. Its key is a keyed hash of the code."""

    id = BigIntegerField(primary_key=True)
    campaign = ForeignKeyField(Campaign, backref="mailbox")
    sealed = BlobField()

    campaign_id: int


class Release(Table):
    """Anonymous answers opened together: how many, and how many lost their client (F4)."""

    campaign = ForeignKeyField(Campaign, backref="releases")
    at = InstantField()
    number = IntegerField()
    without_client = IntegerField()
    void = IntegerField(default=0)

    campaign_id: int


class ReleaseHolder(Table):
    """How many answers of a release came through links that one of us had in hand (D7)."""

    release = ForeignKeyField(Release, backref="holders")
    person = ForeignKeyField(Person, backref="+")
    number = IntegerField()


class Duration(StrEnum):
    """How long the form was open, in three coarse classes (§7)."""

    HASTY = "hasty"
    USUAL = "usual"
    LONG = "long"


class Verdict(StrEnum):
    """Where QA stands with a response (P7). DOUBTED waits for a second person before it is refused."""

    PENDING = "pending"
    VALID = "valid"
    DOUBTED = "doubted"
    REFUSED = "refused"


class Response(Table):
    """One filled questionnaire. The columns below the line are filled for named responses only."""

    id = BigIntegerField(primary_key=True, default=random_key)
    version = ForeignKeyField(QuestionnaireVersion, backref="responses")
    quarter = IntegerField(index=True)
    client = ForeignKeyField(Client, null=True, backref="responses")
    channel = CodeField(Channel)
    anonymous = BooleanField()
    duration = CodeField(Duration, null=True)
    verdict = CodeField(Verdict, default=Verdict.PENDING, index=True)
    receipt_hash = BigIntegerField(null=True, unique=True)
    step = IntegerField(null=True)  # anonymous, valid since a report: with which others it counts; 0 not yet
    left = IntegerField(null=True)  # anonymous, refused since a report: with which others it left; 0 not yet
    # ---
    campaign = ForeignKeyField(Campaign, null=True, backref="responses")
    contact = ForeignKeyField(Contact, null=True, backref="responses")
    incident = ForeignKeyField(Incident, null=True, backref="responses")
    manager = ForeignKeyField(Person, null=True, backref="responses_managed")
    department = ForeignKeyField(Department, null=True, backref="responses")
    engineer = ForeignKeyField(Person, null=True, backref="responses_engineered")
    recorder = ForeignKeyField(Person, null=True, backref="responses_recorded")
    received_at = InstantField(null=True)
    respondent_name = CharField(max_length=120, default="")
    respondent_reach = CharField(max_length=200, default="")
    erased_at = InstantField(null=True)  # when the personal details were overwritten (D5)

    version_id: int
    client_id: int | None
    campaign_id: int | None
    contact_id: int | None
    incident_id: int | None
    department_id: int | None
    engineer_id: int | None
    recorder_id: int | None
    answers: ModelSelect[Answer]

    @property
    def is_recorded(self) -> bool:
        """Whether one of us took it down or typed it in, and it is known who."""
        return self.channel in (*RECORDED_CHANNELS, Channel.PAPER) and self.recorder_id is not None


class Answer(Table):
    """One answer: a number (rating, 0–10, yes = 1), or words (text, option codes), or 'not applicable'."""

    id = BigIntegerField(primary_key=True, default=random_key)
    response = ForeignKeyField(Response, backref="answers")
    question = ForeignKeyField(Question, backref="answers")
    value = IntegerField(null=True)
    words = TextField(null=True)
    not_applicable = BooleanField(default=False)

    response_id: int
    question_id: int

    class Meta:
        indexes = ((("response", "question"), True),)


class Verification(Table):
    """What somebody of QA (or the second person) decided about a response, and why; rows are only added."""

    response = ForeignKeyField(Response, backref="verifications")
    verdict = CodeField(Verdict)
    reason = TextField(default="")
    by = ForeignKeyField(Person)
    at = InstantField()

    response_id: int


class Dismissal(Table):
    """QA saw nothing to act on in a response that was proposed as feedback, and says why (P9)."""

    response = ForeignKeyField(Response, unique=True, backref="dismissals")
    reason = TextField()
    by = ForeignKeyField(Person)
    at = InstantField()


class MessageKind(StrEnum):
    REPLY = "reply"
    QUESTION = "question"
    ANSWER = "answer"


class Message(Table):
    """What is said on the receipt page (Q4). The respondent's own words carry no person and no instant."""

    id = BigIntegerField(primary_key=True, default=random_key)
    response = ForeignKeyField(Response, backref="messages")
    position = IntegerField()
    kind = CodeField(MessageKind)
    words = TextField()
    by = ForeignKeyField(Person, null=True)
    at = InstantField(null=True)
