"""A quarter's figures as tables: each by the id that docs/figures.md names, hidden ones left empty (F4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from csat.adapters.spreadsheet import Column, Sheet
from csat.content import load_content
from csat.documents.locale_format import TableFormat
from csat.figures import export
from csat.figures.audience import find_audience
from csat.figures.quarterly import compute_quarter_figures
from csat.figures.types import QuarterFigures, QuestionRow
from csat.models.base import Json
from csat.models.feedback import Severity
from csat.models.questionnaires import Dimension, Kind
from csat.procedure.archive.exports import ExportRequest
from csat.procedure.core.quarter import Quarter
from csat.words import N_

MOST_VALUES = 11  # 0–10


def build_sheets(wanted: ExportRequest, speech: TableFormat) -> Iterator[Sheet]:
    """All figures; how each question was answered; who was asked; feedback by type; and plain numbers."""
    figures = _compute_figures(wanted, speech)
    yield from (build(figures, speech) for build in (_figures, _distributions, _asked, _feedback, _numbers))
    yield _meanings(speech)


def build_table(wanted: ExportRequest, speech: TableFormat) -> Sheet:
    """All figures."""
    return _figures(_compute_figures(wanted, speech), speech)


def describe_content(wanted: ExportRequest, speech: TableFormat) -> Iterator[tuple[str, str]]:
    """How the numbers are to be read."""
    said = N_(
        "Shares lie between 0 and 1 and are shown as percentages. The interval is Wilson’s, at 95 per"
        " cent. What each figure means stands on the last sheet, by the beginning of its identifier."
    )
    yield speech(N_("How to read it")), speech(said)


def _compute_figures(wanted: ExportRequest, speech: TableFormat) -> QuarterFigures:
    quarter = wanted.quarter or Quarter.of(speech.now, speech.zone)
    return compute_quarter_figures(quarter, speech.now, speech.zone, find_audience(wanted.by))


def _figures(figures: QuarterFigures, speech: TableFormat) -> Sheet:
    columns = (
        speech.column(N_("Identifier"), width=38),
        speech.column(N_("Figure"), width=28),
        speech.column(N_("About whom or what"), width=30),
        speech.column(N_("Narrowed to"), width=16),
        speech.column(N_("Share"), "share", 10),
        speech.column(N_("Interval from"), "share", 10),
        speech.column(N_("Interval to"), "share", 10),
        speech.column(N_("Mean or index"), "decimal", 10),
        speech.column(N_("Net promoter score (−100 to 100)"), "decimal", 12),
        speech.column(N_("Responses"), "number", 11),
        speech.column(N_("Numerator"), "number", 11),
        speech.column(N_("Denominator"), "number", 12),
        speech.column(N_("Note"), width=20),
    )
    whole, seen, rows = export.make_plain_figures(figures), set(), []
    for one, label in export.walk_figures(whole, "", _Labels(figures, speech).of):
        if one["id"] not in seen:  # a dimension's rate stands in importance too
            seen.add(one["id"])
            rows.append(_cells(one, label, speech))
    return Sheet(speech(N_("Figures")), columns, rows)


def _cells(one: Json, label: str, speech: TableFormat) -> list[Any]:
    value, net = one["value"], "promoters" in one
    share, score = "low" in one, value * 100 if net and value is not None else None
    return [
        *(one["id"], _head(one["id"], speech), label, _part(one["id"], speech)),
        *(value if share else None, one.get("low"), one.get("high")),
        *(None if share or net else value, score, one["n"], one.get("good"), one.get("of")),
        speech.hidden(one["hidden"]),
    ]


def _head(id_: str, speech: TableFormat) -> str:
    names = load_content("figure_names")["names"]
    head = max((head for head in names if f"{id_}/".startswith(f"{head}/")), key=len, default="")
    return speech.text(names[head]) if head else ""


def _part(id_: str, speech: TableFormat) -> str:
    parts = load_content("figure_names")["parts"]
    return ", ".join(speech.text(parts[part]) for part in id_.split("/")[1:] if part in parts)


class _Labels:
    """What the keys of a quarter's figures stand for."""

    def __init__(self, figures: QuarterFigures, speech: TableFormat) -> None:
        self._speech = speech
        self._names = {
            "client": {row.key: row.name for row in figures.clients},
            "questionnaire": {row.key: row.name for row in figures.questionnaires},
        }

    def of(self, one: Json, outer: str) -> str:
        """The label of something with a name, a text, or keys of what it is about; else that around it."""
        for own in ("name", "text"):
            if isinstance(one.get(own), dict):
                return self._speech.text(one[own])
        about = ("client", "dimension", "questionnaire")
        parts = [self._part(kind, one[kind]) for kind in about if one.get(kind)]
        if not parts and "quarter" in one and "rate" in one:
            parts = [self._speech.quarter(one["quarter"])]
        return " · ".join(parts) or str(one.get("recorder") or outer)

    def _part(self, kind: str, key: str) -> str:
        if kind == "dimension":
            return self._speech.word(Dimension(key))
        name = self._names[kind].get(key)
        return self._speech.text(name) if name else key


def _distributions(figures: QuarterFigures, speech: TableFormat) -> Sheet:
    columns = (
        speech.column(N_("Questionnaire"), width=24),
        speech.column(N_("Question"), width=40),
        speech.column(N_("Code"), width=18),
        speech.column(N_("Kind"), width=14),
        *(Column(str(value), "number", 8) for value in range(MOST_VALUES)),
        speech.column(N_("Yes"), "number", 8),
        speech.column(N_("No"), "number", 8),
        speech.column(N_("not applicable"), "number", 10),
        speech.column(N_("Note"), width=20),
    )
    titles = {row.key: speech.text(row.name) for row in figures.questionnaires}
    rows = [
        [
            *(titles.get(row.questionnaire, row.questionnaire), speech.text(row.text), row.code),
            *(speech.word(Kind(row.kind)), *_spread(row), row.not_applicable),
            speech.hidden(row.distribution is None),
        ]
        for row in figures.questions
    ]
    return Sheet(speech(N_("How questions were answered")), columns, rows)


def _spread(row: QuestionRow) -> list[int | None]:
    """The counts of 0 … 10, of yes and of no; those that the kind of question does not have are empty."""
    shown: list[int | None] = [None] * (MOST_VALUES + 2)
    for at, number in enumerate(row.distribution or ()):
        first = {Kind.RATING: 1, Kind.RECOMMEND: 0}.get(Kind(row.kind))
        shown[MOST_VALUES + 1 - at if first is None else first + at] = number
    return shown


def _asked(figures: QuarterFigures, speech: TableFormat) -> Sheet:
    columns = (
        speech.column(N_("Who was asked"), width=28),
        *(speech.column(title, "number") for title in (N_("Invited"), N_("Delivered"), N_("Answered"))),
        *(speech.column(title, "number") for title in (N_("Refused to answer"), N_("Expired"), N_("Waiting"))),
        speech.column(N_("Not reached"), "number"),
        speech.column(N_("Response rate"), "share"),
        speech.column(N_("Note"), width=20),
    )
    unsaid = speech(N_("not shown: it would tell who has answered"))
    rows = [
        [
            *(speech.text(one.name), one.invited, one.delivered, one.answered, one.refused, one.expired),
            *(one.waiting, one.unreachable, one.rate.value, unsaid if one.rate.hidden else ""),
        ]
        for one in (figures.asked, *figures.asked_by_client)
    ]
    return Sheet(speech(N_("Who was asked")), columns, rows)


def _feedback(figures: QuarterFigures, speech: TableFormat) -> Sheet:
    columns = (
        speech.column(N_("Type"), width=26),
        *(Column(speech.word(one), "number", 11) for one in Severity),
        speech.column(N_("All"), "number"),
        speech.column(N_("Feedback handled in time"), "share"),
    )
    rows = [
        [*(speech.text(row.name), row.critical, row.major, row.minor, row.suggestion, row.total), row.in_time.value]
        for row in figures.feedback.rows
    ]
    return Sheet(speech(N_("Feedback by type")), columns, rows)


def _numbers(figures: QuarterFigures, speech: TableFormat) -> Sheet:
    """The counts of a quarter that are no rates: in words, and by the names they have in the JSON."""
    columns = (
        speech.column(N_("What it counts"), width=44),
        speech.column(N_("How many"), "number"),
        speech.column(N_("Identifier"), width=28),
    )
    parts = {name: asdict(getattr(figures, name)) for name in ("verdicts", "surveyed", "feedback")}
    counted = {f"{name}/{key}": value for name, part in parts.items() for key, value in part.items()}
    counted |= {"clients_asked": figures.clients_asked, "without_incident": figures.without_incident}
    counts = load_content("figure_names")["counts"]
    rows = [[speech.text(said), counted[key], key] for key, said in counts.items()]
    return Sheet(speech(N_("Numbers")), columns, rows)


def _meanings(speech: TableFormat) -> Sheet:
    """What the figures mean, by the beginning of their identifiers."""
    columns = (
        speech.column(N_("Identifier begins with"), width=30),
        speech.column(N_("Figure"), width=34),
        speech.column(N_("How it is counted"), width=90),
    )
    told = load_content("figure_names")
    rows = [[key, speech.text(told["names"][key]), speech.text(meaning)] for key, meaning in told["meanings"].items()]
    return Sheet(speech(N_("What the figures mean")), columns, rows)
