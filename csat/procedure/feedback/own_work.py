"""What clients said of the work of one of us (issue: seen by who must): praise, and closed feedback, one's own only.

Never anything that an anonymous response is behind, and nothing that says who told it (F4, D2).
"""

from __future__ import annotations

from dataclasses import dataclass

from csat.models.answers import Response, Verdict
from csat.models.clients import Incident
from csat.models.feedback import Feedback, FeedbackSource, FeedbackState
from csat.models.people import Person
from csat.models.praise import Praise
from csat.procedure.core.contact_details import mask_text
from csat.procedure.feedback import praise_view
from csat.procedure.feedback.entering import handled_condition
from csat.procedure.feedback.view import list_actions
from csat.procedure.review.matters import find_speaking


@dataclass(frozen=True)
class OwnFeedback:
    """A closed feedback about an incident that a person handled: what was said and done, by nobody's name."""

    feedback: Feedback
    incident: Incident
    title: str
    words: str
    actions: tuple[str, ...]


@dataclass(frozen=True)
class OwnPraise:
    """A praise that names a person; its words by nobody's name."""

    praise: Praise
    words: str


def list_own_praise(person: Person) -> list[OwnPraise]:
    """The praise that names a person, the latest first."""
    return [OwnPraise(one, praise_view.retell(one)) for one in praise_view.list_own_praise(person)]


def list_own_feedback(person: Person) -> list[OwnFeedback]:
    """The closed feedback about incidents that a person handled, the latest first."""
    incidents = {one.id: one for one in Incident.select().where(handled_condition(person))}
    told = _find_incidents(set(incidents))
    rows = Feedback.select().where(Feedback.id.in_(list(told)), Feedback.state == FeedbackState.CONFIRMED)
    closed = list(rows.order_by(Feedback.closed_at.desc()))
    speaking = find_speaking(closed)  # linked feedback is one matter: an anonymous half would be told as well
    return [_describe(one, incidents[told[one.id]]) for one in closed if one.id in speaking]


def _find_incidents(handled: set[int]) -> dict[int, int]:
    """Of each feedback about these incidents the incident; not of what has a response behind that is no evidence."""
    entered = Feedback.select(Feedback.id, Feedback.incident).where(Feedback.incident.in_(list(handled)))
    found: dict[int, int] = dict(entered.tuples())
    sources = FeedbackSource.select(FeedbackSource.feedback, Response.incident).join(Response)
    found |= dict(sources.where(Response.incident.in_(list(handled))).tuples())
    kept_back = FeedbackSource.select(FeedbackSource.feedback).join(Response)
    kept_back = kept_back.where(Response.anonymous | (Response.verdict != Verdict.VALID))
    shut = {row.feedback_id for row in kept_back.where(FeedbackSource.feedback.in_(list(found)))}
    return {key: incident for key, incident in found.items() if key not in shut}


def _describe(feedback: Feedback, incident: Incident) -> OwnFeedback:
    names = {feedback.said_by, feedback.contact.name if feedback.contact else ""}
    sources = FeedbackSource.select(FeedbackSource, Response).join(Response).where(FeedbackSource.feedback == feedback)
    for source in sources:
        names |= _names_of(source.response)
    actions = tuple(mask_text(one.what, names) for one in list_actions(feedback) if one.dropped_at is None)
    return OwnFeedback(feedback, incident, mask_text(feedback.title, names), mask_text(feedback.words, names), actions)


def _names_of(response: Response) -> set[str]:
    return {response.respondent_name, response.contact.name if response.contact else ""}
