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
from csat.figures.labels import ClientIndex, QuestionIndex, client_key
from csat.figures.tally_queries import OVERALL, RECORDED_CHANNELS
from csat.models.questionnaires import Kind
from csat.procedure.review.tally import NOT_APPLICABLE_VALUE, RESPONSE_COUNT, SATISFIED, TALLY_KEY, TallyKey

Atom = tuple[int, str, str, str]
TOTAL = "satisfaction"
RECOMMEND = "recommend"


class CellKey(NamedTuple):
    """A cell's id, the cut it belongs to, and the cells it is part of."""

    id: str
    cut: str
    part_of: tuple[str, ...] = ()


@dataclass
class SpokenCount:
    """What of a cell came by telephone or interview, with a name (F5)."""

    n: int = 0
    of: int = 0
    good: int = 0


@dataclass
class CellCount:
    """What was counted in a cell: responses, ratings, satisfied ones, their sum; the anonymous apart."""

    place: CellKey
    n: int = 0
    of: int = 0
    good: int = 0
    total: int = 0
    anonymous: int = 0
    atoms: set[Atom] = field(default_factory=set)
    spoken: SpokenCount = field(default_factory=SpokenCount)

    @property
    def share(self) -> float | None:
        """Satisfied ratings ÷ ratings (F1)."""
        return self.good / self.of if self.of else None

    @property
    def index(self) -> float | None:
        """Mean of (rating − 1) × 25 (F1)."""
        return (self.total / self.of - 1) * 25 if self.of else None


WHOLE_CELL = CellKey(TOTAL, "")


@dataclass
class World:
    """Answers that can be added to each other: the overall ratings, or those of one dimension.

    `people` are the anonymous responses by client and questionnaire, `answers` the anonymous answers by atom.
    """

    cells: dict[str, CellCount] = field(default_factory=dict)
    people: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    answers: dict[Atom, int] = field(default_factory=lambda: defaultdict(int))

    def count(self, place: CellKey) -> CellCount:
        """The counts of a cell, made at first use."""
        if place.id not in self.cells:
            self.cells[place.id] = CellCount(place)
        return self.cells[place.id]


@dataclass
class QuarterCube:
    """Everything counted of one quarter: worlds by name, and how many responses carry no incident."""

    worlds: dict[str, World] = field(default_factory=lambda: defaultdict(World))

    def of(self, cell: str) -> CellCount:
        """The counts of a cell by its id; zeros when nothing was counted."""
        for world in self.worlds.values():
            if cell in world.cells:
                return world.cells[cell]
        return CellCount(CellKey(cell, ""))


def count_cells(
    quarters: list[int], clients: ClientIndex, questions: QuestionIndex
) -> dict[int, QuarterCube]:
    """Count every cell of these quarters."""
    counted: dict[int, QuarterCube] = {quarter: QuarterCube() for quarter in quarters}
    for row in tally_queries.select_overall(quarters):
        _add_overall(counted[row.quarter], row, clients)
    for row in tally_queries.select_dimension_ratings(quarters):
        _add_rating(counted[row.quarter], row, clients)
    for row in tally_queries.select_dimension_responses(quarters):
        _add_responses(counted[row.quarter], row, clients)
    for row in tally_queries.select_other_answers(quarters):
        _add_other(counted[row.quarter], row, clients, questions)
    for row in tally_queries.select_not_applicable(quarters):
        _add_not_applicable(counted[row.quarter], row, clients)
    return counted


def count_overall_cells(quarters: list[int], clients: ClientIndex) -> dict[int, QuarterCube]:
    """The cells of the overall ratings alone, which depend on nothing else: for trends."""
    counted: dict[int, QuarterCube] = {quarter: QuarterCube() for quarter in quarters}
    for row in tally_queries.select_overall(quarters):
        _add_overall(counted[row.quarter], row, clients)
    return counted


def add_choices(
    cells: QuarterCube, rows: Iterable[Any], clients: ClientIndex, questions: QuestionIndex
) -> None:
    """Count answers to choices too: each question a world of its own, as of yes and no."""
    for row in rows:
        if row.not_applicable:
            _add_not_applicable(cells, row, clients)
        else:
            _add_other(cells, row, clients, questions)


def count_cells_of_keys(
    keys: Counter[TallyKey], clients: ClientIndex, questions: QuestionIndex
) -> QuarterCube:
    """The cells of some tally rows that are counted apart: what came in the later steps of a quarter."""
    cells = QuarterCube()
    for key, n in keys.items():
        row = SimpleNamespace(**dict(zip((column.name for column in TALLY_KEY), key, strict=True)), n=n)
        row.ratings, row.total, row.good = n, row.value * n, n if row.value >= SATISFIED else 0
        row.spoken = row.channel in RECORDED_CHANNELS and not row.anonymous
        rated = bool(row.question) and row.value >= 1
        if rated and row.dimension == OVERALL:
            _add_overall(cells, row, clients)
        elif rated and row.dimension:
            _add_rating(cells, row, clients)
        elif row.value == RESPONSE_COUNT and row.dimension not in ("", OVERALL):
            _add_responses(cells, row, clients)
        elif row.question and row.value == NOT_APPLICABLE_VALUE:
            _add_not_applicable(cells, row, clients)
        elif row.question and not row.dimension and row.value >= 0:
            _add_other(cells, row, clients, questions)
    return cells


def count_totals(quarters: list[int]) -> dict[int, CellCount]:
    """The overall satisfaction of each quarter, for the trend."""
    totals = {quarter: CellCount(WHOLE_CELL) for quarter in quarters}
    for row in tally_queries.select_quarter_totals(quarters):
        _sum_ratings(totals[row.quarter], row)
        _sum_people(totals[row.quarter], row.ratings, row)
    return totals


def _add_overall(cells: QuarterCube, row: SimpleNamespace, clients: ClientIndex) -> None:
    client, world = clients.root(row.client), cells.worlds[OVERALL]
    atom = (client, row.questionnaire, row.channel, clients.tier(client, row.quarter))
    if row.anonymous:
        world.answers[atom] += row.ratings
        world.people[atom[:2]] += row.ratings
    for place in _places_of_overall(client, atom[3], row.questionnaire, row.channel):
        count = world.count(place)
        _sum_ratings(count, row)
        _sum_people(count, row.ratings, row)  # one overall question per form: ratings are responses
        if row.anonymous:
            count.atoms.add(atom)


def _add_rating(cells: QuarterCube, row: SimpleNamespace, clients: ClientIndex) -> None:
    client, world = clients.root(row.client), cells.worlds[row.dimension]
    atom = (client, row.questionnaire, row.question, clients.tier(client, row.quarter))
    if row.anonymous:
        world.answers[atom] += row.ratings
    question = build_question_key(row.questionnaire, row.question)
    for place in (*_places_of_dimension(row.dimension, client), question):
        count = world.count(place)
        _sum_ratings(count, row)
        if row.anonymous:
            count.atoms.add(atom)
    _sum_people(world.count(question), row.ratings, row)


def _add_responses(cells: QuarterCube, row: SimpleNamespace, clients: ClientIndex) -> None:
    client, world = clients.root(row.client), cells.worlds[row.dimension]
    if row.anonymous:
        world.people[(client, row.questionnaire)] += row.n
    for place in _places_of_dimension(row.dimension, client):
        _sum_people(world.count(place), row.n, row)


def _add_other(
    cells: QuarterCube, row: SimpleNamespace, clients: ClientIndex, questions: QuestionIndex
) -> None:
    """Recommendations add up over questionnaires; a yes-or-no question is a world of its own."""
    question = build_question_key(row.questionnaire, row.question)
    recommends = questions.kind(row.questionnaire, row.question) == Kind.RECOMMEND
    world = cells.worlds[RECOMMEND if recommends else question.id]
    client = clients.root(row.client)
    atom = (client, row.questionnaire, row.question, clients.tier(client, row.quarter))
    if row.anonymous:
        world.answers[atom] += row.n
        world.people[atom[:2]] += row.n
    for place in (question, CellKey(RECOMMEND, "")) if recommends else (question,):
        count = world.count(place)
        count.of += row.n
        _sum_answers(count, row)
        if row.anonymous:
            count.atoms.add(atom)


def _add_not_applicable(cells: QuarterCube, row: SimpleNamespace, clients: ClientIndex) -> None:
    """Who said that a question does not apply is a world of its own: no other answer can be added to it."""
    place, client = build_not_applicable_key(row.questionnaire, row.question), clients.root(row.client)
    world = cells.worlds[place.id]
    count = world.count(place)
    _sum_answers(count, row)
    if row.anonymous:
        atom = (client, row.questionnaire, row.question, clients.tier(client, row.quarter))
        world.answers[atom] += row.n
        world.people[atom[:2]] += row.n
        count.atoms.add(atom)


@cache
def build_not_applicable_key(questionnaire: str, question: str) -> CellKey:
    """The cell of those who said that a question does not apply to them."""
    of_form = f"{TOTAL}/questionnaire/{questionnaire}"
    return CellKey(f"question/{questionnaire}/{question}/na", "question", (of_form,))


@cache
def _places_of_overall(client: int, tier: str, questionnaire: str, channel: str) -> tuple[CellKey, ...]:
    of_client = f"{TOTAL}/client/{client_key(client)}"
    of_form = f"{TOTAL}/questionnaire/{questionnaire}"
    return (
        WHOLE_CELL,
        CellKey(of_client, "client"),
        CellKey(f"{TOTAL}/tier/{tier or 'none'}", "tier"),
        CellKey(of_form, "questionnaire"),
        CellKey(f"{TOTAL}/channel/{channel}", "channel"),
        CellKey(f"{of_client}/questionnaire/{questionnaire}", "client questionnaire", (of_client, of_form)),
    )


@cache
def _places_of_dimension(dimension: str, client: int) -> tuple[CellKey, ...]:
    key, whole = client_key(client), f"dimension/{dimension}"
    return CellKey(whole, ""), CellKey(
        f"{whole}/client/{key}", "client dimension", (f"{TOTAL}/client/{key}",)
    )


@cache
def build_question_key(questionnaire: str, question: str) -> CellKey:
    """The cell of a question: part of its questionnaire, and hidden with it."""
    return CellKey(
        f"question/{questionnaire}/{question}", "question", (f"{TOTAL}/questionnaire/{questionnaire}",)
    )


def _sum_ratings(count: CellCount, row: SimpleNamespace) -> None:
    count.of += row.ratings
    count.good += row.good
    count.total += row.total
    if row.spoken:
        count.spoken.of += row.ratings
        count.spoken.good += row.good


def _sum_people(count: CellCount, n: int, row: SimpleNamespace) -> None:
    count.n += n
    count.anonymous += n if row.anonymous else 0
    count.spoken.n += n if row.spoken else 0


def _sum_answers(count: CellCount, row: SimpleNamespace) -> None:
    count.n += row.n
    count.anonymous += row.n if row.anonymous else 0
