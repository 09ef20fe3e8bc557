"""For whom live figures are read: the one place that decides whose answers they count (F4, decision 0210)."""

from __future__ import annotations

from enum import StrEnum

from csat.models.answers import Response
from csat.models.base import Condition
from csat.models.people import Person
from csat.models.reporting import Tally
from csat.procedure.people.permissions import has_permission


class Audience(StrEnum):
    """Whose answers live figures count: all, or those with a name alone; anonymous ones follow in issued reports."""

    RESPONSE_READERS = "all"
    OTHERS = "named"

    @property
    def hides_anonymous(self) -> bool:
        """Whether these readers learn of anonymous answers from issued figures only."""
        return self is Audience.OTHERS


def find_audience(person: Person | None) -> Audience:
    """Who may read single responses sees all; everybody else, and a command without a person, named ones alone."""
    # Live figures of anonymous answers, read before and after one verdict, tell that answer.
    reads = person is not None and has_permission(person, "responses.read")
    return Audience.RESPONSE_READERS if reads else Audience.OTHERS


def tallied_conditions(audience: Audience) -> tuple[Condition, ...]:
    """The rows of the tally that an audience's live figures count."""
    return (~Tally.anonymous,) if audience.hides_anonymous else ()


def response_conditions(audience: Audience) -> tuple[Condition, ...]:
    """The same of responses, for what the tally does not hold."""
    return (~Response.anonymous,) if audience.hides_anonymous else ()
