"""The demo's story, in time order, through the verbs of real use: asking, answering, QA."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from csat import clock
from csat.adapters import sealing
from csat.config import Config
from csat.database import write
from csat.demo.cast import Cast, DemoClient, add_workdays, is_workday
from csat.demo.voice import ClientVoice
from csat.models.answers import Response, Verdict
from csat.models.asking import AttemptOutcome, Campaign, Channel, Invitation, Naming, Occasion
from csat.models.base import Json, expect_value
from csat.models.clients import Contact, Incident, Tier
from csat.models.people import Person
from csat.procedure.campaigns import campaigns, invitations, links, proposals
from csat.procedure.core.quarter import Quarter
from csat.procedure.incidents import incidents
from csat.procedure.questionnaires import questionnaires
from csat.procedure.review import signals as authenticity
from csat.procedure.review import verdicts
from csat.procedure.survey import mailbox, submission

SOURCE_SYSTEM = "servicedesk"
INCIDENTS_A_QUARTER = {Tier.CORE: 20, Tier.IMPORTANT: 13, Tier.ORDINARY: 7}
ASKED_LATE, BY_TELEPHONE = 0.05, 0.5
ANSWERS_LINK, ANSWERS_CAMPAIGN, STAYS_ANONYMOUS = 0.62, 0.72, 0.5
QUARTERS = 8
HURRY, UNSOLVED = 0.08, 0.03
LEFT_TO_VISITOR = timedelta(days=2, hours=12)  # what closed since then waits for the visitor


class Timeline:
    """What happens when: a heap of (instant, order, verb, arguments), done one after the other."""

    def __init__(self, cast: Cast, content: Json, config: Config) -> None:
        self.cast, self.content, self.config = cast, content, config
        self.zone: tzinfo = config.timezone
        self.ends: datetime = content["ends"]
        self.dice = random.Random(content["seed"])
        self.voice = ClientVoice(content, self.dice)
        self.first = Quarter.parse(content["first_quarter"])
        self.heap: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self.told = self.numbers = 0
        self.visitors_token = ""

    # --- telling ------------------------------------------------------------

    def at(self, instant: datetime, verb: Callable[..., None], *arguments: Any) -> None:
        """Let something happen, unless the story is over by then."""
        if instant <= self.ends:
            self.told += 1
            heapq.heappush(self.heap, (instant, self.told, verb, arguments))

    def tell(self, progress: Callable[[Quarter], None]) -> None:
        """Let everything happen in its order, with the clock standing at each instant."""
        for index in range(QUARTERS + 1):
            self.at(self.first.plus(index).start(self.zone), self.begin_quarter, index, progress)
        self.at(self.content["visitor"]["opens"], self.keep_a_link)
        while self.heap:
            instant, _, verb, arguments = heapq.heappop(self.heap)
            with clock.freeze_at(instant):
                verb(instant, *arguments)

    def begin_quarter(self, now: datetime, index: int, progress: Callable[[Quarter], None]) -> None:
        """Plan a quarter: its incidents, its campaign, and the weekly round of QA."""
        quarter = self.first.plus(index)
        progress(quarter)
        for client in self.cast.clients:
            for _ in range(INCIDENTS_A_QUARTER[client.record.tier]):
                self.at(self._working_time(quarter), self.close_incident, index, client)
        self.at(quarter.start(self.zone) + timedelta(days=76, hours=10), self.open_campaign, index)
        for week in range(13):
            monday = quarter.start(self.zone) + timedelta(days=7 * week + 4, hours=6)
            self.at(monday, self.round)
            self.at(monday + timedelta(hours=4), self.review)

    # --- incidents ------------------------------------------------------------

    def close_incident(self, now: datetime, index: int, client: DemoClient) -> None:
        """An incident closes; the desk will ask within two days, nearly always."""
        department = self.dice.choices(list(self.cast.departments), self._burden(client, index))[0]
        engineer = self.dice.choice(self.cast.engineers[department])
        hours = min(max(self.dice.lognormvariate(1.2, 0.9), 0.3), 70)
        opened = self._while_people_work(now - timedelta(hours=hours + 1))
        hours = (now - opened).total_seconds() / 3600 * self.dice.uniform(0.3, 0.9)
        contact = self.dice.choice(client.contacts)
        self.numbers += 1
        fields = {
            "title": self.dice.choice(self.content["incident_titles"][department]),
            "client": client.record,
            "contact": contact,
            "department": self.cast.departments[department],
            "assigned_to": self.cast.names[engineer],
            "resolved_by": self.cast.names[engineer],
            "opened_at": opened,
            "responded_at": opened + timedelta(minutes=self.dice.lognormvariate(2.4, 0.7)),
            "resolved_at": opened + timedelta(hours=hours),
            "closed_at": now,
            "priority": self.dice.choices(["P1", "P2", "P3", "P4"], [1, 3, 12, 4])[0],
            "reported_by": self.dice.choice(["telephone", "portal"]),
        }
        if fields["priority"] == "P1":  # a major problem: everybody helps
            fields |= {"major": True, "resolved_at": opened + timedelta(hours=hours * HURRY)}
        elif random.Random(f"unsolved {self.numbers}").random() < UNSOLVED:
            fields["resolved_at"] = None
        incident, _ = incidents.upsert_incident(
            SOURCE_SYSTEM, f"INC{self.numbers:06d}", fields, None, now, self.zone
        )
        chance = self.dice.random()
        if now > self.ends - LEFT_TO_VISITOR:
            return
        asked_at = self._asking_time(now, late=chance < ASKED_LATE)
        by_telephone = self.dice.random() < BY_TELEPHONE
        self.at(
            asked_at,
            self.call if by_telephone else self.send_link,
            index,
            client,
            incident,
            contact,
            department,
        )

    def _invite(
        self, incident: Incident, contact: Contact, channel: Channel, by: Person, now: datetime
    ) -> Invitation:
        quarter = Quarter.of(expect_value(incident.first_closed_at), self.zone)
        campaign = campaigns.ensure_standing_campaign(quarter, self.make_key, now, self.zone)
        return invitations.invite_contact(campaign, contact, by, now, incident, channel, zone=self.zone)

    def call(
        self,
        now: datetime,
        index: int,
        client: DemoClient,
        incident: Incident,
        contact: Contact,
        department: str,
    ) -> None:
        """An agent telephones: mostly somebody answers, sometimes at the second try, seldom never."""
        agent = self.dice.choice(self.cast.agents)
        with write():
            invitation = self._invite(incident, contact, Channel.TELEPHONE, agent, now)
            chance = self.dice.random()
            if chance < 0.14:
                invitations.record_attempt(invitation, AttemptOutcome.NOBODY, agent, now)
        if chance < 0.14:
            later = self._desk_time(now + timedelta(hours=5))
            self.at(later, self.take_call, index, client, invitation, agent, department, chance < 0.05)
            return
        self.take_call(now, index, client, invitation, agent, department, chance > 0.95)

    def take_call(
        self,
        now: datetime,
        index: int,
        client: DemoClient,
        invitation: Invitation,
        agent: Person,
        department: str,
        refuses: bool,
    ) -> None:
        """Somebody is on the telephone, and answers or does not want to."""
        if refuses:
            invitations.record_attempt(invitation, AttemptOutcome.REFUSED, agent, now)
            return
        too_good = agent is self.cast.too_good
        mood = 4.9 if too_good else self._mood(index, client, department) + 0.05
        questions = questionnaires.questions_of(invitation.campaign.version)
        answers = self.voice.answers(questions, mood, client.language, department, steady=too_good)
        submission.record_response(invitation, answers, Channel.TELEPHONE, agent, now)

    def send_link(
        self,
        now: datetime,
        index: int,
        client: DemoClient,
        incident: Incident,
        contact: Contact,
        department: str,
    ) -> None:
        """An agent hands over a link; most contacts answer within three days."""
        agent = self.dice.choice(self.cast.agents)
        with write():
            invitation = self._invite(incident, contact, Channel.LINK, agent, now)
            token = invitations.make_link(invitation, agent, now)
            invitations.mark_handed_over(invitation, agent, now)
        if self.dice.random() < ANSWERS_LINK:
            answered_at = now + timedelta(hours=self.dice.uniform(1, 70))
            mood = self._mood(index, client, department)
            self.at(answered_at, self.answer, token, client, contact, mood, department, self._anonymous())

    # --- campaigns ------------------------------------------------------------

    def open_campaign(self, now: datetime, index: int) -> None:
        """The quarter's campaign asks the important and core clients; a security survey once a year."""
        quarter = self.first.plus(index)
        self._campaign(
            now, index, Occasion.QUARTERLY, "company", quarter, proposals.list_proposals(None, self.zone, now)
        )
        if quarter.number == 2:
            core = [
                one for one in proposals.list_proposals(None, self.zone, now) if one.client.tier == Tier.CORE
            ]
            self._campaign(now, index, Occasion.YEARLY, "security", quarter, core)

    def _campaign(
        self,
        now: datetime,
        index: int,
        occasion: Occasion,
        form: str,
        quarter: Quarter,
        proposed: Iterable[Any],
    ) -> None:
        by = self.cast.people["qa"]
        closes = quarter.end(self.zone) + timedelta(days=15)
        version = questionnaires.get_version_in_force(form)
        campaign = campaigns.open_campaign(
            occasion, version, quarter, closes, Naming.BOTH, self.make_key(), by, now
        )
        for one in proposed:
            client = next(known for known in self.cast.clients if known.record == one.client)
            for contact in one.contacts:
                self._ask(now, index, campaign, client, contact, by)

    def _ask(
        self, now: datetime, index: int, campaign: Campaign, client: DemoClient, contact: Contact, by: Person
    ) -> None:
        with write():
            invitation = invitations.invite_contact(
                campaign, contact, by, now, channel=Channel.LINK, zone=self.zone
            )
            token = invitations.make_link(invitation, by, now)
            invitations.mark_handed_over(invitation, by, now)
        if self.dice.random() < ANSWERS_CAMPAIGN:
            answered_at = now + timedelta(hours=self.dice.uniform(3, 260))
            department = self.dice.choices(list(self.cast.departments), self._burden(client, index))[0]
            mood = self._mood(index, client, department) + 0.1
            anonymous = self.dice.random() < 0.65
            self.at(answered_at, self.answer, token, client, contact, mood, department, anonymous)

    def keep_a_link(self, now: datetime) -> None:
        """A project survey in which two people of one client have answered: the visitor will be the third."""
        visitor = self.content["visitor"]
        client = next(one for one in self.cast.clients if one.record.name == visitor["client"])
        manager, quarter = self.cast.people[visitor["manager"]], self.first.plus(QUARTERS - 1)
        version = questionnaires.get_version_in_force(visitor["questionnaire"])
        campaign = campaigns.open_campaign(
            Occasion.PROJECT,
            version,
            quarter,
            visitor["closes"],
            Naming.BOTH,
            self.make_key(),
            manager,
            now,
            title=visitor["title"],
        )
        for number, contact in enumerate(client.contacts):
            invitation = invitations.invite_contact(campaign, contact, manager, now, zone=self.zone)
            token = invitations.make_link(invitation, manager, now)
            invitations.mark_handed_over(invitation, manager, now)
            if number < campaign.k - 1:
                mood = self._mood(QUARTERS, client, visitor["department"])
                hours = timedelta(hours=30 + 9 * number)
                self.at(now + hours, self.answer, token, client, contact, mood, visitor["department"], True)
            elif number == campaign.k - 1:
                self.visitors_token = token

    def answer(
        self,
        now: datetime,
        token: str,
        client: DemoClient,
        contact: Contact,
        mood: float,
        department: str,
        anonymous: bool,
    ) -> None:
        """A contact opens the link and answers."""
        asked = links.open_link(token, now)
        questions = questionnaires.questions_of(asked.campaign.version)
        answers = self.voice.answers(questions, mood, client.language, department)
        seconds = self.dice.lognormvariate(math.log(12 * len(questions)), 0.5)
        filled = submission.FilledForm(
            answers,
            anonymous=anonymous,
            code="",
            name="" if anonymous else contact.name,
            reach="" if anonymous else contact.telephone,
            duration=submission.classify_duration(seconds, len(questions)),
        )
        submission.submit_response(token, filled, now, sealing.seal_bytes)

    # --- rounds ------------------------------------------------------------

    def round(self, now: datetime) -> None:
        """What the daily round does: close what is over, open what waits."""
        campaigns.close_expired_campaigns(now)
        mailbox.release_due_campaigns(now, self.unseal, patient=True)

    def review(self, now: datetime) -> None:
        """QA verifies what waits; the last days' work is left for the visitor."""
        if now > self.ends - timedelta(days=6):
            return
        first, second = self.cast.people["qa"], self.cast.people["qa2"]
        waiting = list(Response.select().where(Response.verdict == Verdict.PENDING))
        signals = authenticity.find_signals_by_response(waiting, self.zone)
        with write():
            for response in waiting:
                self._decide(response, bool(signals.get(response.id)), first, second, now)
        self.follow_up(now)

    def _decide(
        self, response: Response, suspicious: bool, first: Person, second: Person, now: datetime
    ) -> None:
        chance = random.Random(f"{response.incident_id}:{response.received_at}").random()
        recent = response.quarter >= int(self.first.plus(QUARTERS - 2))
        if suspicious and recent and response.recorder == self.cast.too_good and chance < 0.25:
            verdicts.propose_refusal(response, self.content["refusal"]["reason"], first, now)
            verdicts.refuse_response(response, second, now, self.content["refusal"]["second"])
            return
        verdicts.accept_response(response, first, now)

    def follow_up(self, now: datetime) -> None:
        """What QA does with proposed feedback; told in demo_improvement."""

    # --- chance ------------------------------------------------------------

    def make_key(self) -> bytes:
        """A campaign's key, its private half kept in the keys folder."""
        return sealing.create_key(self.config.keys)

    def unseal(self, public_key: bytes, sealed: bytes) -> bytes | None:
        """Open a sealed answer with the private half of its campaign's key."""
        return sealing.open_sealed(self.config.keys, public_key, sealed)

    def _mood(self, index: int, client: DemoClient, department: str) -> float:
        return self.cast.levels[department][index] + client.level[index]

    def _anonymous(self) -> bool:
        return self.dice.random() < STAYS_ANONYMOUS

    def _burden(self, client: DemoClient, index: int) -> list[float]:
        """How incidents spread over departments; the worsening client's fall to Networks."""
        networks = 1.0 + max(0.0, -client.level[index]) * 6
        return [networks] + [1.0] * (len(self.cast.departments) - 1)

    def _working_time(self, quarter: Quarter) -> datetime:
        start = quarter.start(self.zone).astimezone(self.zone)
        days = (quarter.end(self.zone) - quarter.start(self.zone)).days
        while True:
            day = start + timedelta(days=self.dice.randrange(days))
            if is_workday(day.date()):
                return day + timedelta(hours=9, minutes=self.dice.randrange(8 * 60))

    def _while_people_work(self, instant: datetime) -> datetime:
        """The same moment, or one within office hours of that day or the working day before it."""
        local = instant.astimezone(self.zone)
        if is_workday(local.date()) and 8 <= local.hour < 18:
            return local
        if not is_workday(local.date()) or local.hour < 8:
            local -= timedelta(days=1)
        while not is_workday(local.date()):
            local -= timedelta(days=1)
        return local.replace(hour=self.dice.randrange(8, 18), minute=self.dice.randrange(60))

    def _asking_time(self, closed: datetime, late: bool) -> datetime:
        """When the desk asks: within its hours, before a week-end rather than after it, seldom too late."""
        if late:
            return self._desk_time(closed + timedelta(hours=self.dice.uniform(50, 120)))
        asked_at = self._desk_time(closed + timedelta(hours=self.dice.uniform(0.5, 22)))
        in_time = asked_at - closed < timedelta(hours=40)
        return asked_at if in_time else closed + timedelta(minutes=self.dice.uniform(10, 80))

    def _desk_time(self, instant: datetime, dice: random.Random | None = None) -> datetime:
        """The next moment at which the desk works: weekdays, nine to six."""
        local, dice = instant.astimezone(self.zone), dice or self.dice
        if local.hour >= 18:
            local = datetime.combine(local.date() + timedelta(days=1), time(9, dice.randrange(60)), self.zone)
        if local.hour < 9:
            local = local.replace(hour=9, minute=dice.randrange(60))
        return local if is_workday(local.date()) else add_workdays(local)
