"""The demo's asking and answering: incidents close and are asked about, campaigns ask, contacts answer."""

from __future__ import annotations

import copy
import random
from datetime import datetime, timedelta

from csat.demo import own_mail
from csat.demo.cast import DemoClient
from csat.demo.desk import Asking, answer, call, create_key, hand_over_link, send_link
from csat.demo.timeline import LEFT_TO_DESK, QUARTERS, Timeline
from csat.demo.working_hours import draw_asking_time, draw_earlier_time, draw_working_time
from csat.models.asking import Naming, Occasion
from csat.models.base import Json
from csat.models.clients import Incident, Tier
from csat.procedure.campaigns import campaigns, proposals
from csat.procedure.campaigns.proposals import ClientProposal
from csat.procedure.incidents import incidents
from csat.procedure.questionnaires import questionnaires

SOURCE_SYSTEM = "servicedesk"
HURRY = 0.08  # a major incident takes this part of the usual time: everybody helps
CAMPAIGN_LIFT = 0.1
YEARLY_QUARTER = 2  # of each year: the security survey


def plan_surveys(timeline: Timeline) -> None:
    """Plan each quarter as it begins: only then its moments are drawn; and the visitor's link."""
    for index in range(QUARTERS + 1):
        timeline.at(timeline.quarter(index).start(timeline.zone), begin_quarter, index)
    timeline.at(timeline.content["visitor"]["opens"], keep_a_link)
    for about in timeline.content["last_days"]["incidents"]:
        timeline.at(timeline.ends - timedelta(hours=about["hours"]), close_last_incident, about)


def begin_quarter(timeline: Timeline, now: datetime, index: int) -> None:
    """Plan a quarter's incidents and its campaign."""
    quarter, zone = timeline.quarter(index), timeline.zone
    for client in timeline.cast.clients:
        for _ in range(timeline.content["incidents"]["a_quarter"][client.record.tier]):
            timeline.at(draw_working_time(quarter, zone, timeline.dice), close_incident, index, client)
    timeline.at(quarter.start(zone) + timedelta(days=76, hours=10), open_campaigns, index)


# --- incidents ---------------------------------------------------------------------------------------


def close_incident(timeline: Timeline, now: datetime, index: int, client: DemoClient) -> None:
    """An incident closes; the desk will ask within two days, nearly always, or a mail does so by itself."""
    department = _draw_department(timeline, index, client)
    number = Incident.select().count() + 1
    fields = _draw_incident(timeline, now, client, department, number)
    by_itself = own_mail.is_switched_on(timeline, now)
    if by_itself and timeline.happens("reported_by_help_desk", random.Random(f"reported {number}")):
        fields["contact"] = client.help_desk[number % len(client.help_desk)]
    incident = _close(timeline, now, number, fields)
    asking = Asking(index, client, fields["contact"], department)
    late, left = timeline.happens("asked_late"), now > timeline.ends - LEFT_TO_DESK
    if left:
        _ask_by_mail(timeline, now, asking, incident, None)
        return
    asked_at = draw_asking_time(now, late, timeline.zone, timeline.dice)
    ask = call if timeline.happens("by_telephone") else send_link
    if by_itself:
        _ask_by_mail(timeline, now, asking, incident, asked_at)
    else:
        timeline.at(asked_at, ask, asking, incident)


def close_last_incident(timeline: Timeline, now: datetime, about: Json) -> None:
    """One of the last days, that is left to the visitor: the desk cannot have got to it."""
    aside = copy.copy(timeline)  # with dice of its own: the main story shall not change by it
    number = Incident.select().count() + 1
    aside.dice = random.Random(f"last day {number}")
    client = timeline.cast.client_named(about["client"])
    fields = _draw_incident(aside, now, client, about["department"], number)
    everybody = [*client.contacts, *client.help_desk]
    fields["contact"] = next(one for one in everybody if one.name == about["contact"])
    incident = _close(timeline, now, number, fields)
    _ask_by_mail(timeline, now, Asking(QUARTERS, client, fields["contact"], about["department"]), incident, None)


def _close(timeline: Timeline, now: datetime, number: int, fields: Json) -> Incident:
    incident, _ = incidents.upsert_incident(SOURCE_SYSTEM, f"INC{number:06d}", fields, None, now, timeline.zone)
    return incident


def _ask_by_mail(
    timeline: Timeline, now: datetime, asking: Asking, incident: Incident, call_at: datetime | None
) -> None:
    timeline.at(now + own_mail.wait(), own_mail.mail_or_call, asking, incident, call_at)


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
            # by the desk: who holds links neither releases nor reads what comes back without a name (D7)
            agent = timeline.cast.agents[client.contacts.index(contact) % len(timeline.cast.agents)]
            token = hand_over_link(timeline, now, campaign, contact, agent)
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
        token = hand_over_link(timeline, now, campaign, contact, manager)
        if number < campaign.k:
            asking = Asking(QUARTERS, client, contact, about["department"])
            timeline.at(now + timedelta(hours=21 + 9 * number), answer, asking, token, True)
        elif number == campaign.k:
            timeline.cast.visitors_token = token
