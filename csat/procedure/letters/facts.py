"""What a letter may retell of feedback and actions (P13, decision 0100).

Its reader is often the superior of who answered. So nothing that was taken from an anonymous response is
retold, not even counted: neither the matter, nor an action that deals with it. What came with a name, or
without a response (P15), may be retold; but not in words that an anonymous comment has too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from csat.models.answers import Response, Verdict
from csat.models.clients import Client, Contact
from csat.models.feedback import (
    Action,
    ActionFeedback,
    ActionKind,
    Feedback,
    FeedbackOrigin,
    FeedbackSource,
    FeedbackState,
    IssueType,
)
from csat.procedure.clients.merging import client_family
from csat.procedure.core.quarter import Quarter
from csat.procedure.letters import wording
from csat.procedure.review.matters import find_anonymous_matters

MIN_NAME_LENGTH = 2  # letters: covering shorter ones would tear words apart


@dataclass(frozen=True)
class LetterFeedback:
    """A feedback that may be retold: its type, its title ('' if that may not be), whether it is settled."""

    issue: dict[str, str]
    title: str
    settled: bool


@dataclass(frozen=True)
class LetterAction:
    """An action that may be told: about which type of problem, what, until when, done on which day."""

    issue: dict[str, str]
    kind: ActionKind
    what: str
    due: date
    done_on: date | None


@dataclass(frozen=True)
class LetterFacts:
    """All that a letter may retell, and the names that must not stand in it."""

    matters: tuple[LetterFeedback, ...]
    measures: tuple[LetterAction, ...]
    names: tuple[str, ...]


def gather_facts(client: Client, quarter: Quarter, zone: tzinfo) -> LetterFacts:
    """What may be retold to a client of a quarter's feedback, and of the actions on it."""
    rows = Feedback.select(Feedback, IssueType).join(IssueType)
    rows = rows.where(Feedback.quarter == int(quarter), Feedback.client.in_(client_family(client.id)))
    found = list(rows.order_by(IssueType.position, Feedback.id))
    shut = find_untellable(found)
    told = [row for row in found if row.id not in shut]
    said = wording.list_anonymous_words(client, quarter)
    return LetterFacts(
        tuple(_make_feedback(row, said) for row in told),
        tuple(_make_action(action, about, said, zone) for action, about in _list_actions(told)),
        tuple(sorted(_list_forbidden_names(client))),
    )


def find_untellable(rows: Iterable[Feedback]) -> set[int]:
    """Which of these feedbacks a letter must not retell: with an anonymous or not valid response behind."""
    by_key = {row.id: row for row in rows}
    sources = FeedbackSource.select(FeedbackSource, Response).join(Response)
    behind: dict[int, list[Response]] = defaultdict(list)
    for source in sources.where(FeedbackSource.feedback.in_(list(by_key))):
        behind[source.feedback_id].append(source.response)
    shut = {key for key, row in by_key.items() if not _may_be_retold(row, behind[key])}
    # Linked feedback is one matter: told through its named half, the anonymous half would be told as well.
    secret = find_anonymous_matters({row.matter_id for row in by_key.values()})
    return shut | {key for key, row in by_key.items() if row.matter_id in secret}


def _may_be_retold(feedback: Feedback, responses: Sequence[Response]) -> bool:
    if feedback.origin == FeedbackOrigin.RESPONSE and not responses:  # nobody can say whose words they were
        return False
    return all(not one.anonymous and one.verdict == Verdict.VALID for one in responses)


def _make_feedback(feedback: Feedback, said: Sequence[str]) -> LetterFeedback:
    title = "" if wording.find_quotation(feedback.title, said) else feedback.title
    return LetterFeedback(dict(feedback.issue_type.name), title, feedback.state == FeedbackState.CONFIRMED)


def _list_actions(told: Sequence[Feedback]) -> list[tuple[Action, Feedback]]:
    """The actions on what may be retold, but for those that deal with what may not, too."""
    by_key = {row.id: row for row in told}
    mine = ActionFeedback.select(ActionFeedback.action).where(ActionFeedback.feedback.in_(list(by_key)))
    rows = ActionFeedback.select(ActionFeedback, Action, Feedback).join(Action).switch(ActionFeedback).join(Feedback)
    links = list(
        rows.where(ActionFeedback.action.in_(mine), Action.dropped_at.is_null()).order_by(Action.due, Action.id)
    )
    # An action that deals with a matter which may not be told tells of it, whatever else it deals with.
    shut = find_untellable(link.feedback for link in links)
    secret = {link.action_id for link in links if link.feedback_id in shut}
    told_of = [link for link in links if link.action_id not in secret and link.feedback_id in by_key]
    return list({link.action_id: (link.action, by_key[link.feedback_id]) for link in told_of}.values())


def _make_action(action: Action, about: Feedback, said: Sequence[str], zone: tzinfo) -> LetterAction:
    return LetterAction(
        issue=dict(about.issue_type.name),
        kind=action.kind,
        what="" if wording.find_quotation(action.what, said) else " ".join(action.what.split()),
        due=action.due,
        done_on=action.done_at.astimezone(zone).date() if action.done_at else None,
    )


def _list_forbidden_names(client: Client) -> set[str]:
    """Who is behind named responses of this client, its contacts, and the names of all other clients."""
    own = client_family(client.id)
    contacts = Contact.select(Contact.name).where(Contact.client.in_(own))
    named = Response.select(Response.respondent_name).where(Response.client.in_(own), ~Response.anonymous)
    others = Client.select(Client.name, Client.name_en).where(Client.id.not_in(own))
    names = {one.name for one in contacts} | {one.respondent_name for one in named.distinct()}
    names |= {name for one in others for name in (one.name, one.name_en)}
    return {name for name in names if len(name) >= MIN_NAME_LENGTH}
