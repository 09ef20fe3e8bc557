"""The appraisal sheet (P12): the quarter's rates of clients, managers, departments, engineers, and their feedback."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from peewee import ModelSelect

from csat.database import reading
from csat.figures.audience import Audience
from csat.figures.cells import TOTAL, CellCount, CellKey
from csat.figures.feedback import rate_closed_in_time
from csat.figures.issued import ALL, ISSUED, find_issued_document
from csat.figures.labels import ClientIndex, client_key, parse_client_key
from csat.figures.quarterly import compute_quarter_figures, count_responses
from csat.figures.rates import count_severities, make_cut_row, make_hidden_rate
from csat.figures.staff import CLIENT, DEPARTMENT, ENGINEER, MANAGER, list_staff_names
from csat.figures.types import CutRow, Index, LocalisedName, QuarterFigures, Rate
from csat.models.answers import Response
from csat.models.base import Json
from csat.models.feedback import Feedback, FeedbackSource
from csat.procedure.clients.clients import list_managers
from csat.procedure.core.quarter import Quarter

APPRAISAL_SORTS = (CLIENT, MANAGER, DEPARTMENT, ENGINEER)

Matters = dict[int, list[Feedback]]  # by whom they are about; what is linked stands once


@dataclass(frozen=True)
class AppraisalRow:
    """One line of the sheet. Where the client is hidden (F4), its feedback is hidden with it: None."""

    sort: str  # one of SORTS
    key: str
    name: LocalisedName
    tier: str  # of clients only
    rate: Rate
    index: Index
    critical: int | None
    major: int | None
    minor: int | None
    suggestion: int | None
    handled_in_time: Rate  # closed by the due instant ÷ closed or past it


@dataclass(frozen=True)
class Appraisal:
    """The sheet of a quarter, and how many valid responses are in no row because they carry nobody."""

    quarter: int
    cut_off: str  # ISO instant, UTC
    rows: tuple[AppraisalRow, ...]  # clients as the figures order them, then managers, departments, engineers
    without_incident: int
    without_manager: int
    answers: str = ALL  # whose answers it counts: all, named ones alone, or as an issued report tells them
    report: str = ""  # that report's number

    def of(self, sort: str) -> tuple[AppraisalRow, ...]:
        """The rows of one sort."""
        return tuple(row for row in self.rows if row.sort == sort)


def compute_appraisal(
    quarter: Quarter, now: datetime, zone: tzinfo, audience: Audience, figures: QuarterFigures | None = None
) -> Appraisal:
    """The appraisal sheet of a quarter as an audience is told it now; `figures`, if they are read already."""
    issued = find_issued_document(quarter) if audience.hides_anonymous else None
    if issued is not None and issued.get("appraisal"):
        return _restore_sheet(issued["appraisal"], issued["report"]["number"])
    with reading():
        figures = figures or compute_quarter_figures(quarter, now, zone, audience)
        return Appraisal(
            quarter=int(quarter),
            cut_off=now.isoformat(),
            rows=tuple(_Sheet(quarter, now, zone, figures, audience).rows()),
            without_incident=figures.without_incident,
            # anonymous ones, and of clients in nobody's care
            without_manager=count_responses(int(quarter), Response.manager.is_null(), audience),
            answers=audience.value,
        )


def _restore_sheet(kept: Json, number: str) -> Appraisal:
    """The sheet that an issued report froze."""
    rates = ("rate", "handled_in_time")
    rows = tuple(
        AppraisalRow(**{**row, **{name: Rate(**row[name]) for name in rates}, "index": Index(**row["index"])})
        for row in kept["rows"]
    )
    return Appraisal(**{**kept, "rows": rows, "answers": ISSUED, "report": number})


class _Sheet:
    """What the rows of a quarter are made of."""

    def __init__(
        self, quarter: Quarter, now: datetime, zone: tzinfo, figures: QuarterFigures, audience: Audience
    ) -> None:
        self._quarter, self._now, self._figures = int(quarter), now, figures
        self._clients = ClientIndex()
        self._care = _care_of(quarter, now, zone, self._clients)
        self._hidden = {row.key for row in figures.clients if row.rate.hidden}
        self._feedback = list(_select_feedback(self._quarter, audience).order_by(Feedback.id))

    def rows(self) -> Iterable[AppraisalRow]:
        """All rows, sort by sort."""
        yield from self._of_clients()
        # A hidden client's feedback could be had from its manager's by subtraction (F4).
        figures, shut = self._figures, {self._care.get(parse_client_key(key)) for key in self._hidden}
        yield from self._of_staff(MANAGER, figures.managers, self._matters_of_managers(), shut)
        yield from self._of_staff(DEPARTMENT, figures.departments, self._matters_of_departments(), set())
        yield from self._of_staff(ENGINEER, figures.engineers, self._matters_of_engineers(), set())

    def _of_clients(self) -> Iterable[AppraisalRow]:
        matters = _once((self._clients.root(row.client_id), row) for row in self._feedback)
        rows = {row.key: row for row in self._figures.clients}
        keys = {parse_client_key(key) for key in rows} | matters.keys()
        for client in self._clients.in_order(keys):
            key = client_key(client)
            named = self._clients.name(client), self._clients.tier(client, self._quarter)
            row = rows.get(key) or _nothing(CLIENT, key, *named)
            yield self._row(CLIENT, row, matters.get(client, []), hidden=key in self._hidden)

    def _of_staff(
        self, sort: str, rated: Sequence[CutRow], matters: Matters, shut: set[int | None]
    ) -> Iterable[AppraisalRow]:
        rows, named = {int(row.key): row for row in rated}, list_staff_names(sort)
        for key in sorted(rows.keys() | matters.keys(), key=lambda key: (named[key]["zh"], key)):
            row = rows.get(key) or _nothing(sort, str(key), named[key])
            yield self._row(sort, row, matters.get(key, []), hidden=key in shut)

    def _row(self, sort: str, row: CutRow, matters: list[Feedback], hidden: bool) -> AppraisalRow:
        cell = f"feedback/{sort}/{row.key}/handled_in_time"
        what = (sort, row.key, row.name, row.tier, row.rate, row.index)
        if hidden:
            return AppraisalRow(*what, None, None, None, None, make_hidden_rate(cell))
        in_time = rate_closed_in_time(cell, matters, self._now)
        return AppraisalRow(*what, *count_severities(one.severity for one in matters), in_time)

    def _matters_of_managers(self) -> Matters:
        cared = ((self._care.get(self._clients.root(row.client_id)), row) for row in self._feedback)
        return _once((manager, row) for manager, row in cared if manager is not None)

    def _matters_of_departments(self) -> Matters:
        return _once((row.department_id, row) for row in self._feedback if row.department_id is not None)

    def _matters_of_engineers(self) -> Matters:
        """Feedback from responses about an engineer's incidents; of what is linked the one that counts."""
        rows = {row.id: row for row in self._feedback}
        taken = (
            FeedbackSource.select(Response.engineer, FeedbackSource.feedback)
            .join(Response)
            .where(FeedbackSource.feedback.in_(list(rows)), Response.engineer.is_null(False))
            .distinct()
            .tuples()
        )
        found = ((engineer, rows[key]) for engineer, key in taken)
        return _once((engineer, rows.get(row.linked_to_id or 0, row)) for engineer, row in found)


def _select_feedback(quarter: int, audience: Audience) -> ModelSelect[Feedback]:
    """Feedback of a quarter; before a report tells it, none that an anonymous answer stands behind."""
    here = Feedback.select().where(Feedback.quarter == quarter)
    if not audience.hides_anonymous:
        return here
    behind = FeedbackSource.select(FeedbackSource.feedback).join(Response).where(Response.anonymous)
    return here.where(Feedback.id.not_in(behind))


def _once(pairs: Iterable[tuple[int, Feedback]]) -> Matters:
    """Feedback by whom it is about; of what is linked only one, the one that counts if it is among them."""
    found: dict[int, dict[int, Feedback]] = defaultdict(dict)
    for key, row in pairs:
        matter = row.matter_id
        if row.linked_to_id is None or matter not in found[key]:
            found[key][matter] = row
    return {key: list(matters.values()) for key, matters in found.items()}


def _nothing(sort: str, key: str, name: LocalisedName, tier: str = "") -> CutRow:
    """The row of somebody whom feedback is about and no response."""
    cell = f"{TOTAL}/{sort}/{key}"
    count = CellCount(CellKey(cell, sort))
    return make_cut_row(cell, key, name, count, count, tier)


def _care_of(quarter: Quarter, now: datetime, zone: tzinfo, clients: ClientIndex) -> dict[int, int]:
    """In whose care each client was at the quarter's end, or is today while it runs."""
    day = min(quarter.last_day, now.astimezone(zone).date())
    managers = list_managers(day)
    found = {clients.root(client): manager.id for client, manager in managers.items()}
    # of clients merged into one, its own manager counts
    return found | {client: one.id for client, one in managers.items() if clients.root(client) == client}
