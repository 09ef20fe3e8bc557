"""The demo's asking and answering: incidents close and are asked about, campaigns ask, contacts answer."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from csat.adapters import sealing
from csat.database import write
from csat.demo.cast import DemoClient
from csat.demo.timeline import QUARTERS, Timeline
from csat.demo.voice import fill_form
from csat.demo.working_hours import draw_asking_time, draw_earlier_time, draw_working_time, next_desk_time
from csat.models.asking import AttemptOutcome, Campaign, Channel, Invitation, Naming, Occasion
from csat.models.base import Json, expect_value
from csat.models.clients import Contact, Incident, Tier
from csat.models.people import Person
from csat.procedure.campaigns import campaigns, invitations, links, proposals
from csat.procedure.campaigns.proposals import ClientProposal
from csat.procedure.core.quarter import Quarter
from csat.procedure.incidents import incidents
from csat.procedure.questionnaires import questionnaires
from csat.procedure.survey import submission

SOURCE_SYSTEM = "servicedesk"
HURRY = 0.08  # a major incident takes this part of the usual time: everybody helps
TOO_GOOD_MOOD, TELEPHONE_LIFT, CAMPAIGN_LIFT = 4.9, 0.05, 0.1
LEFT_TO_VISITOR = timedelta(days=2, hours=12)  # what closed since then waits for the visitor
YEARLY_QUARTER = 2  # of each year: the security survey


@dataclass(frozen=True)
class Asking:
    """Who is asked, in which quarter of the story, and about whose work."""

    index: int
    client: DemoClient
    contact: Contact
    department: str
    lift: float = 0.0  # some ways of asking get friendlier answers

    def mood(self, timeline: Timeline) -> float:
        """How content the client is with the department, on the scale 1–5."""
        levels = timeline.cast.departments[self.department].level
        return levels[self.index] + self.client.level[self.index] + self.lift


def plan_surveys(timeline: Timeline) -> None:
    """Plan each quarter as it begins: only then its moments are drawn; and the visitor's link."""
    for index in range(QUARTERS + 1):
        timeline.at(timeline.quarter(index).start(timeline.zone), begin_quarter, index)
    timeline.at(timeline.content["visitor"]["opens"], keep_a_link)


def begin_quarter(timeline: Timeline, now: datetime, index: int) -> None:
    """Plan a quarter's incidents and its campaign."""
    quarter, zone = timeline.quarter(index), timeline.zone
    for client in timeline.cast.clients:
        for _ in range(timeline.content["incidents"]["a_quarter"][client.record.tier]):
            timeline.at(draw_working_time(quarter, zone, timeline.dice), close_incident, index, client)
    timeline.at(quarter.start(zone) + timedelta(days=76, hours=10), open_campaigns, index)


# --- incidents ---------------------------------------------------------------------------------------


def close_incident(timeline: Timeline, now: datetime, index: int, client: DemoClient) -> None:
    """An incident closes; the desk will ask within two days, nearly always."""
    department = _draw_department(timeline, index, client)
    number = Incident.select().count() + 1
    fields = _draw_incident(timeline, now, client, department, number)
    incident, _ = incidents.upsert_incident(SOURCE_SYSTEM, f"INC{number:06d}", fields, None, now, timeline.zone)
    late = timeline.happens("asked_late")
    if now > timeline.ends - LEFT_TO_VISITOR:
        return
    asked_at = draw_asking_time(now, late, timeline.zone, timeline.dice)
    ask = call if timeline.happens("by_telephone") else send_link
    timeline.at(asked_at, ask, Asking(index, client, fields["contact"], department), incident)


def _draw_department(timeline: Timeline, index: int, client: DemoClient) -> str:
    """How incidents spread over departments; the worsening client's fall to the first, Networks."""
    names = list(timeline.cast.departments)
    first = 1.0 + max(0.0, -client.level[index]) * 6
    return timeline.dice.choices(names, [first] + [1.0] * (len(names) - 1))[0]


def _draw_incident(timeline: Timeline, closed: datetime, client: DemoClient, department: str, number: int) -> Json:
    dice, content = timeline.dice, timeline.content
    engineer = dice.choice(timeline.cast.departments[department].engineers)
    hours = min(max(dice.lognormvariate(1.2, 0.9), 0.3), 70)
    opened = draw_earlier_time(closed - timedelta(hours=hours + 1), timeline.zone, dice)
    hours = (closed - opened).total_seconds() / 3600 * dice.uniform(0.3, 0.9)
    priorities = content["incidents"]["priorities"]
    fields = {
        "contact": dice.choice(client.contacts),
        "title": dice.choice(content["incident_titles"][department]),
        "client": client.record,
        "department": timeline.cast.departments[department].record,
        "assigned_to": engineer,
        "resolved_by": engineer,
        "opened_at": opened,
        "responded_at": opened + timedelta(minutes=dice.lognormvariate(2.4, 0.7)),
        "resolved_at": opened + timedelta(hours=hours),
        "closed_at": closed,
        "priority": dice.choices(list(priorities), list(priorities.values()))[0],
        "reported_by": dice.choice(content["incidents"]["reported_by"]),
    }
    if fields["priority"] == "P1":
        fields |= {"major": True, "resolved_at": opened + timedelta(hours=hours * HURRY)}
    elif timeline.happens("unsolved", random.Random(f"unsolved {number}")):
        fields["resolved_at"] = None
    return fields


def call(timeline: Timeline, now: datetime, asking: Asking, incident: Incident) -> None:
    """An agent telephones: mostly somebody answers, sometimes at the second try, seldom never."""
    agent, chances = timeline.dice.choice(timeline.cast.agents), timeline.content["chances"]
    with write():
        campaign = _ensure_campaign(timeline, now, incident)
        invitation = invitations.invite_contact(
            campaign, asking.contact, agent, now, incident, Channel.TELEPHONE, zone=timeline.zone
        )
        chance = timeline.dice.random()
        nobody = chance < chances["nobody_answers"]
        if nobody:
            invitations.record_attempt(invitation, AttemptOutcome.NOBODY, agent, now)
    if nobody:
        later = next_desk_time(now + timedelta(hours=5), timeline.zone, timeline.dice)
        timeline.at(later, take_call, asking, invitation, agent, chance < chances["gives_up"])
    else:
        take_call(timeline, now, asking, invitation, agent, chance > 1 - chances["declines"])


def take_call(
    timeline: Timeline, now: datetime, asking: Asking, invitation: Invitation, agent: Person, refuses: bool
) -> None:
    """Somebody is on the telephone, and answers or does not want to."""
    if refuses:
        invitations.record_attempt(invitation, AttemptOutcome.REFUSED, agent, now)
        return
    too_good = agent is timeline.cast.too_good
    mood = TOO_GOOD_MOOD if too_good else asking.mood(timeline) + TELEPHONE_LIFT
    questions = questionnaires.questions_of(invitation.campaign.version)
    language = asking.client.language
    answers = fill_form(timeline, questions, mood, language, asking.department, steady=too_good)
    submission.record_response(invitation, answers, Channel.TELEPHONE, agent, now)


def send_link(timeline: Timeline, now: datetime, asking: Asking, incident: Incident) -> None:
    """An agent hands over a link; most contacts answer within three days."""
    agent = timeline.dice.choice(timeline.cast.agents)
    with write():
        campaign = _ensure_campaign(timeline, now, incident)
        token = _hand_over_link(timeline, now, campaign, asking.contact, agent, incident)
    if timeline.happens("answers_link"):
        answered_at = now + timedelta(hours=timeline.dice.uniform(1, 70))
        timeline.at(answered_at, answer, asking, token, timeline.happens("anonymous_link"))


def _ensure_campaign(timeline: Timeline, now: datetime, incident: Incident) -> Campaign:
    """The standing campaign of an incident's quarter."""
    quarter = Quarter.of(expect_value(incident.first_closed_at), timeline.zone)
    return campaigns.ensure_standing_campaign(quarter, lambda: create_key(timeline), now, timeline.zone)


# --- campaigns ---------------------------------------------------------------------------------------


def open_campaigns(timeline: Timeline, now: datetime, index: int) -> None:
    """The quarter's campaign asks the important and core clients; a security survey once a year."""
    proposed = proposals.list_proposals(None, timeline.zone, now)
    _ask_all(timeline, now, index, Occasion.QUARTERLY, "company", proposed)
    if timeline.quarter(index).number == YEARLY_QUARTER:
        proposed = proposals.list_proposals(None, timeline.zone, now)
        core = [one for one in proposed if one.client.tier == Tier.CORE]
        _ask_all(timeline, now, index, Occasion.YEARLY, "security", core)


def _ask_all(
    timeline: Timeline, now: datetime, index: int, occasion: Occasion, form: str, proposed: list[ClientProposal]
) -> None:
    qa, quarter = timeline.cast.people["qa"], timeline.quarter(index)
    version = questionnaires.get_version_in_force(form, now)
    closes = quarter.end(timeline.zone) + timedelta(days=15)
    campaign = campaigns.open_campaign(occasion, version, quarter, closes, Naming.BOTH, create_key(timeline), qa, now)
    for one in proposed:
        client = timeline.cast.client_named(one.client.name)
        for contact in one.marked:
            token = _hand_over_link(timeline, now, campaign, contact, qa)
            if timeline.happens("answers_campaign"):
                answered_at = now + timedelta(hours=timeline.dice.uniform(3, 260))
                department = _draw_department(timeline, index, client)
                asking = Asking(index, client, contact, department, CAMPAIGN_LIFT)
                timeline.at(answered_at, answer, asking, token, timeline.happens("anonymous_campaign"))


def keep_a_link(timeline: Timeline, now: datetime) -> None:
    """A project survey in which two people of one client have answered: the visitor will be the third."""
    about, quarter, key = timeline.content["visitor"], timeline.last_quarter, create_key(timeline)
    client, manager = timeline.cast.client_named(about["client"]), timeline.cast.people[about["manager"]]
    version = questionnaires.get_version_in_force(about["questionnaire"], now)
    campaign = campaigns.open_campaign(
        Occasion.PROJECT, version, quarter, about["closes"], Naming.BOTH, key, manager, now, about["title"]
    )
    for number, contact in enumerate(client.contacts, 1):
        token = _hand_over_link(timeline, now, campaign, contact, manager)
        if number < campaign.k:
            asking = Asking(QUARTERS, client, contact, about["department"])
            timeline.at(now + timedelta(hours=21 + 9 * number), answer, asking, token, True)
        elif number == campaign.k:
            timeline.cast.visitors_token = token


def create_key(timeline: Timeline) -> bytes:
    """A campaign's key, its private half kept in the keys folder."""
    return sealing.create_key(timeline.config.keys)


def _hand_over_link(
    timeline: Timeline,
    now: datetime,
    campaign: Campaign,
    contact: Contact,
    by: Person,
    incident: Incident | None = None,
) -> str:
    with write():
        invitation = invitations.invite_contact(campaign, contact, by, now, incident, zone=timeline.zone)
        token = invitations.make_link(invitation, by, now)
        invitations.mark_handed_over(invitation, by, now)
    return token


def answer(timeline: Timeline, now: datetime, asking: Asking, token: str, anonymous: bool) -> None:
    """A contact opens the link and answers."""
    questions = questionnaires.questions_of(links.open_link(token, now).campaign.version)
    mood, language = asking.mood(timeline), asking.client.language
    answers = fill_form(timeline, questions, mood, language, asking.department)
    seconds = timeline.dice.lognormvariate(math.log(12 * len(questions)), 0.5)
    filled = submission.FilledForm(
        answers,
        anonymous=anonymous,
        code="",
        name="" if anonymous else asking.contact.name,
        reach="" if anonymous else asking.contact.telephone,
        duration=submission.classify_duration(seconds, len(questions)),
    )
    submission.submit_response(token, filled, now, sealing.seal_bytes)
