"""What may be shown (F4): the only way by which figures leave this room.

A cell with anonymous answers shows only if 0 or at least k people gave them, and no sum or difference of what shows may
come down to fewer. The scheme, for each world of answers that can be added to each other:

1. Primary: a cell with 1 … k−1 anonymous people is hidden. A client that is hidden is hidden in every cut; so are the
   questions of a questionnaire that is hidden.
2. Complementary: we play the attacker, who knows every named answer and which groups gave no anonymous one. What shows
   is a system of linear equations over the atoms. No combination of its rows may be a group of 1 … k−1 people:
   by client, tier, questionnaire, channel, question or several of these together; what is hidden of one cut taken
   together; what one cell has beside its share of another. While there is one, the cheapest cell that takes part in the
   combination is hidden too: fine cuts before coarse ones, small cells before large ones.
3. The whole is never hidden for the sake of a part: the trend and the quarter before show what those quarters showed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import combinations

from csat.figures.cells import Atom, CellCount, QuarterCube, World
from csat.figures.tally_queries import OVERALL

PRIME = (1 << 61) - 1  # the equations are solved modulo it: no rounding, and no fraction grows
CUT_PRICES = ("client questionnaire", "client dimension", "client", "question", "channel", "tier", "questionnaire")
AtomVector = dict[Atom, int]
CellSum = dict[str, int]


def find_hidden_cells(cells: QuarterCube, least: int) -> frozenset[str]:
    """The ids of the cells of a quarter that must not show, `least` being k."""
    overall = _hide_cells(cells.worlds.get(OVERALL, World()), set(), least)
    others = (_hide_cells(world, overall, least) for name, world in cells.worlds.items() if name != OVERALL)
    return frozenset(overall.union(*others))


def is_too_few(anonymous: int, least: int) -> bool:
    """Whether so many anonymous people may not show by themselves."""
    return 0 < anonymous < least


@dataclass
class _Equations:
    """What shows, as linear equations over the atoms in reduced form; each row remembers its cells."""

    rows: dict[Atom, tuple[AtomVector, CellSum]] = field(default_factory=dict)

    def add(self, cell: str, vector: AtomVector) -> None:
        """Take in a cell that shows."""
        rest, made_of = self.reduce(vector, {cell: 1})
        if not rest:
            return
        pivot = min(rest)
        scale = pow(rest[pivot], -1, PRIME)
        row = ({at: value * scale % PRIME for at, value in rest.items()}, _scaled(made_of, scale))
        for other in self.rows.values():
            if factor := other[0].get(pivot):
                _subtract(other[0], row[0], factor)
                _subtract(other[1], row[1], factor)
        self.rows[pivot] = row

    def reduce(self, vector: AtomVector, made_of: CellSum) -> tuple[AtomVector, CellSum]:
        """What is left of a vector that the equations do not give, and the cells that gave the rest."""
        rest, made_of = dict(vector), dict(made_of)
        for pivot in [at for at in vector if at in self.rows]:
            factor = rest[pivot]
            _subtract(rest, self.rows[pivot][0], factor)
            _subtract(made_of, self.rows[pivot][1], factor)
        return rest, made_of

    def way_to(self, vector: AtomVector) -> CellSum | None:
        """The cells from which a vector can be had by adding and subtracting, or None."""
        rest, made_of = self.reduce(vector, {})
        return None if rest else made_of


def _hide_cells(world: World, hidden: set[str], least: int) -> set[str]:
    """The cells to hide in one world, when these are hidden already in the world of overall ratings."""
    mass = {cell: count for cell, count in world.cells.items() if count.anonymous}
    hidden = _follow(mass, hidden) | {cell for cell in mass if is_too_few(mass[cell].anonymous, least)}
    hidden |= _follow(mass, hidden)
    groups = [dict.fromkeys(mass[cell].atoms, 1) for cell in mass if is_too_few(mass[cell].anonymous, least)]
    groups += [*_small_groups(world, least), *_remainders(world, mass, least)]
    # Each round may hide what made another sum impossible, and show what is hidden together: until nothing is found.
    while found := _find_leaks(world, mass, hidden, groups, least):
        hidden |= found
        hidden |= _follow(mass, hidden)
    return hidden


def _find_leaks(
    world: World, mass: Mapping[str, CellCount], hidden: set[str], groups: list[AtomVector], least: int
) -> set[str]:
    """The cells to hide because something small can be had from what shows; empty when nothing can."""
    targets = groups + list(_hidden_together(world, mass, hidden, least))
    shown = mass.keys() - hidden
    more: set[str] = set()
    for way in _ways(mass, shown, targets):
        if not more & way:  # else a cell of this way is hidden already in this round
            more.add(min(way, key=lambda cell: _price(cell, mass[cell])))
    return more


def _ways(mass: Mapping[str, CellCount], shown: Set[str], targets: list[AtomVector]) -> Iterator[Set[str]]:
    """The cells from which a target can be had, for each target that can be had at all."""
    if not targets:
        return
    equations = _Equations()
    # small cells first: the equations stay sparse, and the order is the same each time
    for cell in sorted(shown, key=lambda cell: (len(mass[cell].atoms), cell)):
        equations.add(cell, dict.fromkeys(mass[cell].atoms, 1))
    # The targets too: which cell is hidden must not hang on the order in which rows were read. Two readings that
    # hide differently would each show what the other hides.
    for atoms in sorted({tuple(sorted(target)) for target in targets}):
        if way := equations.way_to(dict.fromkeys(atoms, 1)):
            yield way.keys()


def _small_groups(world: World, least: int) -> Iterator[AtomVector]:
    """Every group by some of client, tier, questionnaire, channel or question that has 1 … k−1 people."""
    for size in (1, 2, 3, 4):
        for attributes in combinations(range(4), size):
            members: dict[tuple[object, ...], set[Atom]] = defaultdict(set)
            for atom, n in world.answers.items():
                if n:
                    members[tuple(atom[at] for at in attributes)].add(atom)
            for atoms in members.values():
                if is_too_few(_people(world, atoms, by_answer=2 in attributes), least):
                    yield dict.fromkeys(atoms, 1)


def _remainders(world: World, mass: Mapping[str, CellCount], least: int) -> Iterator[AtomVector]:
    """What 1 … k−1 people a cell has beside those that another one shares with it."""
    sharing: dict[Atom, list[str]] = defaultdict(list)
    for cell, count in mass.items():
        for atom in count.atoms:
            sharing[atom].append(cell)
    for count in mass.values():
        for other in {cell for atom in count.atoms for cell in sharing[atom]}:
            if count.anonymous - mass[other].anonymous >= least:
                continue  # what is left of it has k people or more, whatever the two share
            rest = count.atoms - mass[other].atoms
            if is_too_few(min(_people(world, rest, True), _people(world, rest, False)), least):
                yield dict.fromkeys(rest, 1)


def _people(world: World, atoms: Iterable[Atom], by_answer: bool) -> int:
    """How many anonymous people are behind some atoms."""
    if by_answer:
        return sum(world.answers[atom] for atom in atoms)
    return sum(world.people[place] for place in {atom[:2] for atom in atoms})


def _hidden_together(world: World, mass: Mapping[str, CellCount], hidden: set[str], least: int) -> Iterator[AtomVector]:
    """What is hidden of one cut, taken together, where that is still too few."""
    together: dict[str, set[str]] = defaultdict(set)
    for cell in hidden:
        together[mass[cell].place.cut].add(cell)
    for cells in together.values():
        atoms = {atom for cell in cells for atom in mass[cell].atoms}
        people = _people(world, atoms, by_answer=False)
        if is_too_few(min(people, sum(mass[cell].anonymous for cell in cells)), least):
            yield dict.fromkeys(atoms, 1)


def _follow(mass: Mapping[str, CellCount], hidden: set[str]) -> set[str]:
    """The cells that are part of a client or questionnaire that is hidden."""
    return {cell for cell, count in mass.items() if hidden.intersection(count.place.part_of)}


def _price(cell: str, count: CellCount) -> tuple[int, int, str]:
    """What hiding a cell costs its reader: fine cuts are cheap, the whole is dear; small before large."""
    place = CUT_PRICES.index(count.place.cut) if count.place.cut in CUT_PRICES else len(CUT_PRICES)
    return place, count.anonymous, cell


def _scaled(made_of: CellSum, scale: int) -> CellSum:
    return {cell: value * scale % PRIME for cell, value in made_of.items()}


def _subtract(vector: dict, row: Mapping, factor: int) -> None:
    for at, value in row.items():
        left = (vector.get(at, 0) - factor * value) % PRIME
        if left:
            vector[at] = left
        else:
            vector.pop(at, None)
