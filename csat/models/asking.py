"""Asking: campaigns, invitations, their links, and what became of each attempt to reach somebody."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from peewee import BlobField, BooleanField, CharField, ForeignKeyField, IntegerField, ModelSelect, TextField

from csat.models.base import CodeField, Condition, InstantField, Table
from csat.models.clients import Client, Contact, Incident
from csat.models.people import Department, Person
from csat.models.questionnaires import QuestionnaireVersion


class Occasion(StrEnum):
    """Why a campaign asks (P1, P3, P4)."""

    INCIDENT = "incident"
    QUARTERLY = "quarterly"
    PROJECT = "project"
    YEARLY = "yearly"
    EVENT = "event"
    CHECK = "check"


class Naming(StrEnum):
    """What the respondent may choose (Q1)."""

    BOTH = "both"
    ANONYMOUS = "anonymous"
    NAMED = "named"


class Channel(StrEnum):
    """How a response reached us (P5)."""

    LINK = "link"
    EMAIL = "email"
    SLIP = "slip"
    PAPER = "paper"  # a printed form, filled in by hand and typed in by staff
    TELEPHONE = "telephone"
    INTERVIEW = "interview"


# Taken down by one of us, and named by nature (anonymity 6).
RECORDED_CHANNELS = (Channel.TELEPHONE, Channel.INTERVIEW)


class CampaignState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class InvitationState(StrEnum):
    """Codes of equal length: a row rewritten in place looks like every other (design, anonymity 2)."""

    MADE = "made"  # prepared, not yet delivered
    SENT = "sent"  # delivered: handed over, accepted by the mail server, or the person was reached
    DONE = "done"  # answered
    DENY = "deny"  # the contact refused
    LATE = "late"  # expired
    VOID = "void"  # withdrawn
    OVER = "over"  # the campaign is over; whether an anonymous answer came is no longer kept (anonymity 4)


OPEN_STATES = (InvitationState.MADE, InvitationState.SENT)


class Campaign(Table):
    """One round of asking. `k` is frozen at opening: the fewest anonymous answers ever opened together."""

    occasion = CodeField(Occasion)
    title = CharField(max_length=200)
    version = ForeignKeyField(QuestionnaireVersion, backref="campaigns")
    quarter = IntegerField(index=True)
    naming = CodeField(Naming)
    state = CodeField(CampaignState, default=CampaignState.OPEN)
    k = IntegerField()
    public_key = BlobField()
    opened_by = ForeignKeyField(Person, null=True)
    opened_at = InstantField()
    closes_at = InstantField()
    closed_at = InstantField(null=True)

    version_id: int
    opened_by_id: int | None
    invitations: ModelSelect[Invitation]

    @property
    def last_moment(self) -> datetime:
        """The last instant at which it takes answers: its day is the last day to answer."""
        return self.closes_at - timedelta(microseconds=1)

    def is_over(self, now: datetime) -> bool:
        """Whether it takes no more answers: closed, or past its last day, before the daily round says so."""
        return self.state == CampaignState.CLOSED or self.closes_at <= now

    @classmethod
    def running_condition(cls, now: datetime) -> Condition:
        """The same of a query: those that are not over."""
        return (cls.state == CampaignState.OPEN) & (cls.closes_at > now)


class Invitation(Table):
    """One contact asked once. What a named response copies is fixed here. No instants (anonymity 1)."""

    campaign = ForeignKeyField(Campaign, backref="invitations")
    client = ForeignKeyField(Client, null=True, backref="invitations")
    contact = ForeignKeyField(Contact, null=True, backref="invitations")
    incident = ForeignKeyField(Incident, null=True, unique=True, backref="invitations")
    manager = ForeignKeyField(Person, null=True, backref="invitations_managed")
    department = ForeignKeyField(Department, null=True, backref="invitations")
    engineer = ForeignKeyField(Person, null=True, backref="invitations_engineered")
    channel = CodeField(Channel, default=Channel.LINK)
    state = CodeField(InvitationState, default=InvitationState.MADE, index=True)

    campaign_id: int
    client_id: int | None
    contact_id: int | None
    incident_id: int | None
    manager_id: int | None
    department_id: int | None
    engineer_id: int | None


class Link(Table):
    """A one-time link of an invitation, known by the SHA-256 of its token; an invitation can have several."""

    token_hash = CharField(max_length=64, unique=True)
    invitation = ForeignKeyField(Invitation, backref="links")
    # It was there when the answer came: one made later tells nothing (anonymity 9), after the last release none does.
    spent = BooleanField(default=False)
    by_hand = BooleanField(default=False)  # shown, copied or printed: only such a one can be handed over (P1)
    shown_to = ForeignKeyField(Person, null=True, backref="+")  # by hand: to whom of us; no instant (anonymity 1)

    invitation_id: int
    shown_to_id: int | None


class AttemptOutcome(StrEnum):
    """What became of an attempt to reach a contact (P2)."""

    HANDED_OVER = "handed_over"
    ANSWERED = "answered"
    NOBODY = "nobody"
    BUSY = "busy"
    LATER = "later"
    REFUSED = "refused"
    WRONG_NUMBER = "wrong_number"
    WITHDRAWN = "withdrawn"
    BOUNCED = "bounced"  # the mail that was handed over came back


class Attempt(Table):
    """An attempt of ours to reach a contact: made by us before any answer, so it may carry its instant."""

    invitation = ForeignKeyField(Invitation, backref="attempts")
    by = ForeignKeyField(Person, null=True)
    at = InstantField()
    outcome = CodeField(AttemptOutcome)
    again_at = InstantField(null=True)
    note = TextField(default="")
    undone_at = InstantField(null=True)  # taken back by who recorded it, soon after (P2); it stays on record
    undone_by = ForeignKeyField(Person, null=True, backref="+")

    invitation_id: int
    by_id: int | None


class CampaignCount(Table):
    """The states of a campaign's invitations after its last release: counts for each client (anonymity 4)."""

    campaign = ForeignKeyField(Campaign, backref="counts")
    client = ForeignKeyField(Client, null=True)  # None: those with fewer than k, together
    state = CodeField(InvitationState)  # what the rows said before OVER
    number = IntegerField()
