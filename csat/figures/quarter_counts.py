"""What is counted of a quarter and of the one before, and what of it may show: the ground of every figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from csat.figures import choices, suppression
from csat.figures.choices import Chosen
from csat.figures.cube import OVERALL, Cells, Count, add_choices, cells_of, cells_of_keys, overall_cells_of
from csat.figures.labels import NOBODY, Clients, Questions, client_key
from csat.figures.rates import change, index_of, parts_of, rate_of
from csat.figures.types import Index, Name, Rate, Row, TrendPoint
from csat.models.questionnaires import Dimension
from csat.procedure.commitments import commitments
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import tally

TREND = 8  # quarters


@dataclass
class Counted:
    """The cells of a quarter and of the one before, and which of each must not show (F4)."""

    quarter: Quarter
    clients: Clients
    questions: Questions
    now: Cells
    before: Cells
    chosen: list[Chosen]
    hidden: frozenset[str]
    hidden_before: frozenset[str]
    least: int
    target: float

    @classmethod
    def read(cls, quarter: Quarter) -> Self:
        """Count the quarter and the one before, and decide what may show."""
        clients, questions, least = Clients(), Questions(), settings.whole("anonymous_least")
        now, before = int(quarter), int(quarter.plus(-1))
        cells, chosen = cells_of([now, before], clients, questions), choices.read(now)
        add_choices(cells[now], chosen, clients, questions)
        return cls(
            quarter=quarter,
            clients=clients,
            questions=questions,
            now=cells[now],
            before=cells[before],
            chosen=chosen,
            hidden=hidden(now, cells[now], clients, questions, least),
            hidden_before=hidden(before, cells[before], clients, questions, least),
            least=least,
            target=commitments.satisfaction_target(quarter),
        )

    def rate(self, cell: str) -> Rate:
        """The rate of a cell, or nothing of it when it must not show."""
        return rate_of(cell, self.now.of(cell), cell in self.hidden)

    def index(self, cell: str) -> Index:
        """The index of a cell, or nothing of it when it must not show."""
        return index_of(f"{cell}/index", self.now.of(cell), cell in self.hidden)

    def row(self, cell: str, key: str, name: Name, tier: str = "") -> Row:
        """The line of a cell: rate, index, telephone against link, and the quarter before."""
        rate = self.rate(cell)
        before = rate_of(f"{cell}/before", self.before.of(cell), cell in self.hidden_before)
        spoken, linked = parts_of(cell, self.now.of(cell), cell in self.hidden)
        return Row(
            key=key,
            name=name,
            rate=rate,
            index=self.index(cell),
            before=before,
            change=change(rate, before),
            tier=tier,
            spoken=spoken,
            linked=linked,
        )

    def keys(self, cut: str) -> set[str]:
        """What the cells of a cut are about, in this quarter."""
        world = self.now.worlds.get(OVERALL)
        cells = [] if world is None else list(world.cells.values())
        return {count.place.id.rsplit("/", 1)[1] for count in cells if count.place.cut == cut}

    def counted_clients(self) -> list[int]:
        """The clients with answers in this quarter, in their order."""
        keys = self.keys("client")
        return self.clients.in_order(0 if key == client_key(NOBODY) else int(key) for key in keys)

    def rated_dimensions(self) -> list[Dimension]:
        """The dimensions that somebody rated, in their order."""
        return [one for one in Dimension if one != Dimension.OVERALL and self.now.of(f"dimension/{one}").of]


def hidden(quarter: int, cells: Cells, clients: Clients, questions: Questions, least: int) -> frozenset[str]:
    """The cells that must not show, by themselves or beside what showed before a later step (0020)."""
    shut = suppression.hidden_cells(cells, least)
    for step in range(tally.last_step(quarter)):
        later = cells_of_keys(tally.keys_since(quarter, step), clients, questions)
        add_choices(later, choices.read(quarter, later_than=step), clients, questions)
        shut |= suppression.hidden_cells(later, least)
    return shut


def trend_of(cell: str, quarter: Quarter, clients: Clients, questions: Questions) -> Iterable[TrendPoint]:
    """Eight quarters of a cell of overall ratings, oldest first, as each quarter shows it itself (F5)."""
    least = settings.whole("anonymous_least")
    for one, cells in overall_cells_of([int(one) for one in quarter.back(TREND)], clients).items():
        shut = cell in hidden(one, cells, clients, questions, least)
        yield point(one, f"{cell}/trend/{one}", cells.of(cell), shut)


def point(quarter: int, id_: str, count: Count, shut: bool) -> TrendPoint:
    """A cell as a point of a trend, with the target that held then (F7)."""
    spoken, linked = parts_of(id_, count, shut)
    target = commitments.satisfaction_target(Quarter.from_int(quarter))
    return TrendPoint(quarter, rate_of(id_, count, shut), target=target, spoken=spoken, linked=linked)
