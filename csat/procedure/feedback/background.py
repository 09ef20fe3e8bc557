"""What stands behind a feedback, for who works on it: incident, questionnaire, and what did not last (P9).

An anonymous response has no incident, contact or time, so there is nothing of it to show but which form it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from csat.models.answers import Response
from csat.models.clients import Incident
from csat.models.feedback import Action, Feedback
from csat.models.people import Person
from csat.procedure.feedback import access, recurrence
from csat.procedure.feedback.view import list_actions, list_responses


class Source(NamedTuple):
    """One response behind a feedback: which form it was, and the incident that it was about."""

    response: int
    questionnaire: Mapping[str, str]
    incident: Incident | None
    anonymous: bool


class Earlier(NamedTuple):
    """What a feedback repeats: its client says in the check that it is not solved, or it came again."""

    feedback: Feedback
    told: bool
    actions: list[Action]


def list_sources(feedback: Feedback) -> list[Source]:
    """The responses that a feedback was taken from, as far as they tell nothing of who is anonymous."""
    return [_describe_source(response) for response in list_responses(feedback)]


def list_earlier(feedback: Feedback, person: Person, today: date) -> list[Earlier]:
    """What it repeats, with what was done then, as far as the reader may open it."""
    rows = recurrence.list_earlier(feedback)
    readable = access.select_readable(person, today).where(Feedback.id.in_([row.earlier_id for row in rows]))
    seen = {one.id for one in readable}
    return [Earlier(row.earlier, row.told, _list_kept(row.earlier)) for row in rows if row.earlier_id in seen]


def _describe_source(response: Response) -> Source:
    incident = None if response.anonymous else response.incident
    return Source(response.id, response.version.title, incident, response.anonymous)


def _list_kept(feedback: Feedback) -> list[Action]:
    return [action for action in list_actions(feedback) if action.dropped_at is None]
