"""Paper: answers on a printed form that staff type in, and those that are typed twice to be compared (P5)."""

from __future__ import annotations

from peewee import DateField, ForeignKeyField, IntegerField

from csat.models.asking import Campaign, Invitation
from csat.models.base import Table
from csat.models.people import Person


class PaperEntry(Table):
    """A paper drawn to be typed twice: typed once, by whom; what was typed waits apart, as ciphertext."""

    invitation = ForeignKeyField(Invitation, unique=True, backref="paper_entries")
    by = ForeignKeyField(Person, backref="+")
    last_day = DateField()  # then what was typed is gone, and the paper is typed anew

    invitation_id: int
    by_id: int


class PaperComparison(Table):
    """A paper typed twice: by whom first, how many answers were compared, how many differed. No invitation."""

    campaign = ForeignKeyField(Campaign, backref="paper_comparisons")
    by = ForeignKeyField(Person, backref="+")  # who typed it first
    compared = IntegerField()
    differing = IntegerField()

    by_id: int
