"""What may show of a quarter beside what its readers were shown before (F4, decisions 0020 and 0210).

A reader keeps every report. So what a quarter shows is taken apart into what was counted from the start, and what each
step added or took away since. Each part is suppressed by itself, and what one of them hides stays hidden: then all
readings together say no more than the parts do. Each response is looked at once, however many steps there were.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from csat.figures import suppression
from csat.figures.audience import Audience
from csat.figures.cells import Atom, QuarterCube, World
from csat.figures.choices import ChosenOptions, read_choice_history
from csat.figures.cube import add_choices, count_cells_of_keys
from csat.figures.labels import ClientIndex, QuestionIndex
from csat.procedure.review import tally
from csat.procedure.review.tally_rows import TallyKey

# Who leaves a group in which nobody stays has no cover, but is not nobody either: any number of such is too few.
FULL_COVER = 1 << 20


def hide_quarter_cells(
    quarter: int, cells: QuarterCube, clients: ClientIndex, questions: QuestionIndex, least: int, audience: Audience
) -> frozenset[str]:
    """The cells that must not show to an audience, by themselves or beside what its readers were shown before."""
    if audience.hides_anonymous:  # then named answers alone are counted, which everybody may know
        return frozenset()
    if tally.find_last_step(quarter):
        hidden = _hide_readings(quarter, clients, questions, least)
    else:
        hidden = suppression.find_hidden_cells(cells, least)
    return hidden | _hide_joined_clients(quarter, clients, questions, least)


def _hide_readings(quarter: int, clients: ClientIndex, questions: QuestionIndex, least: int) -> frozenset[str]:
    readings = _Readings.read(quarter, clients, questions)
    came = (suppression.find_hidden_cells(one, least) for one in readings.came.values())
    left = (suppression.find_hidden_cells(one, least * FULL_COVER) for one in readings.list_covers())
    return frozenset().union(*came, *left)


@dataclass
class _Readings:
    """The anonymous answers of a quarter by the step with which they came, and of those that left, by that too."""

    came: dict[int, QuarterCube]
    left: dict[int, dict[int, QuarterCube]]  # by the step of leaving, then by that of coming

    @classmethod
    def read(cls, quarter: int, clients: ClientIndex, questions: QuestionIndex) -> _Readings:
        """Read each response once."""
        came: dict[int, Counter[TallyKey]] = defaultdict(Counter)
        chosen: dict[int, list[ChosenOptions]] = defaultdict(list)
        keys, choices = tally.read_history(quarter), read_choice_history(quarter)
        for (entered, _), counted in keys.items():
            came[entered].update(counted)
        for (entered, _), options in choices.items():
            chosen[entered] += options

        def count(rows: Counter[TallyKey], options: Iterable[ChosenOptions]) -> QuarterCube:
            cells = count_cells_of_keys(rows, clients, questions)
            add_choices(cells, options, clients, questions)
            return cells

        left: dict[int, dict[int, QuarterCube]] = defaultdict(dict)
        for (entered, gone), counted in keys.items():
            if gone is not None:
                left[gone][entered] = count(counted, choices.get((entered, gone), ()))
        return cls({step: count(counted, chosen[step]) for step, counted in came.items()}, left)

    def list_covers(self) -> Iterable[QuarterCube]:
        """For each step in which some left: how many who are like them stay, and hide which of them left."""
        staying = {
            entered: {name: (Counter(world.answers), Counter(world.people)) for name, world in cells.worlds.items()}
            for entered, cells in self.came.items()
        }
        for _, gone in sorted(self.left.items()):
            cover = QuarterCube()
            for entered, cells in gone.items():
                for name, world in cells.worlds.items():
                    answers, people = staying[entered][name]
                    answers.subtract(world.answers)
                    people.subtract(world.people)
                    _add_cover(cover.worlds[name], world, answers, people)
            yield _with_cell_counts(cover)


def _add_cover(cover: World, world: World, answers: Counter[Atom], people: Counter[tuple[int, str]]) -> None:
    """Count of who left as many as have somebody alike who stays; the others as a trifle."""
    for atom, number in world.answers.items():
        cover.answers[atom] += FULL_COVER * min(number, answers[atom]) or 1
    for group, number in world.people.items():
        cover.people[group] += FULL_COVER * min(number, people[group]) or 1
    for count in world.cells.values():
        cover.count(count.place).atoms |= count.atoms


def _with_cell_counts(cover: QuarterCube) -> QuarterCube:
    for world in cover.worlds.values():
        for count in world.cells.values():
            groups = {atom[:2] for atom in count.atoms}
            answers, people = (world.answers[atom] for atom in count.atoms), (world.people[one] for one in groups)
            count.anonymous = min(sum(answers), sum(people))
    return cover


def _hide_joined_clients(quarter: int, clients: ClientIndex, questions: QuestionIndex, least: int) -> frozenset[str]:
    """Of clients joined since a reader saw them apart, what apart must not show; of their tiers, what moved (D8)."""
    moved = [key for key in clients.joined_keys() if tally.counts_anonymous(quarter, key)]
    if not moved or not tally.is_seen(quarter):
        return frozenset()
    hidden = _hide_readings(quarter, clients.as_separate(), questions, least)
    tiers = {(clients.tier(key, quarter), clients.tier(clients.root(key), quarter)) for key in moved}
    cells = {f"satisfaction/tier/{tier}" for pair in tiers if len(set(pair)) > 1 for tier in pair}
    return frozenset({clients.rename_cell(cell) for cell in hidden} | cells)
