"""The demo's service desk: it calls, hands links over, takes down what is said, and takes back a slip (P1, P2)."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from csat.adapters import sealing
from csat.database import write
from csat.demo.cast import DemoClient
from csat.demo.timeline import Timeline
from csat.demo.voice import fill_form
from csat.demo.working_hours import next_desk_time
from csat.models.asking import Attempt, AttemptOutcome, Campaign, Channel, Invitation
from csat.models.base import expect_value
from csat.models.clients import Contact, Incident
from csat.models.people import Person
from csat.procedure.campaigns import incident_surveys, invitations, links
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.answers import Answers
from csat.procedure.survey import submission, taking_back

TOO_GOOD_MOOD, TELEPHONE_LIFT = 4.9, 0.05
SLIP_SEEN = timedelta(minutes=4)  # so soon one sees that one pressed the wrong button
MOST_SAID = 4  # questions before a call breaks off


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


# --- calls -------------------------------------------------------------------------------------------


def call(timeline: Timeline, now: datetime, asking: Asking, incident: Incident) -> None:
    """An agent telephones: mostly somebody answers, sometimes at the second try, seldom never."""
    agent, chances = timeline.dice.choice(timeline.cast.agents), timeline.content["chances"]
    invitation = _ensure_invitation(timeline, now, incident, agent)
    chance = timeline.dice.random()
    if chance < chances["nobody_answers"]:
        invitations.record_attempt(invitation, AttemptOutcome.NOBODY, agent, now)
        later = next_desk_time(now + timedelta(hours=5), timeline.zone, timeline.dice)
        timeline.at(later, take_call, asking, invitation, agent, chance < chances["gives_up"])
        return
    refuses = chance > 1 - chances["declines"]
    if _happens_lately(timeline, now, "slips", incident):  # the wrong button, seen at once and taken back
        slip = invitations.record_attempt(invitation, AttemptOutcome.REFUSED, agent, now)
        timeline.at(now + SLIP_SEEN, take_back, slip, agent)
        timeline.at(now + SLIP_SEEN, take_call, asking, invitation, agent, refuses)
    else:
        take_call(timeline, now, asking, invitation, agent, refuses)


def take_back(timeline: Timeline, now: datetime, slip: Attempt, agent: Person) -> None:
    """What one pressed by mistake is taken back, on record."""
    taking_back.take_back(slip, agent, now, timeline.content["desk"]["slip"])


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
    said = answers if too_good else _break_off(timeline, now, invitation, answers)
    submission.record_response(invitation, said, Channel.TELEPHONE, agent, now)


def _break_off(timeline: Timeline, now: datetime, invitation: Invitation, answers: Answers) -> Answers:
    """Now and then the client has to go: what was said stands, the rest was not said."""
    incident = expect_value(invitation.incident)
    if not _happens_lately(timeline, now, "breaks_off", incident):
        return answers
    said = random.Random(f"said {incident.number}").randint(1, MOST_SAID)
    return dict(list(answers.items())[:said])


def close_opted_out(timeline: Timeline, now: datetime, incident: Incident) -> None:
    """Who wants no surveys is not asked: an agent closes it as refused, in one step."""
    key, note = lambda: create_key(timeline), timeline.content["desk"]["opted_out"]
    incident_surveys.close_as_refused(incident, key, timeline.cast.agents[0], now, timeline.zone, note)


def _happens_lately(timeline: Timeline, now: datetime, chance: str, incident: Incident) -> bool:
    """By dice of the incident's own, and since mails go by themselves: what came before stays as it was told."""
    since = timeline.content["own_mail"]["first_day"]
    recent = now.astimezone(timeline.zone).date() >= since
    return recent and timeline.happens(chance, random.Random(f"{chance} {incident.number}"))


# --- links -------------------------------------------------------------------------------------------


def send_link(timeline: Timeline, now: datetime, asking: Asking, incident: Incident) -> None:
    """An agent hands over a link; most contacts answer within three days."""
    agent = timeline.dice.choice(timeline.cast.agents)
    with write():
        invitation = _ensure_invitation(timeline, now, incident, agent)
        token = _hand_over(invitation, agent, now)
    if timeline.happens("answers_link"):
        answered_at = now + timedelta(hours=timeline.dice.uniform(1, 70))
        timeline.at(answered_at, answer, asking, token, timeline.happens("anonymous_link"))


def hand_over_link(timeline: Timeline, now: datetime, campaign: Campaign, contact: Contact, by: Person) -> str:
    """A contact of a campaign gets a link from one of us, who saw it."""
    with write():
        invitation = invitations.invite_contact(campaign, contact, by, now, zone=timeline.zone)
        return _hand_over(invitation, by, now)


def _hand_over(invitation: Invitation, by: Person, now: datetime) -> str:
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


def create_key(timeline: Timeline) -> bytes:
    """A campaign's key, its private half kept in the keys folder."""
    return sealing.create_key(timeline.config.keys)


def _ensure_invitation(timeline: Timeline, now: datetime, incident: Incident, by: Person) -> Invitation:
    return incident_surveys.ensure_invitation(incident, lambda: create_key(timeline), by, now, timeline.zone)
