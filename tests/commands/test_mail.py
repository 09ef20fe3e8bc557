"""A quarter's campaign from its opening to its response rates: by mail and on paper, counted by hand too."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from click.testing import CliRunner
from flask import Flask

from csat import clock, database
from csat.commands import csat
from csat.demo import cast as demo_cast
from csat.demo.story import load_content
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.figures.types import ResponseRateRow
from csat.models.answers import Response
from csat.models.asking import Attempt, Campaign, Channel, Invitation, InvitationState, Link
from csat.models.clients import Contact, Tier
from csat.models.outbox import MailKind, MailState, OutboxMessage, Why
from csat.procedure.campaigns import campaigns, counts, invitations, slips
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.mail import invitations as by_mail
from csat.procedure.questionnaires import questionnaires
from tests.builders import NOW
from tests.mail_server import Arrived, Post
from tests.page import Page
from tests.procedure.mail.test_outbox import a_bounce

DAY = timedelta(days=1)
QUARTER, CLOSES = Quarter(2026, 3), "2026-09-30"
CAP = 9  # mails to a client: the first reminder reaches everybody, the second not all

Run = Callable[..., str]


@pytest.fixture
def cast(app) -> demo_cast.Cast:
    """The demo's people, and its twelve clients with their contacts."""
    cast = demo_cast.create_cast(load_content(), "no sign-in", NOW, UTC)
    settings.change_setting("mails_client", CAP, cast.people["admin"], NOW)
    return cast


@pytest.fixture
def run(app, config, monkeypatch, server) -> Run:
    """Give a command, as the timer or somebody at the machine does; what it said."""
    monkeypatch.setenv("CSAT_BASE_URL", config.base_url)
    monkeypatch.setenv("CSAT_SMTP_URL", server.url)
    monkeypatch.setenv("CSAT_MAIL_FROM", "survey@us.example")

    def run(*words: str, **more) -> str:
        done = CliRunner().invoke(csat, list(words), **more)
        database.open_store(config.database, config.drafts)
        assert done.exit_code == 0, done.output
        return done.output

    return run


@dataclass
class ByHand:
    """What the test counts itself, by address of the contact; it never looks into the store for it."""

    client: dict[str, int] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    anonymous: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)

    @property
    def answered(self) -> set[str]:
        return self.anonymous | self.named

    def of(self, client: int, among: Iterable[str]) -> int:
        """How many of these are of a client."""
        return sum(self.client[one] == client for one in among)


@dataclass
class Story:
    """The campaign as it runs: who has which link, and what was counted."""

    app: Flask
    server: Post
    run: Run
    cast: demo_cast.Cast
    hand: ByHand = field(default_factory=ByHand)
    links: dict[str, str] = field(default_factory=dict)
    day: int = 0

    @property
    def now(self) -> datetime:
        return NOW + self.day * DAY

    @property
    def campaign(self) -> Campaign:
        return Campaign.get()

    def open(self) -> None:
        """The campaign of the quarter asks every important and core client of the demo."""
        said = self.run("campaign", "open", "2026Q3", "--closes", CLOSES)
        asked = [one for one in self.cast.clients if one.record.tier in (Tier.CORE, Tier.IMPORTANT)]
        self.hand.client = {person.email: one.record.id for one in asked for person in one.contacts}
        assert f"{len(self.hand.client)} contacts of {len(asked)} clients invited" in said
        assert {one.contact.email for one in Invitation} == set(self.hand.client)

    def send(self) -> list[Arrived]:
        """The worker sends what is due to contacts; the mails that arrived."""
        before = len(self.server.mails)
        self.run("mail", "send")
        arrived = [one for one in self.server.mails[before:] if one.to in self.hand.client]
        self.links |= {one.to: the_link(one) for one in arrived}
        return arrived

    def until(self, day: int) -> Iterator[list[Arrived]]:
        """The daily round and the worker, day after day; what arrived on each."""
        while self.day < day:
            self.day += 1
            with clock.freeze_at(self.now):
                self.run("daily")
                yield self.send()

    def answer(self, who: Iterable[str], anonymous: bool, rating: int = 5) -> None:
        """Contacts open their link in a browser and answer."""
        for address in who:
            with clock.freeze_at(self.now + timedelta(hours=2)):
                page = Page(self.app, "zh").get(self.links[address])
                naming = {"who": "anonymous"} if anonymous else {"who": "named", "name": "王", "reach": "1"}
                page.fill("do=submit", 200, **ticked(rating), **naming)
            (self.hand.anonymous if anonymous else self.hand.named).add(address)
            self.hand.reached.add(address)

    def silent(self, client: int) -> list[str]:
        """Who of a client holds a link and has not answered, in order."""
        waiting = self.links.keys() - self.hand.answered
        return sorted(one for one, of in self.hand.client.items() if of == client and one in waiting)


def the_link(mail: Arrived) -> str:
    """The survey's address in a mail, the same in its text and its HTML."""
    (link,) = set(re.findall(r"http://localhost(/s/[\w-]+)", mail.text))
    assert link in mail.html
    return link


def ticked(rating: int) -> dict[str, str]:
    values = {"rating": str(rating), "recommend": "9", "yes_no": "yes", "text": ""}
    questions = questionnaires.questions_of(questionnaires.get_newest_version("company"))
    return {f"q-{one.code}": values[one.kind] for one in questions}


@pytest.fixture
def story(app, server, run, cast) -> Story:
    """The campaign of the quarter is open."""
    story = Story(app, server, run, cast)
    story.open()
    return story


def goes_out(story: Story, unknown: str, comes_back: str) -> None:
    """Every other contact of a client is asked by mail, all others on paper; two mails reach nobody."""
    qa, campaign = story.cast.people["qa"], story.campaign
    for client in set(story.hand.client.values()):
        of_client = sorted(campaigns.list_invitations(campaign, {client}), key=lambda one: one.contact.email)
        for one in of_client[::2]:
            invitations.choose_channel(one, Channel.EMAIL, qa, NOW)
    by_mail.send_invitations(campaign, None, False, qa, NOW)
    story.server.fails[unknown] = "refuse"
    arrived = {one.to for one in story.send()}
    assert unknown not in arrived and len(arrived) == 7 * 4 - 1
    bounced = OutboxMessage.select().join(Invitation).join(Contact).where(Contact.email == comes_back).get()
    assert "1 bounces taken in" in story.run("mail", "bounces", input=a_bounce(bounced))
    on_paper = [one for one in slips.list_slips(campaign, None) if one.invitation.channel != Channel.EMAIL]
    for invitation, token in slips.make_slips(on_paper, qa, NOW):
        story.links[invitation.contact.email] = f"/s/{token}"
    printed = [one for one in slips.list_slips(campaign, None) if one.invitation.channel == Channel.SLIP]
    assert slips.hand_over_slips(printed, qa, NOW) == len(story.hand.client) - 7 * 4
    story.hand.reached = set(story.links) - {unknown, comes_back}
    del story.links[comes_back]


def test_a_campaign_goes_out_is_answered_in_part_reminded_and_closed(story, server, zone):
    hand = story.hand
    clients = list(dict.fromkeys(hand.client.values()))
    unknown, comes_back = (f"contact1@{domain}.example" for domain in ("huadong-logistics", "customs-dc"))
    goes_out(story, unknown, comes_back)

    (quiet,) = story.until(1)
    for at, client in enumerate(clients):
        story.answer(story.silent(client)[:1], anonymous=True, rating=5 - at % 3)
        story.answer(story.silent(client)[-1:], anonymous=False)
    assert not quiet

    *quiet, first = story.until(5)
    assert not any(quiet)
    by_post = {mail.to for mail in server.mails if mail.to in hand.client} & hand.reached
    assert {one.to for one in first} == by_post - hand.answered and len(first) > 15
    few = clients[2]
    others = [one.to for one in first if hand.client[one.to] != few]
    story.answer(others[::3], anonymous=True, rating=4)  # by the reminder's own link
    story.answer(story.silent(few)[1:], anonymous=False)  # only two of this client are left without a name

    *quiet, second = story.until(10)
    assert not any(quiet)
    assert {one.to for one in second} <= by_post - hand.answered and second
    mails = Counter(hand.client[mail.to] for mail in server.mails if mail.to in hand.client)
    assert max(mails.values()) <= CAP
    the_held_ones_say_why(story, second, by_post)
    story.answer([second[0].to], anonymous=True)

    rest = list(story.until(12))
    story.day = 16  # the machine was off for some days
    rest += story.until(18)
    assert not any(rest)  # two reminders, and no third
    late = min(by_post - hand.answered)
    Page(story.app, "zh").get(story.links[late], 410)
    the_rates_are_those_counted_by_hand(story, zone, few)
    no_row_says_who(story)


def the_held_ones_say_why(story: Story, second: list[Arrived], by_post: set[str]) -> None:
    """Who got no second reminder has answered, or their client has had enough mails, and the page says so."""
    held = OutboxMessage.select().where(OutboxMessage.state == MailState.HELD)
    assert {one.why for one in held} == {Why.CLIENT_CAP}
    silent = by_post - story.hand.answered - {one.to for one in second}
    assert silent <= {one.invitation.contact.email for one in held}
    rounds = by_mail.list_reminder_rounds(story.campaign)
    assert [one.number for one in rounds] == [1, 2] and dict(rounds[1].held) == {Why.CLIENT_CAP: len(held)}


def the_rates_are_those_counted_by_hand(story: Story, zone: tzinfo, few: int) -> None:
    """Answered by delivered, in the figures and on the campaign's page; two clients are told together."""
    hand, figures = story.hand, compute_quarter_figures(QUARTER, story.now, zone, Audience.RESPONSE_READERS)
    reached, answered = len(hand.reached), len(hand.answered)
    agrees(figures.asked, len(hand.client), reached, answered)
    of_campaign = counts.count_campaign(story.campaign)
    assert (of_campaign.total.delivered, of_campaign.total.answered) == (reached, answered)
    assert of_campaign.total.rate == pytest.approx(answered / reached)
    rows = {int(row.key): row for row in figures.asked_by_client}
    lines = {line.client.id: line for line in of_campaign.lines}
    assert rows.keys() == set(hand.client.values())
    untold = {client for client, row in rows.items() if row.rate.hidden}
    assert few in untold and len(untold) == 2
    for client in rows.keys() - untold:
        of = [hand.of(client, among) for among in (hand.client, hand.reached, hand.answered)]
        agrees(rows[client], *of)
        assert lines[client].rate == pytest.approx(of[2] / of[1])
    for client in untold:
        assert rows[client].answered is rows[client].rate.value is None
        assert rows[client].delivered == hand.of(client, hand.reached)
    together = sum(hand.of(client, hand.answered) for client in untold)
    assert of_campaign.few.answered == together


def agrees(row: ResponseRateRow, invited: int, delivered: int, answered: int) -> None:
    assert (row.invited, row.delivered, row.answered) == (invited, delivered, answered)
    assert (row.waiting, row.expired, row.refused) == (0, delivered - answered, 0)
    assert row.rate.value == pytest.approx(answered / delivered)


def no_row_says_who(story: Story) -> None:
    """What the store keeps of a silent contact and of one who answered without a name is alike."""
    hand = story.hand
    facts = defaultdict(set)
    for one in Invitation.select(Invitation, Contact).join(Contact):
        address = one.contact.email
        if address in hand.named or address not in hand.reached:
            continue
        asked = (one.state, frozenset(link.spent for link in Link.select().where(Link.invitation == one)))
        acts = frozenset(act.outcome for act in Attempt.select().where(Attempt.invitation == one))
        first = one.mails.where(OutboxMessage.kind == MailKind.REMIND, OutboxMessage.number == 1)
        mails = frozenset((mail.state, mail.why, mail.answer, mail.attempts, mail.next_at) for mail in first)
        facts[one.channel, address in hand.anonymous].add((*asked, acts, mails))
    for channel in (Channel.EMAIL, Channel.SLIP):
        assert facts[channel, True] == facts[channel, False] and len(facts[channel, True]) == 1
    assert {one.state for one in Invitation if one.contact.email in hand.anonymous} == {InvitationState.OVER}
    opened = list(Response.select().where(Response.anonymous))
    assert len(opened) == len(hand.anonymous) and Response.select().count() == len(hand.answered)
    named = {(one.contact_id, one.campaign_id, one.received_at, one.manager_id) for one in opened}
    assert named == {(None, None, None, None)}
