"""A part of a quarter's archive as one file (P11): questionnaires as PDF, all answers as CSV, and a manifest.

Written straight to disk, fifty questionnaires to a PDF: one file for each response takes three times as long
and ten times the room (decision 0110). Equal input gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from peewee import chunked

from csat.adapters.bundles import BundleWriter
from csat.adapters.spreadsheet import write_csv_rows
from csat.database import reading
from csat.documents.filled import compose
from csat.documents.filled.answers import format_answer, list_recorded_first, read_answers
from csat.documents.locale_format import LocaleFormat
from csat.models.answers import Response, Verification
from csat.models.corrections import Correction, CorrectionState
from csat.models.questionnaires import Question
from csat.procedure.archive import bundles
from csat.procedure.archive.bundles import BundlePart
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import corrections
from csat.words import N_

SCHEMA = 1
QUESTIONNAIRES_PER_FILE = 50
RESPONSES, ANSWERS = "responses.csv", "answers.csv"
RESPONSE_COLUMNS = (
    *("response", "quarter", "questionnaire", "version", "client", "channel", "anonymous", "verdict"),
    *("reason", "received_at", "incident", "recorder", "corrected", "file", "sha256"),
)
ANSWER_COLUMNS = (
    *("response", "number", "question", "kind", "dimension", "text", "value", "words", "not_applicable"),
    *("said", "recorded_first"),
)
MANIFEST_REMARKS = (
    N_("Archive of %(quarter)s, part %(part)s of %(parts)s: %(responses)s responses."),
    N_("Whoever exported this file answers for it from now on: it holds what clients said, names covered."),
    N_("`sha256sum -c manifest.txt` checks the files; `flask csat archive verify FILE` the history as well."),
)
PartsDone = Callable[[int, int], None]


@dataclass(frozen=True)
class BundleOrder:
    """What is exported: a part of a quarter, in one language, with the zone its times are told in."""

    quarter: Quarter
    part: BundlePart
    language: str
    zone: ZoneInfo

    @property
    def name(self) -> str:
        """What the file is called."""
        return f"archive-{self.quarter}-{self.part.number}of{self.part.of}-{self.language}.zip"


def write_bundle(
    place: Path, order: BundleOrder, chain: Mapping[str, object], now: datetime, reached: PartsDone
) -> tuple[str, int]:
    """Write a bundle to a place in a folder of its own: the SHA-256 of its manifest, how many responses it holds.

    `chain` is what its manifest says of the history and of the bundle before it.
    """
    groups = bundles.group_responses(order.quarter, order.part.after, order.part.until)
    total, done = sum(len(keys) for _, _, keys in groups), 0
    part = {"quarter": str(order.quarter), "part": order.part.number, "parts": order.part.of, "responses": total}
    facts = {"schema": SCHEMA, "language": order.language, "zone": order.zone.key, "made_at": now.isoformat()}
    texts = LocaleFormat(order.language, order.zone).texts
    with place.open("w+b") as target, _Tables(place.parent) as tables:
        bundle = BundleWriter(target)
        for name, keys in _name_files(groups):
            reached(done, total)
            with reading():  # of one file at a time: a snapshot that lasts minutes lets the store's log grow
                bundle.add(name, _render_questionnaires(keys, name, order, now, tables))
            done += len(keys)
        for table, content in tables.read_tables():
            bundle.copy(table, content)
        reached(total, total)
        remarks = [texts.gettext(known) % part for known in MANIFEST_REMARKS]
        return bundle.close({**facts, **part, **chain}, remarks), total


def _name_files(groups: Iterable[tuple[str, int, Sequence[int]]]) -> Iterator[tuple[str, list[int]]]:
    """Which questionnaires stand in which PDF: by form and version, in the order of their keys."""
    for code, version, keys in groups:
        for number, some in enumerate(chunked(keys, QUESTIONNAIRES_PER_FILE), 1):
            yield f"responses/{code}-v{version}-{number:04}.pdf", list(some)


def _render_questionnaires(keys: Sequence[int], name: str, order: BundleOrder, now: datetime, tables: _Tables) -> bytes:
    """The PDF of some responses; their rows go to the tables."""
    tongue = LocaleFormat(order.language, order.zone)
    tables.add_rows(keys, name, tongue)
    pages = compose.collect_questionnaires(keys, tongue, with_names=False)
    return compose.render_pdf(pages, tongue, f"{pages[0].title} {order.quarter}", now)


class _Tables:
    """The two tables, growing on disk until the bundle takes them: a ZIP holds one file after the other."""

    def __init__(self, folder: Path) -> None:
        self._places = {name: folder / name for name in (RESPONSES, ANSWERS)}

    def __enter__(self) -> _Tables:
        self._open = ExitStack()
        self._texts = {
            # The mark at the start tells Excel that it is UTF-8.
            name: self._open.enter_context(place.open("w", encoding="utf-8-sig", newline=""))
            for name, place in self._places.items()
        }
        write_csv_rows(self._texts[RESPONSES], [RESPONSE_COLUMNS])
        write_csv_rows(self._texts[ANSWERS], [ANSWER_COLUMNS])
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def add_rows(self, keys: Sequence[int], name: str, tongue: LocaleFormat) -> None:
        """Add the rows of these responses, which stand in this PDF."""
        made = corrections.corrections_of(keys)
        digests, reasons = bundles.compute_digests(keys), _find_reasons(keys)
        for response in compose.select_responses(keys):
            corrected = any(one.state == CorrectionState.CONFIRMED for one in made[response.id])
            row = _build_response_row(response, corrected, reasons.get(response.id, ""), tongue)
            write_csv_rows(self._texts[RESPONSES], [[*row, name, digests[response.id]]])
        write_csv_rows(self._texts[ANSWERS], _build_answer_rows(keys, made, tongue))

    def read_tables(self) -> Iterator[tuple[str, IO[bytes]]]:
        """The tables, whole, to read from."""
        self._open.close()
        for name, place in self._places.items():
            with place.open("rb") as content:
                yield name, content


def _build_response_row(response: Response, corrected: bool, reason: str, tongue: LocaleFormat) -> list[Any]:
    version = response.version
    return [
        str(response.id),  # as words: spreadsheets round numbers of 16 digits and more
        str(Quarter.from_int(response.quarter)),
        version.questionnaire.code,
        version.number,
        tongue.name(response.client),
        str(response.channel),
        int(response.anonymous),
        str(response.verdict),
        reason,
        response.received_at.astimezone(tongue.zone).isoformat(timespec="minutes") if response.received_at else "",
        response.incident.number if response.incident else "",
        response.recorder.name if response.recorder else "",
        int(corrected),
    ]


def _find_reasons(keys: Sequence[int]) -> dict[int, str]:
    """Why each response stands where it stands: the last decision's reason."""
    rows = Verification.select(Verification.response, Verification.reason)
    rows = rows.where(Verification.response.in_(keys), Verification.reason != "")
    return dict(rows.order_by(Verification.id).tuples())


def _build_answer_rows(
    keys: Sequence[int], made: dict[int, list[Correction]], tongue: LocaleFormat
) -> Iterator[list[object]]:
    """A row for each answer, and for each blank that was an answer before its correction."""
    given = read_answers(keys)
    first = {key: list_recorded_first(made[key]) for key in keys}
    asked = {question for of in (*given.values(), *first.values()) for question in of}
    questions = Question.select().where(Question.id.in_(asked)).order_by(Question.position)
    by_key = {question.id: question for question in questions}
    for key in keys:
        for code, question in by_key.items():
            if code in given[key] or code in first[key]:
                was = first[key].get(code)
                yield _build_answer_row(key, question, given[key].get(code, GivenAnswer()), was, tongue)


def _build_answer_row(
    key: int, question: Question, given: GivenAnswer, was: GivenAnswer | None, tongue: LocaleFormat
) -> list[Any]:
    return [
        str(key),
        question.position,
        question.code,
        str(question.kind),
        str(question.dimension or ""),
        tongue.text(question.text),
        given.value,
        given.words,
        int(given.not_applicable),
        format_answer(question, given, tongue),
        "" if was is None else format_answer(question, was, tongue),
    ]
