"""The cells of a quarter: the fixed list of cuts, counted from the tally by a few grouped queries.

A cell knows what was counted in it and in which atoms its anonymous answers lie. Atoms are the smallest
groups we tell apart: (client, questionnaire, channel, tier) of overall ratings, (client, questionnaire,
question, tier) of all other answers. Suppression thinks in atoms, everything else in counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from csat.figures import tally_queries
from csat.figures.labels import Clients, Questions, client_key
from csat.figures.tally_queries import OVERALL, RECORDED, SATISFIED
from csat.models.questionnaires import Kind
from csat.procedure.review.tally import KEY, NOT_APPLICABLE, RESPONSES, Key

Atom = tuple[int, str, str, str]
TOTAL = "satisfaction"
RECOMMEND = "recommend"


class Place(NamedTuple):
    """A cell's id, the cut it belongs to, and the cells it is part of."""

    id: str
    cut: str
    part_of: tuple[str, ...] = ()


@dataclass
class Part:
    """What of a cell came by telephone or interview, with a name (F5)."""

    n: int = 0
    of: int = 0
    good: int = 0


@dataclass
class Count:
    """What was counted in a cell: responses, ratings, satisfied ones, their sum; the anonymous apart."""

    place: Place
    n: int = 0
    of: int = 0
    good: int = 0
    total: int = 0
    anonymous: int = 0
    atoms: set[Atom] = field(default_factory=set)
    spoken: Part = field(default_factory=Part)

    @property
    def share(self) -> float | None:
        """Satisfied ratings ÷ ratings (F1)."""
        return self.good / self.of if self.of else None

    @property
    def index(self) -> float | None:
        """Mean of (rating − 1) × 25 (F1)."""
        return (self.total / self.of - 1) * 25 if self.of else None


WHOLE = Place(TOTAL, "")


@dataclass
class World:
    """Answers that can be added to each other: the overall ratings, or those of one dimension.

    `people` are the anonymous responses by client and questionnaire, `answers` the anonymous answers by atom.
    """

    cells: dict[str, Count] = field(default_factory=dict)
    people: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    answers: dict[Atom, int] = field(default_factory=lambda: defaultdict(int))

    def count(self, place: Place) -> Count:
        """The counts of a cell, made at first use."""
        if place.id not in self.cells:
            self.cells[place.id] = Count(place)
        return self.cells[place.id]


@dataclass
class Cells:
    """Everything counted of one quarter: worlds by name, and how many responses carry no incident."""

    worlds: dict[str, World] = field(default_factory=lambda: defaultdict(World))

    def of(self, cell: str) -> Count:
        """The counts of a cell by its id; zeros when nothing was counted."""
        for world in self.worlds.values():
            if cell in world.cells:
                return world.cells[cell]
        return Count(Place(cell, ""))


def cells_of(quarters: list[int], clients: Clients, questions: Questions) -> dict[int, Cells]:
    """Count every cell of these quarters."""
    counted: dict[int, Cells] = {quarter: Cells() for quarter in quarters}
    for row in tally_queries.overall(quarters):
        _add_overall(counted[row.quarter], row, clients)
    for row in tally_queries.ratings(quarters):
        _add_rating(counted[row.quarter], row, clients)
    for row in tally_queries.responses(quarters):
        _add_responses(counted[row.quarter], row, clients)
    for row in tally_queries.other_answers(quarters):
        _add_other(counted[row.quarter], row, clients, questions)
    for row in tally_queries.not_applicable(quarters):
        _add_not_applicable(counted[row.quarter], row, clients)
    return counted


def overall_cells_of(quarters: list[int], clients: Clients) -> dict[int, Cells]:
    """The cells of the overall ratings alone, which depend on nothing else: for trends."""
    counted: dict[int, Cells] = {quarter: Cells() for quarter in quarters}
    for row in tally_queries.overall(quarters):
        _add_overall(counted[row.quarter], row, clients)
    return counted


def add_choices(cells: Cells, rows: Iterable[Any], clients: Clients, questions: Questions) -> None:
    """Count answers to choices too: each question a world of its own, as of yes and no."""
    for row in rows:
        if row.not_applicable:
            _add_not_applicable(cells, row, clients)
        else:
            _add_other(cells, row, clients, questions)


def cells_of_keys(keys: Counter[Key], clients: Clients, questions: Questions) -> Cells:
    """The cells of some tally rows that are counted apart: what came in the later steps of a quarter."""
    cells = Cells()
    for key, n in keys.items():
        row = SimpleNamespace(**dict(zip((column.name for column in KEY), key, strict=True)), n=n)
        row.ratings, row.total, row.good = n, row.value * n, n if row.value >= SATISFIED else 0
        row.spoken = row.channel in RECORDED and not row.anonymous
        rated = bool(row.question) and row.value >= 1
        if rated and row.dimension == OVERALL:
            _add_overall(cells, row, clients)
        elif rated and row.dimension:
            _add_rating(cells, row, clients)
        elif row.value == RESPONSES and row.dimension not in ("", OVERALL):
            _add_responses(cells, row, clients)
        elif row.question and row.value == NOT_APPLICABLE:
            _add_not_applicable(cells, row, clients)
        elif row.question and not row.dimension and row.value >= 0:
            _add_other(cells, row, clients, questions)
    return cells


def totals_of(quarters: list[int]) -> dict[int, Count]:
    """The overall satisfaction of each quarter, for the trend."""
    totals = {quarter: Count(WHOLE) for quarter in quarters}
    for row in tally_queries.totals(quarters):
        _add(totals[row.quarter], row)
        _add_people(totals[row.quarter], row.ratings, row)
    return totals


def _add_overall(cells: Cells, row: Any, clients: Clients) -> None:
    client, world = clients.root(row.client), cells.worlds[OVERALL]
    atom = (client, row.questionnaire, row.channel, clients.tier(client, row.quarter))
    if row.anonymous:
        world.answers[atom] += row.ratings
        world.people[atom[:2]] += row.ratings
    for place in _places_of_overall(client, atom[3], row.questionnaire, row.channel):
        count = world.count(place)
        _add(count, row)
        _add_people(count, row.ratings, row)  # one overall question per form: ratings are responses
        if row.anonymous:
            count.atoms.add(atom)


def _add_rating(cells: Cells, row: Any, clients: Clients) -> None:
    client, world = clients.root(row.client), cells.worlds[row.dimension]
    atom = (client, row.questionnaire, row.question, clients.tier(client, row.quarter))
    if row.anonymous:
        world.answers[atom] += row.ratings
    question = place_of_question(row.questionnaire, row.question)
    for place in (*_places_of_dimension(row.dimension, client), question):
        count = world.count(place)
        _add(count, row)
        if row.anonymous:
            count.atoms.add(atom)
    _add_people(world.count(question), row.ratings, row)


def _add_responses(cells: Cells, row: Any, clients: Clients) -> None:
    client, world = clients.root(row.client), cells.worlds[row.dimension]
    if row.anonymous:
        world.people[(client, row.questionnaire)] += row.n
    for place in _places_of_dimension(row.dimension, client):
        _add_people(world.count(place), row.n, row)


def _add_other(cells: Cells, row: Any, clients: Clients, questions: Questions) -> None:
    """Recommendations add up over questionnaires; a yes-or-no question is a world of its own."""
    question = place_of_question(row.questionnaire, row.question)
    recommends = questions.kind(row.questionnaire, row.question) == Kind.RECOMMEND
    world = cells.worlds[RECOMMEND if recommends else question.id]
    client = clients.root(row.client)
    atom = (client, row.questionnaire, row.question, clients.tier(client, row.quarter))
    if row.anonymous:
        world.answers[atom] += row.n
        world.people[atom[:2]] += row.n
    for place in (question, Place(RECOMMEND, "")) if recommends else (question,):
        count = world.count(place)
        count.of += row.n
        _add_others(count, row)
        if row.anonymous:
            count.atoms.add(atom)


def _add_not_applicable(cells: Cells, row: Any, clients: Clients) -> None:
    """Who said that a question does not apply is a world of its own: no other answer can be added to it."""
    place, client = place_of_not_applicable(row.questionnaire, row.question), clients.root(row.client)
    world = cells.worlds[place.id]
    count = world.count(place)
    _add_others(count, row)
    if row.anonymous:
        atom = (client, row.questionnaire, row.question, clients.tier(client, row.quarter))
        world.answers[atom] += row.n
        world.people[atom[:2]] += row.n
        count.atoms.add(atom)


@cache
def place_of_not_applicable(questionnaire: str, question: str) -> Place:
    """The cell of those who said that a question does not apply to them."""
    of_form = f"{TOTAL}/questionnaire/{questionnaire}"
    return Place(f"question/{questionnaire}/{question}/na", "question", (of_form,))


@cache
def _places_of_overall(client: int, tier: str, questionnaire: str, channel: str) -> tuple[Place, ...]:
    of_client = f"{TOTAL}/client/{client_key(client)}"
    of_form = f"{TOTAL}/questionnaire/{questionnaire}"
    return (
        WHOLE,
        Place(of_client, "client"),
        Place(f"{TOTAL}/tier/{tier or 'none'}", "tier"),
        Place(of_form, "questionnaire"),
        Place(f"{TOTAL}/channel/{channel}", "channel"),
        Place(f"{of_client}/questionnaire/{questionnaire}", "client questionnaire", (of_client, of_form)),
    )


@cache
def _places_of_dimension(dimension: str, client: int) -> tuple[Place, ...]:
    key, whole = client_key(client), f"dimension/{dimension}"
    return Place(whole, ""), Place(f"{whole}/client/{key}", "client dimension", (f"{TOTAL}/client/{key}",))


@cache
def place_of_question(questionnaire: str, question: str) -> Place:
    """The cell of a question: part of its questionnaire, and hidden with it."""
    return Place(
        f"question/{questionnaire}/{question}", "question", (f"{TOTAL}/questionnaire/{questionnaire}",)
    )


def _add(count: Count, row: Any) -> None:
    count.of += row.ratings
    count.good += row.good
    count.total += row.total
    if row.spoken:
        count.spoken.of += row.ratings
        count.spoken.good += row.good


def _add_people(count: Count, n: int, row: Any) -> None:
    count.n += n
    count.anonymous += n if row.anonymous else 0
    count.spoken.n += n if row.spoken else 0


def _add_others(count: Count, row: Any) -> None:
    count.n += row.n
    count.anonymous += row.n if row.anonymous else 0
