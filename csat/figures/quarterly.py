"""The whole of a quarter, read in one snapshot and let out through suppression once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from csat.database import reading
from csat.figures import choices, importance, names, questions, response_rates, staff, suppression
from csat.figures.cube import TOTAL, totals_of
from csat.figures.feedback import feedback_figures
from csat.figures.labels import NOBODY, client_key
from csat.figures.quarter_counts import TREND, Counted, point
from csat.figures.rates import change
from csat.figures.types import Change, ChannelRow, QuarterFigures, Rate, Row, TrendPoint
from csat.models.answers import Response, Verdict
from csat.models.asking import Channel
from csat.models.clients import Tier
from csat.models.reporting import Tally
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import tally
from csat.terms import term


def quarter_figures(quarter: Quarter, now: datetime, zone: tzinfo) -> QuarterFigures:
    """Everything a quarter says at this instant (F1–F7), suppressed by F4."""
    with reading():
        return _Quarter.read(quarter).figures(now, zone)


def quarters_with_data() -> list[int]:
    """The quarters in which there is something to see, newest first."""
    tallied = Tally.select(Tally.quarter).distinct()
    received = Response.select(Response.quarter).distinct()
    return sorted({row.quarter for row in (*tallied, *received)}, reverse=True)


class _Quarter(Counted):
    """A quarter on its way out."""

    def figures(self, now: datetime, zone: tzinfo) -> QuarterFigures:
        """All figures, hidden ones left out."""
        quarter = int(self.quarter)
        answered = questions.distributions(quarter)
        everybody = response_rates.asked(quarter, self.clients)
        rated = [(one, self.rate(f"dimension/{one}")) for one in self.rated_dimensions()]
        placed, cut = importance.of(quarter, rated)
        handled = feedback_figures(quarter, now, zone)
        in_time = response_rates.surveyed(quarter, now)
        return QuarterFigures(
            quarter=quarter,
            cut_off=now.isoformat(),
            target=self.target,
            least=self.least,
            satisfaction=self.row(TOTAL, "all", names.both(names.ALL)),
            recommend=questions.net(answered, self.questions, self.hidden),
            trend=tuple(self._trend()),
            clients=tuple(self._clients({row.key for row in everybody.clients if row.delivered})),
            tiers=tuple(self._tiers()),
            questionnaires=tuple(self._questionnaires()),
            dimensions=tuple(self._dimensions()),
            channels=tuple(self._channels()),
            questions=tuple(questions.question_rows(answered, self.questions, self.hidden)),
            importance=placed,
            importance_cut=cut,
            heat=tuple(self._heat()),
            clients_by_questionnaire=tuple(self._clients_by_questionnaire()),
            asked=everybody.all,
            asked_by_client=everybody.clients,
            asked_by_tier=everybody.tiers,
            asked_by_questionnaire=everybody.questionnaires,
            clients_asked=everybody.reached,
            surveyed=in_time,
            choices=tuple(choices.choice_rows(self.chosen, self.questions, self.hidden)),
            managers=tuple(staff.rows(self.quarter, staff.MANAGER)),
            departments=tuple(staff.rows(self.quarter, staff.DEPARTMENT)),
            engineers=tuple(staff.rows(self.quarter, staff.ENGINEER)),
            verdicts=response_rates.verdicts(quarter),
            check_calls=response_rates.check_calls(self.quarter),
            feedback=handled,
            without_incident=_without_incident(quarter),
            changes=self._changes(now, zone, (everybody.all.rate, in_time.rate, handled.handled_in_time)),
        )

    def _changes(self, now: datetime, zone: tzinfo, rates: Iterable[Rate]) -> dict[str, Change]:
        """The rates that are in no row, as they were in the quarter before."""
        before = int(self.quarter.plus(-1))
        earlier = (
            response_rates.asked(before, self.clients).all.rate,
            response_rates.surveyed(before, now).rate,
            feedback_figures(before, now, zone).handled_in_time,
        )
        return {
            rate.id: Change(replace(one, id=f"{one.id}/before"), change(rate, one))
            for rate, one in zip(rates, earlier, strict=True)
        }

    def _trend(self) -> Iterable[TrendPoint]:
        for quarter, count in totals_of([int(one) for one in self.quarter.back(TREND)]).items():
            shut = suppression.too_few(count.anonymous, self.least)
            yield point(quarter, f"trend/{quarter}", count, shut)

    def _clients(self, asked_keys: set[str]) -> Iterable[Row]:
        """Clients with answers, and those who were asked and did not answer."""
        keys = self.keys("client") | (asked_keys - {client_key(NOBODY)})
        for client in self.clients.in_order(0 if key == client_key(NOBODY) else int(key) for key in keys):
            key = client_key(client)
            name, tier = self.clients.name(client), self.clients.tier(client, int(self.quarter))
            yield self.row(f"{TOTAL}/client/{key}", key, name, tier)

    def _tiers(self) -> Iterable[Row]:
        keys = self.keys("tier")
        for tier in (Tier.CORE, Tier.IMPORTANT, Tier.ORDINARY):
            if tier in keys:
                yield self.row(f"{TOTAL}/tier/{tier}", str(tier), names.both(term(tier)))

    def _questionnaires(self) -> Iterable[Row]:
        keys = self.keys("questionnaire")
        for code, title in self.questions.titles.items():
            if code in keys:
                yield self.row(f"{TOTAL}/questionnaire/{code}", code, title)

    def _channels(self) -> Iterable[ChannelRow]:
        keys = self.keys("channel")
        for channel in Channel:
            if channel in keys:
                cell = f"{TOTAL}/channel/{channel}"
                yield ChannelRow(str(channel), self.rate(cell), self.index(cell))

    def _dimensions(self) -> Iterable[Row]:
        for one in self.rated_dimensions():
            yield self.row(f"dimension/{one}", str(one), names.both(term(one)))

    def _heat(self) -> Iterable[dict[str, Any]]:
        clients = [client_key(client) for client in self.counted_clients()]
        for one in self.rated_dimensions():
            for key in clients:
                cell = f"dimension/{one}/client/{key}"
                if self.now.of(cell).of:
                    yield {"client": key, "dimension": str(one), "rate": self.rate(cell)}

    def _clients_by_questionnaire(self) -> Iterable[dict[str, Any]]:
        for client in self.counted_clients():
            for code in self.questions.titles:
                cell = f"{TOTAL}/client/{client_key(client)}/questionnaire/{code}"
                if self.now.of(cell).of:
                    yield {"client": client_key(client), "questionnaire": code, "rate": self.rate(cell)}


def _without_incident(quarter: int) -> int:
    """Valid responses that carry no incident, so enter no row of an engineer or department (P12)."""
    counted = Response.step.is_null() | (Response.step != tally.HELD)
    valid = (Response.quarter == quarter) & (Response.verdict == Verdict.VALID) & counted
    return Response.select().where(valid, Response.incident.is_null()).count()
