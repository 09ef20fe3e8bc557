"""The demo's printed forms: a training at a hospital, a stack handed out, most of it back and typed in (P5)."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from datetime import datetime, timedelta

from csat.adapters import sealing
from csat.demo.desk import create_key
from csat.demo.timeline import QUARTERS, Timeline
from csat.demo.voice import fill_form
from csat.models.asking import Campaign, Naming, Occasion
from csat.models.base import Json
from csat.models.people import Person
from csat.procedure.campaigns import campaigns, paper_forms
from csat.procedure.campaigns.paper_forms import PrintedForm
from csat.procedure.core import settings
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.survey import paper
from csat.procedure.survey.typed_paper import TypedPaper


def plan_paper(timeline: Timeline) -> None:
    """Plan the one survey on paper."""
    timeline.at(timeline.content["paper"]["opens"], print_stack)


def print_stack(timeline: Timeline, now: datetime) -> None:
    """Open the survey, print the stack and hand it out; what comes back is typed in from the next day on."""
    about, manager = timeline.content["paper"], timeline.cast.people[timeline.content["paper"]["manager"]]
    settings.change_setting("paper_double_share", about["double_share"], timeline.cast.people["admin"], now)
    version = questionnaires.get_version_in_force(about["questionnaire"], now)
    key = create_key(timeline)
    campaign = campaigns.open_campaign(
        Occasion.EVENT, version, timeline.last_quarter, about["closes"], Naming.BOTH, key, manager, now, about["title"]
    )
    client = timeline.cast.client_named(about["client"]).record
    stack = paper_forms.print_stack(campaign, client, about["printed"], manager, now, timeline.zone)
    paper_forms.hand_over_stack(campaign, client, about["printed"], manager, now)
    for number, form in enumerate(stack[: about["returned"]]):
        timeline.at(now + timedelta(days=1, minutes=9 * number), type_in, campaign, form, number)


def type_in(timeline: Timeline, now: datetime, campaign: Campaign, form: PrintedForm, number: int) -> None:
    """An agent types a form in; what is drawn a colleague types again next day, but for the last form."""
    about = timeline.content["paper"]
    first, second = timeline.cast.agents[:2]
    typed = _fill(timeline, campaign, number)
    if _enter(timeline, now, form, typed, first) or number == about["returned"] - 1:
        return
    slip_of_the_finger = replace(typed, answers={**typed.answers, "overall": GivenAnswer(value=1)})
    timeline.at(now + timedelta(days=1), type_again, form, slip_of_the_finger if number % 2 else typed, second)


def type_again(timeline: Timeline, now: datetime, form: PrintedForm, typed: TypedPaper, by: Person) -> None:
    """A colleague types it in as well, and decides by the paper."""
    _enter(timeline, now, form, typed, by, decided=True)


def _enter(
    timeline: Timeline, now: datetime, form: PrintedForm, typed: TypedPaper, by: Person, decided: bool = False
) -> bool:
    return paper.enter_paper(form.code, typed, by, now, timeline.zone, sealing, decided)


def _fill(timeline: Timeline, campaign: Campaign, number: int) -> TypedPaper:
    about: Json = timeline.content["paper"]
    client = timeline.cast.client_named(about["client"])
    aside = copy.copy(timeline)  # with dice of its own: the main story shall not change by it
    aside.dice = random.Random(f"paper {number}")
    questions = questionnaires.questions_of(campaign.version)
    mood = 4 + client.level[QUARTERS]
    answers = fill_form(aside, questions, mood, client.language, about["department"])
    signed = about["signed"] if number == 0 else ""
    return TypedPaper(answers, anonymous=not signed, name=signed)
