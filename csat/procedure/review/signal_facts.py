"""What the rules of `signals` need to know of many responses, read with a handful of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any

from peewee import SQL, fn

from csat.models.answers import Answer, Release, ReleaseHolder, Response
from csat.models.asking import Campaign
from csat.models.check_calls import CheckCall
from csat.models.people import Person
from csat.models.questionnaires import Dimension, Kind, Question, QuestionnaireVersion
from csat.procedure.core import days_off, settings
from csat.procedure.review.recorders import RecorderComparison

MIN_IN_HAND = 3  # answers of a survey through links that one colleague had in hand
MIN_COPIED_LENGTH = 6  # characters: "好的" twice says nothing


@dataclass
class SignalFacts:
    """What the rules need about a batch of responses, read once."""

    zone: tzinfo
    hours: tuple[int, int]
    ratings: dict[int, list[tuple[Dimension | None, int]]] = field(default_factory=lambda: defaultdict(list))
    words: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    holders: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    contacts: dict[int, list[Any]] = field(default_factory=lambda: defaultdict(list))
    recorders: dict[int, dict[int, RecorderComparison]] = field(default_factory=dict)  # by quarter
    calls: dict[int, CheckCall] = field(default_factory=dict)
    in_hand: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)  # by quarter and version: most, whose
    calendar: dict[date, bool] = field(default_factory=dict)  # the days that the house keeps beside weekends


def gather_facts(batch: list[Response], zone: tzinfo) -> SignalFacts:
    """Read them for some hundred responses; `zone` tells what working hours are."""
    facts = SignalFacts(zone, (settings.get_whole_number("work_starts"), settings.get_whole_number("work_ends")))
    answers = (
        Answer.select(Answer.response, Question.kind, Question.dimension, Answer.value, Answer.words)
        .join(Question)
        .where(Answer.response.in_([response.id for response in batch]))
        .where(Question.kind.in_((Kind.RATING, Kind.TEXT)))
    )
    for key, kind, dimension, value, words in answers.tuples():
        if kind == Kind.TEXT and words and len(words.strip()) >= MIN_COPIED_LENGTH:
            facts.words[key].append(words)
        elif kind == Kind.RATING and value is not None:
            facts.ratings[key].append((dimension, value))
    _gather_holders(facts)
    _gather_contacts(facts, batch)
    _gather_calls(facts, batch)
    _gather_links_in_hand(facts)
    facts.calendar = days_off.read_calendar()
    return facts


def _gather_holders(facts: SignalFacts) -> None:
    texts = {text for texts in facts.words.values() for text in texts}
    if not texts:
        return
    rows = Answer.select(Answer.words, Answer.response).join(Question)
    for words, key in rows.where(Question.kind == Kind.TEXT, Answer.words.in_(texts)).tuples():
        facts.holders[words].add(key)


def _gather_contacts(facts: SignalFacts, batch: list[Response]) -> None:
    contacts = {response.contact_id for response in batch if response.contact_id}
    if not contacts:
        return
    rows = (
        Response.select(Response.contact, Response.id, QuestionnaireVersion.questionnaire, Response.received_at)
        .join(QuestionnaireVersion)
        .where(Response.contact.in_(contacts))
    )
    for contact, key, questionnaire, received in rows.tuples():
        facts.contacts[contact].append((key, questionnaire, received))


def _gather_links_in_hand(facts: SignalFacts) -> None:
    # Of anonymous answers a release knows how many, and nobody which (D7): it speaks of all of the survey.
    columns = (Campaign.quarter, Campaign.version, Person.name, fn.SUM(ReleaseHolder.number).alias("held"))
    rows = ReleaseHolder.select(*columns).join(Person).join_from(ReleaseHolder, Release).join(Campaign)
    grouped = rows.group_by(Campaign.quarter, Campaign.version, Person.id, Person.name)
    for quarter, version, name, number in grouped.order_by(SQL("held")).tuples():
        if number >= MIN_IN_HAND:
            facts.in_hand[quarter, version] = (number, name)


def _gather_calls(facts: SignalFacts, batch: list[Response]) -> None:
    recorded = [response.id for response in batch if response.recorder_id]
    if recorded:
        calls = CheckCall.select(CheckCall, Person).join(Person, on=(CheckCall.by == Person.id))
        facts.calls = {call.response_id: call for call in calls.where(CheckCall.response.in_(recorded))}
