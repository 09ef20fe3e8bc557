"""What is counted of a quarter and of the one before, and what of it may show: the ground of every figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from csat.figures import choices
from csat.figures.audience import Audience
from csat.figures.cells import TOTAL, CellCount, QuarterCube
from csat.figures.choices import ChosenOptions
from csat.figures.cube import add_choices, count_cells, count_overall_cells
from csat.figures.labels import ClientIndex, QuestionIndex, client_key, localise_dimensions, parse_client_key
from csat.figures.rates import make_cell_index, make_cell_rate, make_cut_row, split_by_channel
from csat.figures.readings import hide_quarter_cells
from csat.figures.tally_queries import OVERALL
from csat.figures.types import CutRow, Index, LocalisedName, Rate, TrendPoint
from csat.models.questionnaires import Dimension
from csat.procedure.commitments import commitments
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import tally

TREND_QUARTERS = tally.TREND_QUARTERS


@dataclass
class QuarterCounts:
    """The cells of a quarter and of the one before, and which of each must not show (F4)."""

    quarter: Quarter
    clients: ClientIndex
    questions: QuestionIndex
    now: QuarterCube
    before: QuarterCube
    chosen: list[ChosenOptions]
    hidden: frozenset[str]
    hidden_before: frozenset[str]
    least: int
    target: float
    audience: Audience

    @classmethod
    def read(cls, quarter: Quarter, audience: Audience) -> Self:
        """Count the quarter and the one before, and decide what may show."""
        clients, questions, least = (ClientIndex(), QuestionIndex(), settings.get_whole_number("anonymous_least"))
        now, before = int(quarter), int(quarter.plus(-1))
        cells = count_cells([now, before], clients, questions, audience)
        chosen = choices.read_choices(now, audience)
        add_choices(cells[now], chosen, clients, questions)
        return cls(
            quarter=quarter,
            clients=clients,
            questions=questions,
            now=cells[now],
            before=cells[before],
            chosen=chosen,
            hidden=hide_quarter_cells(now, cells[now], clients, questions, least, audience),
            hidden_before=hide_quarter_cells(before, cells[before], clients, questions, least, audience),
            least=least,
            target=commitments.get_satisfaction_target(quarter),
            audience=audience,
        )

    def rate(self, cell: str) -> Rate:
        """The rate of a cell, or nothing of it when it must not show."""
        return make_cell_rate(cell, self.now.of(cell), cell in self.hidden)

    def index(self, cell: str) -> Index:
        """The index of a cell, or nothing of it when it must not show."""
        return make_cell_index(f"{cell}/index", self.now.of(cell), cell in self.hidden)

    def row(self, cell: str, key: str, name: LocalisedName, tier: str = "") -> CutRow:
        """The line of a cell, with the quarter before."""
        hidden = cell in self.hidden, cell in self.hidden_before
        return make_cut_row(cell, key, name, self.now.of(cell), self.before.of(cell), tier, hidden)

    def client_row(self, client: int, within: str = "") -> CutRow:
        """The line of a client, within a questionnaire if one is named."""
        key, tier = client_key(client), self.clients.tier(client, int(self.quarter))
        return self.row(f"{TOTAL}/client/{key}{within}", key, self.clients.name(client), tier)

    def questionnaire_rows(self, whose: str = "") -> Iterable[CutRow]:
        """A line for each questionnaire that was answered, by a client if one is named."""
        for code, title in self.questions.titles.items():
            cell = f"{TOTAL}{whose}/questionnaire/{code}"
            if self.now.of(cell).of:
                yield self.row(cell, code, title)

    def dimension_rows(self, whose: str = "") -> Iterable[CutRow]:
        """A line for each dimension that was rated, by a client if one is named."""
        for one, name in localise_dimensions(self.rated_dimensions()).items():
            cell = f"dimension/{one}{whose}"
            if self.now.of(cell).of:
                yield self.row(cell, str(one), name)

    def keys(self, cut: str) -> set[str]:
        """What the cells of a cut are about, in this quarter."""
        world = self.now.worlds.get(OVERALL)
        cells = [] if world is None else list(world.cells.values())
        return {count.place.id.rsplit("/", 1)[1] for count in cells if count.place.cut == cut}

    def counted_clients(self) -> list[int]:
        """The clients with answers in this quarter, in their order."""
        return self.clients.in_order(map(parse_client_key, self.keys("client")))

    def rated_dimensions(self) -> list[Dimension]:
        """The dimensions that somebody rated, in their order."""
        return [one for one in Dimension if one != Dimension.OVERALL and self.now.of(f"dimension/{one}").of]


def build_trend(
    cell: str, quarter: Quarter, clients: ClientIndex, questions: QuestionIndex, audience: Audience
) -> Iterable[TrendPoint]:
    """Eight quarters of a cell of overall ratings, oldest first, as each quarter shows it itself (F5)."""
    least = settings.get_whole_number("anonymous_least")
    quarters = [int(one) for one in quarter.back(TREND_QUARTERS)]
    for one, cells in count_overall_cells(quarters, clients, audience).items():
        shut = cell in hide_quarter_cells(one, cells, clients, questions, least, audience)
        yield build_trend_point(one, f"{cell}/trend/{one}", cells.of(cell), shut)


def build_trend_point(quarter: int, id_: str, count: CellCount, shut: bool) -> TrendPoint:
    """A cell as a point of a trend, with the target that held then (F7)."""
    spoken, linked = split_by_channel(id_, count, shut)
    target = commitments.get_satisfaction_target(Quarter.from_int(quarter))
    return TrendPoint(quarter, make_cell_rate(id_, count, shut), target=target, spoken=spoken, linked=linked)
