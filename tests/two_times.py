"""A reader who keeps all they were ever shown of a quarter, and solves it for what few people said (F4).

A random quarter goes its way: verdicts, doubts, refusals, clients that are joined, report versions. After each act
everything is read that somebody may read who reads no single response. What was read are equations over the
anonymous people; who knows which group is behind each, and every named answer, looks for what fewer than k gave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from random import Random

from csat.figures.audience import Audience
from csat.figures.quarter_counts import QuarterCounts
from csat.models.answers import Response, Verdict
from csat.models.asking import Channel
from csat.models.clients import Client, Tier
from csat.models.people import Person
from csat.models.reporting import ReportState
from csat.procedure.review import tally, verdicts
from tests.builders import NOW
from tests.figures.stores import FORMS, Q3, a_response
from tests.reports import a_stored_report

K = 3
PRIME = (1 << 61) - 1
WORLDS = ("overall", "timeliness")  # of answers that add up: overall ratings, and those of a dimension

Group = frozenset[int]
Equations = set[tuple[str, Group]]  # of a world (overall ratings, or a dimension): the people behind something shown


@dataclass
class Traits:
    """What figures tell somebody apart by."""

    client: str
    form: str
    channel: str
    tier: str
    rates: bool  # the dimension too


@dataclass
class RandomQuarter:
    """A quarter, the acts upon it, and what was shown of it."""

    dice: Random
    people: tuple[Person, Person]
    audience: Audience = Audience.OTHERS
    clients: list[Client] = field(default_factory=list)
    given: dict[int, Traits] = field(default_factory=dict)
    read: Equations = field(default_factory=set)
    versions: int = 0

    def play(self, acts: int) -> None:
        """Begin, and do so many acts, with everything read after each."""
        self.clients = [Client.create(name=f"客户{at}", tier=self.dice.choice(list(Tier))) for at in range(5)]
        for _ in range(self.dice.choice((12, 20, 30))):
            verdicts.accept_response(self.receive(), self.people[0], NOW)
        choices = (self.accept, self.accept, self.accept, self.doubt, self.refuse, self.settle, self.report)
        before, after = acts // 4, acts - acts // 4
        acts_before = self.dice.choices((self.accept, self.doubt, self.refuse), k=before)
        acts_after = self.dice.choices((*choices, self.restore), k=after)
        self.look()
        for act in (*acts_before, self.report, *acts_after, self.report):
            act()
            self.look()
        if self.dice.random() < 0.5:
            self.join()
            self.look()
            self.report()

    def receive(self) -> Response:
        """One more response waits for its verdict."""
        form, client = self.dice.choice(FORMS[:2]), self.dice.choice([*self.clients[:4], *self.clients[:2], None])
        named = self.dice.random() < 0.15
        answers = {"overall": self.dice.randint(1, 5)}
        rates = self.dice.random() < 0.7
        if rates:
            answers["timeliness"] = self.dice.randint(1, 5)
        channel = Channel.SLIP if self.dice.random() < 0.2 else Channel.LINK
        more = {"client": client, "channel": channel, "anonymous": not named, "verdict": Verdict.PENDING}
        made = a_response(form, None, answers=answers, **more)
        key, tier = (str(client.id), str(client.tier)) if client else ("none", "none")
        self.given[made.id] = Traits(key, form, str(channel), tier, rates)
        return made

    # --- acts -----------------------------------------------------------------------------------------

    def accept(self) -> None:
        for _ in range(self.dice.choice((1, 1, 2, 4))):
            verdicts.accept_response(self.receive(), self.people[0], NOW)

    def doubt(self) -> None:
        for one in self._some(Verdict.VALID, self.dice.choice((1, 2, 4))):
            verdicts.propose_refusal(one, "查无此事", self.people[0], NOW)

    def refuse(self) -> None:
        for one in self._some(Verdict.DOUBTED, self.dice.choice((1, 3, 5))):
            verdicts.refuse_response(one, self.people[1], NOW)

    def settle(self) -> None:
        for one in self._some(Verdict.DOUBTED, 1):
            verdicts.reject_refusal(one, self.people[1], NOW, "属实")

    def restore(self) -> None:
        for one in self._some(Verdict.REFUSED, 1):
            verdicts.reopen_response(one, "重新核对", self.people[0], NOW)
            verdicts.accept_response(one, self.people[0], NOW)

    def join(self) -> None:
        first, second = self.dice.sample(self.clients, 2)
        first.counts_as = second
        first.save()

    def report(self) -> None:
        """Draft a version; its readers keep what it shows."""
        tally.settle_tally(int(Q3))
        shown = QuarterCounts.read(Q3, Audience.RESPONSE_READERS)
        self.versions += 1
        a_stored_report(ReportState.ISSUED, version=self.versions)
        self._keep(shown)

    def look(self) -> None:
        """Read the live figures, as whoever may not read single responses."""
        self._keep(QuarterCounts.read(Q3, self.audience))

    def _some(self, verdict: Verdict, number: int) -> list[Response]:
        here = list(Response.select().where(Response.verdict == verdict).order_by(Response.id))
        return self.dice.sample(here, min(number, len(here)))

    # --- what was read, as equations ------------------------------------------------------------------

    def _keep(self, shown: QuarterCounts) -> None:
        counted = {key: self._describe(key) for key in self._list_counted()}
        for world in WORLDS:
            for cell, count in shown.now.worlds[world].cells.items():
                behind = frozenset(key for key, traits in counted.items() if count.anonymous and belongs(cell, traits))
                assert len(behind) == count.anonymous, cell  # else the attacker would reckon with wrong groups
                if cell not in shown.hidden:
                    self.read.add((world, behind))

    def _list_counted(self) -> list[int]:
        """The anonymous people whom figures count now."""
        rows = Response.select(Response.id).where(Response.quarter == int(Q3), Response.anonymous)
        return [key for (key,) in rows.where(tally.counted_condition()).tuples()]

    def _describe(self, key: int) -> Traits:
        """What figures tell somebody apart by now, when clients may have been joined."""
        traits = self.given[key]
        client = next((one for one in self.clients if str(one.id) == traits.client), None)
        root = client and client.counts_as
        return replace(traits, client=str(root.id), tier=str(root.tier)) if root else traits


def belongs(cell: str, traits: Traits) -> bool:
    """Whether a cell counts somebody, by its id alone."""
    head, *parts = cell.split("/")
    if head == "dimension":
        return traits.rates and (len(parts) < 2 or traits.client == parts[2])
    if head == "question":
        return traits.form == parts[0] and (parts[1] == "overall" or traits.rates)
    wanted = dict(zip(parts[::2], parts[1::2], strict=True))
    had = {"client": traits.client, "questionnaire": traits.form, "channel": traits.channel, "tier": traits.tier}
    return all(had[name] == value for name, value in wanted.items())


# --- the attacker ------------------------------------------------------------------------------------


def find_told(read: Equations) -> list[Group]:
    """The groups of one or two people whose sum follows from all that was read."""
    worlds: dict[str, set[Group]] = defaultdict(set)
    for world, group in read:
        worlds[world].add(group)
    return [told for groups in worlds.values() for told in _solve(sorted(map(sorted, groups)))]


def _solve(groups: list[list[int]]) -> Iterator[Group]:
    """The sum over a group is told if no other solution changes it."""
    people = sorted({person for group in groups for person in group})
    free = _list_other_solutions(groups, people)
    columns = {person: tuple(one.get(person, 0) for one in free) for person in people}
    yield from (frozenset((person,)) for person, column in columns.items() if not any(column))
    for (one, mine), (other, others) in combinations(columns.items(), 2):
        if any(mine) and all((a + b) % PRIME == 0 for a, b in zip(mine, others, strict=True)):
            yield frozenset((one, other))


def _list_other_solutions(groups: list[list[int]], people: list[int]) -> list[dict[int, int]]:
    """The ways in which answers may differ without changing anything that was read."""
    rows: dict[int, dict[int, int]] = {}
    for group in groups:
        rest = dict.fromkeys(group, 1)
        for pivot, row in rows.items():
            _take(rest, row, rest.get(pivot, 0))
        if rest:
            pivot = min(rest)
            scale = pow(rest[pivot], -1, PRIME)
            rest = {at: value * scale % PRIME for at, value in rest.items()}
            for row in rows.values():
                _take(row, rest, row.get(pivot, 0))
            rows[pivot] = rest
    free = [person for person in people if person not in rows]
    return [{one: 1} | {pivot: -row[one] % PRIME for pivot, row in rows.items() if one in row} for one in free]


def _take(vector: dict[int, int], row: dict[int, int], factor: int) -> None:
    if factor:
        for at, value in row.items():
            left = (vector.get(at, 0) - factor * value) % PRIME
            if left:
                vector[at] = left
            else:
                vector.pop(at, None)
