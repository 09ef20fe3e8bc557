"""The whole of a quarter, read in one snapshot and let out through suppression once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, tzinfo
from itertools import product

from csat.database import reading
from csat.figures import choices, importance, labels, questions, response_rates, staff, suppression
from csat.figures.audience import Audience, response_conditions
from csat.figures.cells import TOTAL, QuarterCube
from csat.figures.cube import count_totals
from csat.figures.feedback import compute_feedback_figures
from csat.figures.labels import NO_CLIENT, client_key, parse_client_key
from csat.figures.quarter_counts import TREND_QUARTERS, QuarterCounts, build_trend_point
from csat.figures.rates import compare_rates
from csat.figures.readings import hide_quarter_cells
from csat.figures.types import ChannelRow, CutRow, QuarterFigures, Rate, RateChange, TrendPoint
from csat.models.answers import Response
from csat.models.asking import Channel
from csat.models.base import Condition
from csat.models.clients import Tier
from csat.models.reporting import Tally
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import tally
from csat.procedure.review.tally import counted_condition


def compute_quarter_figures(quarter: Quarter, now: datetime, zone: tzinfo, audience: Audience) -> QuarterFigures:
    """Everything a quarter says to an audience at this instant (F1–F7), suppressed by F4."""
    with reading():
        return _FiguresBuilder.read(quarter, audience).figures(now, zone)


def list_quarters_with_data() -> list[int]:
    """The quarters in which there is something to see, newest first."""
    tallied = Tally.select(Tally.quarter).distinct()
    received = Response.select(Response.quarter).distinct()
    return sorted({row.quarter for row in (*tallied, *received)}, reverse=True)


class _FiguresBuilder(QuarterCounts):
    """A quarter on its way out."""

    def figures(self, now: datetime, zone: tzinfo) -> QuarterFigures:
        """All figures, hidden ones left out."""
        quarter = int(self.quarter)
        answered = questions.read_distributions(quarter, self.audience)
        everybody = response_rates.compute_response_rates(quarter, self.clients)
        rated = [(one, self.rate(f"dimension/{one}")) for one in self.rated_dimensions()]
        placed, cut = importance.place_dimensions(quarter, rated, self.audience)
        handled = compute_feedback_figures(quarter, now, zone)
        in_time = response_rates.count_surveyed_in_time(quarter, now)
        return QuarterFigures(
            quarter=quarter,
            audience=self.audience.value,
            cut_off=now.isoformat(),
            target=self.target,
            least=self.least,
            satisfaction=self.row(TOTAL, "all", labels.localise_text(labels.ALL_LABEL)),
            recommend=questions.compute_net_promoter_score(answered, self.questions, self.hidden),
            trend=tuple(self._trend()),
            clients=tuple(self._clients({row.key for row in everybody.clients if row.delivered})),
            tiers=tuple(self._tiers()),
            questionnaires=tuple(self.questionnaire_rows()),
            dimensions=tuple(self.dimension_rows()),
            channels=tuple(self._channels()),
            questions=tuple(questions.build_question_rows(answered, self.questions, self.hidden)),
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
            choices=tuple(choices.build_choice_rows(self.chosen, self.questions, self.hidden)),
            managers=tuple(staff.build_rows(self.quarter, staff.MANAGER)),
            departments=tuple(staff.build_rows(self.quarter, staff.DEPARTMENT)),
            engineers=tuple(staff.build_rows(self.quarter, staff.ENGINEER)),
            verdicts=response_rates.count_verdicts(quarter),
            check_calls=response_rates.rate_check_calls(self.quarter),
            feedback=handled,
            # these enter no row of an engineer or department (P12)
            without_incident=count_responses(quarter, Response.incident.is_null(), self.audience),
            changes=self._changes(now, zone, (everybody.all.rate, in_time.rate, handled.handled_in_time)),
        )

    def _changes(self, now: datetime, zone: tzinfo, rates: Iterable[Rate]) -> dict[str, RateChange]:
        """The rates that are in no row, as they were in the quarter before."""
        before = int(self.quarter.plus(-1))
        earlier = (
            response_rates.compute_response_rates(before, self.clients).all.rate,
            response_rates.count_surveyed_in_time(before, now).rate,
            compute_feedback_figures(before, now, zone).handled_in_time,
        )
        return {
            rate.id: RateChange(replace(one, id=f"{one.id}/before"), compare_rates(rate, one))
            for rate, one in zip(rates, earlier, strict=True)
        }

    def _trend(self) -> Iterable[TrendPoint]:
        quarters = [int(one) for one in self.quarter.back(TREND_QUARTERS)]
        for quarter, count in count_totals(quarters, self.audience).items():
            # The whole is never hidden for the sake of a part: its own number decides, and that of each step.
            few = suppression.is_too_few(count.anonymous, self.least)
            shut = few or (bool(tally.find_last_step(quarter)) and self._is_whole_hidden(quarter))
            yield build_trend_point(quarter, f"trend/{quarter}", count, shut)

    def _is_whole_hidden(self, quarter: int) -> bool:
        cells, known = QuarterCube(), (self.clients, self.questions)
        return TOTAL in hide_quarter_cells(quarter, cells, *known, self.least, self.audience)

    def _clients(self, asked_keys: set[str]) -> Iterable[CutRow]:
        """Clients with answers, and those who were asked and did not answer."""
        keys = self.keys("client") | (asked_keys - {client_key(NO_CLIENT)})
        return map(self.client_row, self.clients.in_order(map(parse_client_key, keys)))

    def _tiers(self) -> Iterable[CutRow]:
        keys = self.keys("tier")
        for tier in (Tier.CORE, Tier.IMPORTANT, Tier.ORDINARY):
            if tier in keys:
                yield self.row(f"{TOTAL}/tier/{tier}", str(tier), labels.localise_term(tier))

    def _channels(self) -> Iterable[ChannelRow]:
        keys = self.keys("channel")
        for channel in Channel:
            if channel in keys:
                cell = f"{TOTAL}/channel/{channel}"
                yield ChannelRow(str(channel), self.rate(cell), self.index(cell))

    def _heat(self) -> Iterable[dict[str, object]]:
        for one, client in product(self.rated_dimensions(), self.counted_clients()):
            cell = f"dimension/{one}/client/{client_key(client)}"
            if self.now.of(cell).of:
                yield {"client": client_key(client), "dimension": str(one), "rate": self.rate(cell)}

    def _clients_by_questionnaire(self) -> Iterable[dict[str, object]]:
        for client, code in product(self.counted_clients(), self.questions.titles):
            cell = f"{TOTAL}/client/{client_key(client)}/questionnaire/{code}"
            if self.now.of(cell).of:
                yield {"client": client_key(client), "questionnaire": code, "rate": self.rate(cell)}


def count_responses(quarter: int, which: Condition, audience: Audience) -> int:
    """How many of the responses that an audience's figures count are such ones."""
    here = Response.quarter == quarter, counted_condition(), *response_conditions(audience)
    return Response.select().where(*here, which).count()
