"""The whole of a quarter, read in one snapshot and let out through suppression once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from csat.database import reading
from csat.figures import asked, importance, names, questions, suppression
from csat.figures.about import NOBODY, Clients, Questions, client_key
from csat.figures.cells import OVERALL, TOTAL, Cells, cells_of, cells_of_keys, totals_of
from csat.figures.feedback import feedback_figures
from csat.figures.rates import change, index_of, rate_of
from csat.figures.shapes import (
    Change,
    ChannelRow,
    Index,
    Name,
    QuarterFigures,
    Rate,
    Row,
    TrendPoint,
)
from csat.models.answers import Response, Verdict
from csat.models.asking import Channel
from csat.models.clients import Tier
from csat.models.questionnaires import Dimension
from csat.models.reporting import Tally
from csat.procedure import scoring, settings
from csat.procedure.quarter import Quarter
from csat.terms import term

TREND = 8


def quarter_figures(quarter: Quarter, now: datetime, zone: tzinfo) -> QuarterFigures:
    """Everything a quarter says at this instant (F1–F7), suppressed by F4."""
    with reading():
        return _Quarter.read(quarter).figures(now, zone)


def quarters_with_data() -> list[int]:
    """The quarters in which there is something to see, newest first."""
    tallied = Tally.select(Tally.quarter).distinct()
    received = Response.select(Response.quarter).distinct()
    return sorted({row.quarter for row in (*tallied, *received)}, reverse=True)


@dataclass
class _Quarter:
    """What was counted of a quarter and of the one before, and which cells of each must not show."""

    quarter: Quarter
    clients: Clients
    questions: Questions
    now: Cells
    before: Cells
    hidden: frozenset[str]
    hidden_before: frozenset[str]
    least: int
    target: float

    @classmethod
    def read(cls, quarter: Quarter) -> _Quarter:
        """Count the quarter and the one before, and decide what may show."""
        clients, asked_questions, least = Clients(), Questions(), settings.whole("anonymous_least")
        now, before = int(quarter), int(quarter.plus(-1))
        cells = cells_of([now, before], clients, asked_questions)
        return cls(
            quarter=quarter,
            clients=clients,
            questions=asked_questions,
            now=cells[now],
            before=cells[before],
            hidden=_hidden(now, cells[now], clients, asked_questions, least),
            hidden_before=_hidden(before, cells[before], clients, asked_questions, least),
            least=least,
            target=settings.value("target"),
        )

    def figures(self, now: datetime, zone: tzinfo) -> QuarterFigures:
        """All figures, hidden ones left out."""
        quarter = int(self.quarter)
        answered = questions.distributions(quarter)
        everybody, asked_by_client, clients_asked = asked.asked(quarter, self.clients)
        rated = [(one, self._rate(f"dimension/{one}")) for one in self._rated_dimensions()]
        placed, cut = importance.of(quarter, rated)
        handled = feedback_figures(quarter, now, zone)
        in_time = asked.surveyed(quarter, now)
        return QuarterFigures(
            quarter=quarter,
            cut_off=now.isoformat(),
            target=self.target,
            least=self.least,
            satisfaction=self._row(TOTAL, "all", names.both(names.ALL)),
            recommend=questions.net(answered, self.questions, self.hidden),
            trend=tuple(self._trend()),
            clients=tuple(self._clients({row.key for row in asked_by_client if row.delivered})),
            tiers=tuple(self._tiers()),
            questionnaires=tuple(self._questionnaires()),
            dimensions=tuple(self._dimensions()),
            channels=tuple(self._channels()),
            questions=tuple(questions.question_rows(answered, self.questions, self.hidden)),
            importance=placed,
            importance_cut=cut,
            heat=tuple(self._heat()),
            clients_by_questionnaire=tuple(self._clients_by_questionnaire()),
            asked=everybody,
            asked_by_client=asked_by_client,
            clients_asked=clients_asked,
            surveyed=in_time,
            verdicts=asked.verdicts(quarter),
            check_calls=asked.check_calls(self.quarter),
            feedback=handled,
            without_incident=_without_incident(quarter),
            changes=self._changes(now, zone, (everybody.rate, in_time.rate, handled.handled_in_time)),
        )

    def _changes(self, now: datetime, zone: tzinfo, rates: Iterable[Rate]) -> dict[str, Change]:
        """The rates that are in no row, as they were in the quarter before."""
        before = int(self.quarter.plus(-1))
        earlier = (
            asked.asked(before, self.clients)[0].rate,
            asked.surveyed(before, now).rate,
            feedback_figures(before, now, zone).handled_in_time,
        )
        return {
            rate.id: Change(replace(one, id=f"{one.id}/before"), change(rate, one))
            for rate, one in zip(rates, earlier, strict=True)
        }

    def _rate(self, cell: str) -> Rate:
        return rate_of(cell, self.now.of(cell), cell in self.hidden)

    def _index(self, cell: str) -> Index:
        return index_of(f"{cell}/index", self.now.of(cell), cell in self.hidden)

    def _before(self, cell: str) -> Rate:
        return rate_of(f"{cell}/before", self.before.of(cell), cell in self.hidden_before)

    def _row(self, cell: str, key: str, name: Name, tier: str = "") -> Row:
        rate, before = self._rate(cell), self._before(cell)
        return Row(
            key=key,
            name=name,
            rate=rate,
            index=self._index(cell),
            before=before,
            change=change(rate, before),
            tier=tier,
        )

    def _trend(self) -> Iterable[TrendPoint]:
        for quarter, count in totals_of([int(one) for one in self.quarter.back(TREND)]).items():
            shut = suppression.too_few(count.anonymous, self.least)
            yield TrendPoint(quarter, rate_of(f"trend/{quarter}", count, shut))

    def _keys(self, cut: str) -> set[str]:
        """What the cells of a cut are about, in this quarter."""
        world = self.now.worlds.get(OVERALL)
        cells = [] if world is None else list(world.cells.values())
        return {count.place.id.rsplit("/", 1)[1] for count in cells if count.place.cut == cut}

    def _clients(self, asked_keys: set[str]) -> Iterable[Row]:
        """Clients with answers, and those who were asked and did not answer."""
        keys = self._keys("client") | (asked_keys - {client_key(NOBODY)})
        for client in self.clients.in_order(0 if key == client_key(NOBODY) else int(key) for key in keys):
            key = client_key(client)
            name, tier = self.clients.name(client), self.clients.tier(client)
            yield self._row(f"{TOTAL}/client/{key}", key, name, tier)

    def _tiers(self) -> Iterable[Row]:
        keys = self._keys("tier")
        for tier in (Tier.CORE, Tier.IMPORTANT, Tier.ORDINARY):
            if tier in keys:
                yield self._row(f"{TOTAL}/tier/{tier}", str(tier), names.both(term(tier)))

    def _questionnaires(self) -> Iterable[Row]:
        keys = self._keys("questionnaire")
        for code, title in self.questions.titles.items():
            if code in keys:
                yield self._row(f"{TOTAL}/questionnaire/{code}", code, title)

    def _channels(self) -> Iterable[ChannelRow]:
        keys = self._keys("channel")
        for channel in Channel:
            if channel in keys:
                cell = f"{TOTAL}/channel/{channel}"
                yield ChannelRow(str(channel), self._rate(cell), self._index(cell))

    def _rated_dimensions(self) -> list[Dimension]:
        return [one for one in Dimension if one != Dimension.OVERALL and self.now.of(f"dimension/{one}").of]

    def _dimensions(self) -> Iterable[Row]:
        for one in self._rated_dimensions():
            yield self._row(f"dimension/{one}", str(one), names.both(term(one)))

    def _heat(self) -> Iterable[dict[str, Any]]:
        clients = [client_key(client) for client in self._counted_clients()]
        for one in self._rated_dimensions():
            for key in clients:
                cell = f"dimension/{one}/client/{key}"
                if self.now.of(cell).of:
                    yield {"client": key, "dimension": str(one), "rate": self._rate(cell)}

    def _clients_by_questionnaire(self) -> Iterable[dict[str, Any]]:
        for client in self._counted_clients():
            for code in self.questions.titles:
                cell = f"{TOTAL}/client/{client_key(client)}/questionnaire/{code}"
                if self.now.of(cell).of:
                    yield {"client": client_key(client), "questionnaire": code, "rate": self._rate(cell)}

    def _counted_clients(self) -> list[int]:
        keys = self._keys("client")
        return self.clients.in_order(0 if key == client_key(NOBODY) else int(key) for key in keys)


def _hidden(
    quarter: int, cells: Cells, clients: Clients, asked_questions: Questions, least: int
) -> frozenset[str]:
    """The cells that must not show, by themselves or beside what showed before a later step (0020)."""
    hidden = suppression.hidden_cells(cells, least)
    for step in range(scoring.last_step(quarter)):
        later = cells_of_keys(scoring.keys_since(quarter, step), clients, asked_questions)
        hidden |= suppression.hidden_cells(later, least)
    return hidden


def _without_incident(quarter: int) -> int:
    """Valid responses that carry no incident, so enter no row of an engineer or department (P12)."""
    valid = (Response.quarter == quarter) & (Response.verdict == Verdict.VALID)
    return Response.select().where(valid, Response.incident.is_null()).count()
