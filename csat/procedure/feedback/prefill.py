"""What QA finds filled in where a feedback is made of a response (P6, P9, I5): a proposal, theirs to change."""

from __future__ import annotations

from typing import NamedTuple

from csat.models.answers import Response
from csat.models.feedback import Feedback
from csat.models.people import Person
from csat.procedure.feedback import follow_up, recurrence
from csat.procedure.people import permissions
from csat.procedure.review import triage


class Suggestion(NamedTuple):
    """Title, type, department and supervisor, as far as anything speaks for them."""

    title: str
    issue_type: int | None
    department: int | None
    supervisor: int | None

    def as_fields(self) -> dict[str, object]:
        """The same for a form, whose selects want a blank instead of nothing."""
        return {name: value or "" for name, value in self._asdict().items()}


def suggest_classification(response: Response, by: Person) -> Suggestion:
    """What the closed matter says that a check is about; else the desk's sorting, and what it would repeat."""
    checked = follow_up.find_checked_feedback(response)
    sorted_as = triage.triages_of([response]).get(response.id)
    sorted_type = sorted_as.issue_type_id if sorted_as else None
    issue_type = checked.issue_type_id if checked else sorted_type
    earlier = checked or (recurrence.find_repeated(response.client_id, issue_type) if issue_type else None)
    department = earlier.department_id if earlier and earlier.department_id else response.department_id
    title = sorted_as.summary if sorted_as and sorted_type else ""
    return Suggestion(title, issue_type, department, _choose_supervisor(earlier, by))


def _choose_supervisor(earlier: Feedback | None, by: Person) -> int:
    """Who supervised it then, while they still do; else who makes the feedback."""
    known = earlier and earlier.supervisor
    return known.id if known and permissions.has_permission(known, "feedback.supervise") else by.id
