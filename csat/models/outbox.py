"""The outbox: which mail goes to whom, and what became of it. Never a token, an address or a written mail."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from peewee import CharField, ForeignKeyField, IntegerField

from csat.models.asking import Invitation
from csat.models.base import CodeField, InstantField, LocalisedField, Table
from csat.models.clients import Contact
from csat.models.feedback import Feedback
from csat.models.letters import Letter
from csat.models.people import Person
from csat.models.reporting import Report

Row = TypeVar("Row", bound=Table)


class MailKind(StrEnum):
    ASK = "ask"  # an invitation with its link
    REMIND = "remind"
    OVERDUE = "overdue"  # to the staff: a feedback is overdue (I2)
    TURN = "turn"  # to the staff: the next step of a feedback has become theirs (I2)
    DIGEST = "digest"  # to the staff: what waits
    REPORT = "report"  # to the staff: a quarterly report is issued (R3)
    LETTER = "letter"  # to a contact: the quarter's letter is there
    TEST = "test"  # to an administrator: whether mail works
    CLOSED = "closed"  # to the staff: what they entered by hand is closed (P15)
    PASSWORD = "password"  # to the staff: the link that sets a password (D4)
    ACCOUNT = "account"  # to the staff: what happened to an account (D4)


class MailState(StrEnum):
    """Codes of equal length: a row rewritten in place looks like every other (design, 'Outbox')."""

    WAIT = "wait"
    SEND = "send"  # committed before the server is spoken to
    DONE = "done"  # the server took it
    BACK = "back"  # taken, and bounced later
    FAIL = "fail"  # refused for good
    HELD = "held"  # not sent, for a reason of ours
    TORN = "torn"  # nobody knows whether the server took it: a person decides


QUEUED_STATES = (MailState.WAIT, MailState.SEND)  # the server has not had it yet
UNDECIDED_STATES = (*QUEUED_STATES, MailState.TORN)  # may still arrive, so nobody hands the link over
NOT_ARRIVED_STATES = (MailState.HELD, MailState.FAIL, MailState.BACK)  # may be sent again without a copy
TROUBLE_STATES = (MailState.TORN, MailState.BACK, MailState.FAIL, MailState.HELD)  # somebody has to look


class Why(StrEnum):
    """Why a mail was not sent, or not yet. The sentences stand in csat/terms.py, the one place for them."""

    NO_ADDRESS = "no_address"
    OPTED_OUT = "opted_out"
    RETIRED = "retired"
    OVER = "over"
    ENDED = "ended"
    ANSWERED = "answered"
    CONTACT_CAP = "contact_cap"
    CLIENT_CAP = "client_cap"
    NOTHING = "nothing"
    NO_MAIL = "no_mail"
    NO_SERVER = "no_server"
    NO_TLS = "no_tls"
    NO_SIGN_IN = "no_sign_in"
    LATER = "later"
    REFUSED = "refused"
    BOUNCED = "bounced"
    CUT_OFF = "cut_off"
    BROKEN = "broken"
    MOVED = "moved"
    HANDLED = "handled"


def _by_kind(table: type[Row], backref: str) -> ForeignKeyField[Row]:
    """A reference filled for mails of some kinds only. Who reads it knows that the mail is of such a kind."""
    field: ForeignKeyField[Any] = ForeignKeyField(table, null=True, backref=backref)
    return field


class OutboxMessage(Table):
    """One mail. Reminders that may not tell who has answered have rows for everybody, all alike (decision 0030)."""

    message_id = CharField(max_length=32, unique=True)  # by which a mailbox can tell a copy
    purpose = CharField(max_length=80, unique=True)  # what it is for, so that nothing is queued twice
    kind = CodeField(MailKind)
    state = CodeField(MailState, default=MailState.WAIT)
    invitation = _by_kind(Invitation, "mails")
    person = _by_kind(Person, "mails")
    feedback = _by_kind(Feedback, "mails")
    report = _by_kind(Report, "mails")
    letter = _by_kind(Letter, "mails")
    contact = _by_kind(Contact, "letter_mails")
    number = IntegerField(default=0)  # which reminder
    about = CharField(max_length=24, default="")  # what is overdue
    by = ForeignKeyField(Person, null=True, backref="mails_sent")
    made_at = InstantField()
    attempts = IntegerField(default=0)
    next_at = InstantField(null=True)
    why = CodeField(Why, null=True)
    answer = CharField(max_length=200, default="")  # what the mail server said, addresses masked

    invitation_id: int | None
    person_id: int | None
    contact_id: int | None

    class Meta:
        indexes = ((("state", "next_at"), False),)


class OptOutLink(Table):
    """A link with which a contact says that they want no surveys; of its token only the hash is kept."""

    token_hash = CharField(max_length=64, unique=True)
    contact = ForeignKeyField(Contact, backref="opt_out_links")


class Wording(StrEnum):
    """The mails whose words QA may change."""

    INVITATION = "invitation"
    INCIDENT = "incident"
    CHECK = "check"
    REMINDER = "reminder"
    OVERDUE = "overdue"
    TURN = "turn"
    DIGEST = "digest"
    REPORT = "report"
    LETTER = "letter"
    TEST = "test"
    CLOSED = "closed"
    PASSWORD = "password"
    ACCOUNT = "account"


class MailWording(Table):
    """Words that QA put in the place of those that ship."""

    wording = CodeField(Wording, unique=True)
    subject = LocalisedField()
    body = LocalisedField()
    changed_by = ForeignKeyField(Person, null=True)
    changed_at = InstantField()
