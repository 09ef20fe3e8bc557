"""The forensic attacker: knows every byte of a copy of the store, who answered and when, and guesses whose is whose."""

from __future__ import annotations

import random
import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from csat import database
from csat.adapters import sealing
from csat.models.answers import Answer, Mailbox, Response
from csat.models.asking import Campaign, Invitation, InvitationState, Link, Naming, Occasion
from csat.models.base import EPOCH, expect_value
from csat.models.clients import Client, Contact
from csat.models.questionnaires import Kind, QuestionnaireVersion
from csat.procedure.campaigns.counts import count_sealed_answers
from csat.procedure.core import tokens
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.survey import mailbox, submission

CLIENT_SIZES = (1, 1, 2, 2, 3, 3, 4, 5, 7, 8)  # people of the drill's clients
ASKED_TWICE = 0.15  # share of people who are asked a second time
ANSWERS_PER_RELEASE = 14  # answers between two releases


@dataclass(frozen=True)
class ObservedAnswer:
    """What the attacker notes of an answer: who, of which client, and where it lay sealed."""

    person: int
    client: int
    place: int


@dataclass(frozen=True)
class ReleasedAnswer:
    """A released answer as it lies there, and whose it is, which only the referee knows."""

    key: int
    client: int | None
    receipt: int
    on_disk: int  # where its words stand in the store's file
    in_log: int  # where they stand in the log before it is scrubbed
    author: int


@dataclass
class MethodScore:
    """How often one method was right."""

    method: str
    hits: int = 0
    guesses: int = 0


@dataclass
class DrillOutcome:
    """What the drill found."""

    k: int
    scores: dict[str, MethodScore] = field(default_factory=dict)
    smallest: int | None = None
    heaviest: float = 0.0  # largest share that one person wrote of what looks alike
    readable_before: int = 0
    full_logs: int = 0
    sealed_still: int = 0


GuessOrder = Callable[[ReleasedAnswer], int]
GUESS_ORDERS: dict[str, GuessOrder] = {
    "order of keys": lambda one: one.key,
    "order of receipts": lambda one: one.receipt,
    "order on the disk": lambda one: one.on_disk,
    "order in the log of the release": lambda one: one.in_log,
}


class AnonymityDrill:
    """A campaign among invented people, answered in chance order, released in rounds, attacked each time."""

    def __init__(self, keys: Path, now: datetime, k: int = 3) -> None:
        self.keys, self.now, self.outcome = keys, now, DrillOutcome(k)
        self.dice = secrets.SystemRandom()
        self.authors: dict[str, int] = {}  # by the words of the answer: the referee's list
        self.seen: dict[int, ObservedAnswer] = {}  # by place
        self.campaign = _campaign(sealing.create_key(keys), k, now)

    def play(self, people: int) -> DrillOutcome:
        """Let about so many people answer, and attack each release."""
        links = self._ask(people)
        self.dice.shuffle(links)
        for number, (token, invitation) in enumerate(links, 1):
            self._answer(token, invitation)
            if number % ANSWERS_PER_RELEASE == 0 or number == len(links):
                self._release()
        self.outcome.sealed_still = count_sealed_answers(self.campaign)
        return self.outcome

    def _ask(self, people: int) -> list[tuple[str, Invitation]]:
        found: list[tuple[str, Invitation]] = []
        with database.write():
            while len(found) < people:
                for size in CLIENT_SIZES:
                    client = Client.create(name=f"drill {secrets.token_hex(6)}")
                    for _ in range(size):
                        contact = Contact.create(client=client, name="drill")
                        times = 2 if self.dice.random() < ASKED_TWICE else 1
                        found += [_link(self.campaign, contact) for _ in range(times)]
        return found

    def _answer(self, token: str, invitation: Invitation) -> None:
        words = f"drill-{secrets.token_hex(12)}"
        code = tokens.make_submission_code()
        filled = submission.FilledForm(_answers(self.campaign.version, words, self.dice), anonymous=True, code=code)
        submission.submit_response(token, filled, self.now, sealing.seal_bytes)
        person, client = expect_value(invitation.contact_id), expect_value(invitation.client_id)
        self.authors[words] = person
        known = [row.id for row in Mailbox.select(Mailbox.id).where(Mailbox.campaign == self.campaign)]
        fresh = next(place for place in known if place not in self.seen)
        self.seen[fresh] = ObservedAnswer(person, client, fresh)
        self.outcome.readable_before += words.encode() in _bytes("-wal")

    def _release(self) -> None:
        waiting = {row.id for row in Mailbox.select(Mailbox.id).where(Mailbox.campaign == self.campaign)}
        before = {row.id for row in Response.select(Response.id).where(Response.anonymous)}
        store = _bytes()
        self.outcome.readable_before += sum(words.encode() in store for words in self._sealed_words())
        unseal = partial(sealing.open_sealed, self.keys)
        if mailbox.release_unscrubbed(self.campaign, unseal, self.now) is None:
            return
        log = _bytes("-wal")
        mailbox.scrub_with_retries()
        left = {row.id for row in Mailbox.select(Mailbox.id).where(Mailbox.campaign == self.campaign)}
        answered = [self.seen[place] for place in self.seen if place in waiting - left]
        self._attack(answered, self._find(before, log))
        self.outcome.full_logs += len(_bytes("-wal")) > 0

    def _sealed_words(self) -> list[str]:
        opened = {row.words for row in Answer.select(Answer.words).where(Answer.words.startswith("drill-"))}
        return [words for words in self.authors if words not in opened]

    def _find(self, before: set[int], log: bytes) -> list[ReleasedAnswer]:
        store = _bytes()
        query = Answer.select(Answer.words, Response).join(Response)
        found = []
        for row in query.where(Answer.words.startswith("drill-"), Response.anonymous):
            response, words = row.response, expect_value(row.words)
            if response.id not in before:
                facts = response.id, response.client_id, expect_value(response.receipt_hash)
                place = store.find(words.encode()), log.find(words.encode())
                found.append(ReleasedAnswer(*facts, *place, self.authors[words]))
        return found

    def _attack(self, answered: Sequence[ObservedAnswer], found: Sequence[ReleasedAnswer]) -> None:
        by_place = {seen.place: seen.person for seen in answered}
        equal = [(by_place.get(one.receipt, by_place.get(one.key)), one.author) for one in found]
        self._count("key or receipt equals a mailbox key", equal)
        for group, suspects in _alike(answered, found):
            self._measure(group)
            for method, order in GUESS_ORDERS.items():
                self._pair(f"client, then {method}", suspects, sorted(group, key=order))
            sealed_order = sorted(suspects, key=lambda seen: seen.place)
            by_key = sorted(group, key=lambda one: one.key)
            self._pair("client, then mailbox keys beside keys", sealed_order, by_key)
            people = [seen.person for seen in suspects]
            busiest = max(people, key=people.count)
            self._count("client, then whoever answered most", [(busiest, one.author) for one in group])

    def _pair(self, method: str, suspects: Sequence[ObservedAnswer], group: Sequence[ReleasedAnswer]) -> None:
        self._count(method, [(seen.person, one.author) for seen, one in zip(suspects, group, strict=True)])

    def _measure(self, group: Sequence[ReleasedAnswer]) -> None:
        people, out = [one.author for one in group], self.outcome
        out.smallest = min(out.smallest or len(set(people)), len(set(people)))
        out.heaviest = max(out.heaviest, max(map(people.count, people)) / len(people))

    def _count(self, method: str, guesses: Sequence[tuple[int | None, int]]) -> None:
        score = self.outcome.scores.setdefault(method, MethodScore(method))
        score.guesses += len(guesses)
        score.hits += sum(guess == author for guess, author in guesses)


def _alike(
    answered: Sequence[ObservedAnswer], found: Sequence[ReleasedAnswer]
) -> list[tuple[list[ReleasedAnswer], list[ObservedAnswer]]]:
    """What looks alike, each with those who may have written it, in the order in which they answered."""
    groups: dict[int | None, list[ReleasedAnswer]] = defaultdict(list)
    for one in found:
        groups[one.client].append(one)
    shown = {client for client in groups if client is not None}
    return [
        (group, [seen for seen in answered if (seen.client if seen.client in shown else None) == client])
        for client, group in groups.items()
    ]


def _campaign(public_key: bytes, k: int, now: datetime) -> Campaign:
    """The drill's campaign; opened before any other, so that nothing real is released with it."""
    return Campaign.create(
        occasion=Occasion.EVENT,
        title="drill",
        version=questionnaires.get_version_in_force("incident", now),
        quarter=19701,
        naming=Naming.ANONYMOUS,
        k=k,
        public_key=public_key,
        opened_at=EPOCH,
        closes_at=now + timedelta(days=1),
    )


def _link(campaign: Campaign, contact: Contact) -> tuple[str, Invitation]:
    token, state = tokens.make_token(), InvitationState.SENT
    invitation = Invitation.create(campaign=campaign, client=contact.client_id, contact=contact, state=state)
    Link.create(token_hash=tokens.hash_token(token), invitation=invitation)
    return token, invitation


def _answers(version: QuestionnaireVersion, words: str, dice: random.Random) -> dict[str, GivenAnswer]:
    answers = {}
    for one in questionnaires.questions_of(version):
        value = dice.randint(0, 1) if one.kind == Kind.YES_NO else dice.randint(1, 5)
        answers[one.code] = GivenAnswer(words=words) if one.kind == Kind.TEXT else GivenAnswer(value=value)
    return answers


def _bytes(suffix: str = "") -> bytes:
    """Every byte of the store's file, or of its log."""
    place = Path(f"{database.store.database}{suffix}")
    return place.read_bytes() if place.exists() else b""
