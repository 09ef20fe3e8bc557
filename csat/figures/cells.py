"""What is counted of a quarter: cells, the atoms their anonymous answers lie in, and worlds that can be added up."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from csat.figures.labels import client_key

# The smallest group told apart: (client, questionnaire, channel, tier) of overall ratings, else with the question as
# third. Suppression thinks in atoms, everything else in counts.
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
    def index(self) -> float | None:
        """Mean of (rating − 1) × 25 (F1)."""
        return (self.total / self.of - 1) * 25 if self.of else None

    def add_ratings(self, row: Any) -> None:
        """Add the ratings of a grouped row, whoever gave them."""
        self.of += row.ratings
        self.good += row.good
        self.total += row.total
        if row.spoken:
            self.spoken.of += row.ratings
            self.spoken.good += row.good

    def add_people(self, n: int, anonymous: bool, spoken: bool = False) -> None:
        """Add so many responses."""
        self.n += n
        self.anonymous += n if anonymous else 0
        self.spoken.n += n if spoken else 0

    def merge(self, other: CellCount) -> None:
        """Add what was counted in another cell of other answers."""
        for mine, more in ((self, other), (self.spoken, other.spoken)):
            mine.n, mine.of, mine.good = mine.n + more.n, mine.of + more.of, mine.good + more.good
        self.total += other.total
        self.anonymous += other.anonymous
        self.atoms |= other.atoms


WHOLE_CELL = CellKey(TOTAL, "")


@dataclass
class World:
    """Answers that can be added to each other: the overall ratings, or those of one dimension."""

    cells: dict[str, CellCount] = field(default_factory=dict)
    people: Counter[tuple[int, str]] = field(default_factory=Counter)  # anonymous responses by client and form
    answers: Counter[Atom] = field(default_factory=Counter)  # anonymous answers

    def count(self, place: CellKey) -> CellCount:
        """The counts of a cell, made at first use."""
        if place.id not in self.cells:
            self.cells[place.id] = CellCount(place)
        return self.cells[place.id]

    def count_with_atom(self, place: CellKey, atom: Atom, anonymous: bool) -> CellCount:
        """The counts of a cell, which remembers in which atoms its anonymous answers lie."""
        count = self.count(place)
        if anonymous:
            count.atoms.add(atom)
        return count

    def add_anonymous(self, atom: Atom, answers: int, people: int) -> None:
        """Add anonymous answers of an atom, and so many people who gave them and were not counted yet."""
        self.answers[atom] += answers
        self.people[atom[:2]] += people


@dataclass
class QuarterCube:
    """Everything counted of one quarter: worlds by name."""

    worlds: dict[str, World] = field(default_factory=lambda: defaultdict(World))

    def of(self, cell: str) -> CellCount:
        """The counts of a cell by its id; zeros when nothing was counted."""
        for world in self.worlds.values():
            if cell in world.cells:
                return world.cells[cell]
        return CellCount(CellKey(cell, ""))


@cache
def build_not_applicable_key(questionnaire: str, question: str) -> CellKey:
    """The cell of those who said that a question does not apply to them."""
    of_form = f"{TOTAL}/questionnaire/{questionnaire}"
    return CellKey(f"question/{questionnaire}/{question}/na", "question", (of_form,))


@cache
def list_overall_keys(client: int, questionnaire: str, channel: str, tier: str) -> tuple[CellKey, ...]:
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
def list_dimension_keys(dimension: str, client: int) -> tuple[CellKey, ...]:
    key, whole = client_key(client), f"dimension/{dimension}"
    return CellKey(whole, ""), CellKey(f"{whole}/client/{key}", "client dimension", (f"{TOTAL}/client/{key}",))


@cache
def build_question_key(questionnaire: str, question: str) -> CellKey:
    """The cell of a question: part of its questionnaire, and hidden with it."""
    return CellKey(f"question/{questionnaire}/{question}", "question", (f"{TOTAL}/questionnaire/{questionnaire}",))
