"""Whether it helped: the question to the client after closing (P4), and what came again (I5)."""

from __future__ import annotations

from enum import StrEnum

from peewee import BooleanField, ForeignKeyField

from csat.models.answers import Response
from csat.models.asking import Invitation
from csat.models.base import CodeField, InstantField, Table
from csat.models.feedback import Feedback


class Unasked(StrEnum):
    """Why nobody is asked whether a closed feedback is settled."""

    ANONYMOUS = "anonymous"
    OBSERVED = "observed"
    NOBODY = "nobody"
    OPTED_OUT = "opted_out"
    RETIRED = "retired"
    RESTING = "resting"  # until the days of rest are over


class ClosingCheck(Table):
    """The two questions to who raised a matter, once it is closed: whom they went to, and what came back."""

    # Linked feedback is one matter: its check stands at the one that counts.
    feedback = ForeignKeyField(Feedback, unique=True, backref="closing_checks")  # a matter is asked about once
    invitation = ForeignKeyField(Invitation, null=True, unique=True, backref="closing_checks")
    response = ForeignKeyField(Response, null=True, unique=True, backref="closing_checks")
    why = CodeField(Unasked, null=True)
    at = InstantField()

    feedback_id: int
    invitation_id: int | None
    response_id: int | None


class Recurrence(Table):
    """A feedback that came after an earlier one was closed, and says that the problem is still there."""

    feedback = ForeignKeyField(Feedback, backref="repeats")
    earlier = ForeignKeyField(Feedback, backref="repeated_by")
    told = BooleanField(default=False)  # the client said so in the check, whatever the type and the days

    feedback_id: int
    earlier_id: int

    class Meta:
        indexes = ((("feedback", "earlier"), True),)
