"""Letters to clients (P13): one page per client and quarter, its links, and what became of them."""

from __future__ import annotations

from enum import StrEnum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, ModelSelect, TextField

from csat.models.base import CodeField, InstantField, JsonField, Table
from csat.models.clients import Client, Contact
from csat.models.people import Person
from csat.models.reporting import Report
from csat.models.work import StoredFile


class LetterState(StrEnum):
    """QA words a draft; a ready one waits for the project manager; a sent one never changes."""

    DRAFT = "draft"
    READY = "ready"
    SENT = "sent"


class Letter(Table):
    """What a client is told of a quarter. `document` is all that the client sees, frozen once it is ready."""

    client = ForeignKeyField(Client, backref="letters")
    quarter = IntegerField(index=True)
    version = IntegerField()
    state = CodeField(LetterState, default=LetterState.DRAFT)
    report = ForeignKeyField(Report, backref="letters")  # whose figures it tells
    facts = JsonField()
    words = JsonField()
    replaces: ForeignKeyField[Letter | None] = ForeignKeyField("self", null=True, backref="replaced_by")
    worded_by = ForeignKeyField(Person, backref="letters_worded")
    worded_at = InstantField()
    taken_back = TextField(default="")  # why QA took it back
    released_by = ForeignKeyField(Person, null=True, backref="letters_released")
    released_at = InstantField(null=True)
    sent_by = ForeignKeyField(Person, null=True, backref="letters_sent")
    sent_at = InstantField(null=True)
    document = JsonField(null=True)
    internal_read_at = InstantField(null=True)  # when QA said that what colleagues wrote may go out as it stands

    client_id: int
    report_id: int
    files: ModelSelect[LetterFile]

    class Meta:
        indexes = ((("client", "quarter", "version"), True),)

    @property
    def number(self) -> str:
        """What people call it: L-2026Q3-12-1 (quarter, client, version)."""
        return f"L-{self.quarter // 10}Q{self.quarter % 10}-{self.client_id}-{self.version}"


class LetterFile(Table):
    """The kept PDF of one language of a sent letter."""

    letter = ForeignKeyField(Letter, backref="files")
    language = CharField(max_length=2)
    file = ForeignKeyField(StoredFile)

    class Meta:
        indexes = ((("letter", "language"), True),)


class LetterLink(Table):
    """A link to a sent letter, known by the SHA-256 of its token: each mail and each copy has its own."""

    token_hash = CharField(max_length=64, unique=True)
    letter = ForeignKeyField(Letter, backref="links")
    contact = ForeignKeyField(Contact, null=True, backref="letter_links")  # none: for nobody in particular
    mailed = BooleanField()  # else made to be handed over
    by = ForeignKeyField(Person, null=True, backref="letter_links_made")
    made_at = InstantField()
    expires_at = InstantField()
    withdrawn_at = InstantField(null=True)
    first_opened_at = InstantField(null=True)  # its page was fetched, by whomever or whatever
    openings = IntegerField(default=0)
    downloads = IntegerField(default=0)
    read_at = InstantField(null=True)  # somebody pressed the button that says so

    letter_id: int
