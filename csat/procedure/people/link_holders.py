"""Who had links of a campaign in hand (D7): they could have answered themselves, so they neither release nor read.

In hand is what was copied, printed or told; what went out by mail nobody held. An anonymous response knows no campaign,
so whoever held links of a questionnaire in a quarter reads none of that quarter's anonymous answers to it.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

from csat.models.answers import Response
from csat.models.asking import Campaign, Invitation, Link
from csat.models.base import Condition
from csat.models.people import Person
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.core import refusals
from csat.procedure.core.quarter import Quarter


def held_campaigns(person: Person) -> set[int]:
    """The campaigns of which somebody ever had links in hand."""
    rows = Link.select(Invitation.campaign).join(Invitation).where(Link.shown_to == person, Link.by_hand).distinct()
    return {key for (key,) in rows.tuples()}


def readable_conditions(person: Person) -> tuple[Condition, ...]:
    """The responses that are not kept from somebody because they had links of the survey in hand."""
    held = [
        (Response.quarter == quarter)
        & Response.version.in_(
            QuestionnaireVersion.select(QuestionnaireVersion.id).where(QuestionnaireVersion.questionnaire == form)
        )
        for quarter, form in sorted(_held_surveys(person))
    ]
    return (~(Response.anonymous & reduce(or_, held)),) if held else ()


def is_kept_from(person: Person, response: Response) -> bool:
    """Whether somebody may not read an anonymous response because they had links of its survey in hand."""
    survey = (response.quarter, response.version.questionnaire_id)
    return bool(response.anonymous) and survey in _held_surveys(person)


def ensure_may_read(person: Person, response: Response) -> None:
    """Who had links of a survey in hand does not read its single anonymous answers."""
    if is_kept_from(person, response):
        raise refusals.HolderMayNotRead


def ensure_may_read_quarter(person: Person, quarter: Quarter) -> None:
    """The same of everything that was answered in a quarter."""
    kept = Response.select().where(Response.quarter == int(quarter), Response.anonymous)
    forms = [form for number, form in _held_surveys(person) if number == int(quarter)]
    versions = QuestionnaireVersion.select(QuestionnaireVersion.id)
    if kept.where(Response.version.in_(versions.where(QuestionnaireVersion.questionnaire.in_(forms)))).exists():
        raise refusals.HolderMayNotRead


def _held_surveys(person: Person) -> set[tuple[int, int]]:
    """The quarters and questionnaires of the campaigns whose links somebody had in hand."""
    held = Campaign.select(Campaign.quarter, QuestionnaireVersion.questionnaire).join(QuestionnaireVersion)
    return set(held.where(Campaign.id.in_(held_campaigns(person))).tuples())
