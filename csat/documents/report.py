"""The quarterly report as a document (P8): composed once into plain JSON, rendered from that alone.

`compose` makes the whole input; `sections` is what a browser shows, `pdf` what is signed and kept (R1, R2).
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from csat.adapters import pdf as adapter
from csat.config import HOUSE
from csat.documents import sentences
from csat.documents.drawing import PAPER, SCREEN, Charts, Numbering
from csat.documents.masking import mask
from csat.documents.tongue import Tongue
from csat.figures.shapes import QuarterFigures
from csat.models.asking import Channel
from csat.models.base import canonical
from csat.models.clients import Tier
from csat.models.feedback import ActionKind, Severity
from csat.words import N_

SCHEMA = 1
MOST_ROWS = 120  # of a table; the attached CSV has them all
MOST_DRAWN = 24  # of a chart's rows
MOST_ACTIONS = 40
Document = dict[str, Any]

PARTS: tuple[tuple[str, str], ...] = (
    ("summary", N_("One-page summary")),
    ("asked", N_("Who was asked, and who answered")),
    ("verified", N_("How the answers were collected and checked")),
    ("clients", N_("Satisfaction by client")),
    ("questionnaires", N_("Satisfaction by questionnaire and channel")),
    ("dimensions", N_("Satisfaction by dimension")),
    ("questions", N_("Every question")),
    ("trend", N_("Eight quarters")),
    ("importance", N_("What to improve first")),
    ("feedback", N_("Feedback by type and severity")),
    ("words", N_("What clients said")),
    ("actions", N_("What was done")),
    ("method", N_("How the figures are made")),
)
SIGN_OFF = ("signatures", N_("Review and signatures"))


def compose(
    figures: QuarterFigures,
    comments: dict[str, dict[str, Any]],
    actions: dict[str, list[dict[str, Any]]],
    remarks: dict[str, dict[str, str]] | None,
    facts: dict[str, Any],
    now: datetime,
    before: QuarterFigures | None = None,
) -> Document:
    """The whole input of a report, as plain JSON.

    `comments` and `actions` as in `csat.documents.material`, actions under "now" (this quarter's) and
    "before"; `before` are the figures of the quarter before.
    """
    plain = asdict(figures)
    zone = ZoneInfo(facts["zone"])
    late = _late(plain, facts["quarter_before"])
    document = {
        "schema": SCHEMA,
        "report": {**facts, "composed_at": now.isoformat(), "late": late},
        "figures": {
            **plain,
            "verdicts": {**plain["verdicts"], "reasons": _masked(plain["verdicts"]["reasons"])},
        },
        "before": _keys(before),
        "comments": comments,
        "actions": actions,
        "remarks": remarks or no_remarks(),
        "sentences": {
            "lead": sentences.lead(plain, zone, late),
            "decisions": sentences.decisions(plain, zone),
            "titles": sentences.titles(plain, zone),
        },
    }
    return json.loads(canonical(document))


def no_remarks() -> dict[str, dict[str, str]]:
    """Remarks before QA has written any."""
    return {language: {"assessment": "", "decisions": ""} for language in ("zh", "en")}


def html(document: Document, language: str, watermark: bool = False) -> str:
    """The whole document as a page for paper."""
    return _render("report/document.html", document, language, PAPER, paper=True, watermark=watermark)


def sections(document: Document, language: str) -> Markup:
    """The same parts for a page in the browser, under a heading of that page (R2)."""
    return Markup(_render("report/sections.html", document, language, SCREEN, paper=False))  # autoescaped


def pdf(document: Document, language: str, watermark: bool) -> bytes:
    """The report as PDF: the same bytes for the same input."""
    facts = document["report"]
    made_at = datetime.fromisoformat(facts["issued_at"] or facts["composed_at"])
    data = adapter.Attached(f"{facts['number']}.csv", "Figures of the report", table(document, language))
    return adapter.render(
        html(document, language, watermark), HOUSE / "static" / "report.css", made_at, (data,)
    )


def table(document: Document, language: str) -> str:
    """Every rate of the report as CSV, with stable ids; hidden ones stay hidden (F4)."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["id", "name", "value", "low", "high", "n", "hidden"])
    tongue = _tongue(document, language)
    for name, rate in _rates(document["figures"]):
        cells = [rate[key] for key in ("value", "low", "high", "n")]
        shown = ["" if cell is None else cell for cell in cells]
        writer.writerow([rate["id"], _harmless(tongue.text(name)), *shown, int(rate["hidden"])])
    return target.getvalue()


def _masked(reasons: Sequence[str]) -> list[str]:
    return [mask(reason)[:200] for reason in reasons]


def _keys(before: QuarterFigures | None) -> dict[str, float | None] | None:
    """The key figures of the quarter before that the cuts do not carry themselves."""
    if before is None:
        return None
    return {
        "asked": before.asked.rate.value,
        "surveyed": before.surveyed.rate.value,
        "handled": before.feedback.handled_in_time.value,
    }


def _late(figures: dict[str, Any], issued: int | None) -> int:
    """How many valid responses of the quarter before came after its report (F8)."""
    before = figures["trend"][-2]["rate"]["n"] if len(figures["trend"]) > 1 else None
    return max(0, before - issued) if before is not None and issued is not None else 0


def _rates(figures: dict[str, Any]) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    plain: dict[str, str] = {}
    yield plain, figures["satisfaction"]["rate"]
    for point in figures["trend"]:
        yield plain, point["rate"]
    for cut in ("clients", "tiers", "questionnaires", "dimensions"):
        yield from ((row["name"], row["rate"]) for row in figures[cut])
    yield from ((plain, row["rate"]) for row in figures["channels"])
    yield from ((row["text"], row["rate"]) for row in figures["questions"])
    yield from ((plain, cell["rate"]) for cell in (*figures["heat"], *figures["clients_by_questionnaire"]))
    yield plain, figures["asked"]["rate"]
    yield from ((row["name"], row["rate"]) for row in figures["asked_by_client"])
    yield plain, figures["surveyed"]["rate"]
    feedback = figures["feedback"]
    for name in ("called_back_in_time", "handled_in_time", "actions_in_time"):
        yield plain, feedback[name]
    yield from ((row["name"], row["in_time"]) for row in feedback["rows"])


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r＝＋－＠") else text


def _render(template: str, document: Document, language: str, palette: dict[str, str], **more: Any) -> str:
    tongue = _tongue(document, language)
    return (
        _environment(language)
        .get_template(template)
        .render(
            t=tongue,
            report=document["report"],
            figures=document["figures"],
            comments=document["comments"],
            actions=document["actions"],
            remarks=document["remarks"][language],
            lead=_texts(document["sentences"]["lead"], language),
            decisions=_texts(document["sentences"]["decisions"], language),
            titles={name: one["text"][language] for name, one in document["sentences"]["titles"].items()},
            parts=[(key, tongue.texts.gettext(title)) for key, title in PARTS],
            sign_off=(SIGN_OFF[0], tongue.texts.gettext(SIGN_OFF[1])),
            count=Numbering(tongue),
            charts=Charts(document["figures"], tongue),
            palette=SimpleNamespace(**palette),
            is_below=sentences.is_below,
            named_clients=sentences.clients_of(document["figures"]),
            not_named=[row for row in document["figures"]["clients"] if row["key"] == sentences.NOBODY],
            before=document["before"],
            reasons=Counter(document["figures"]["verdicts"]["reasons"]).most_common(),
            questionnaire_names={
                row["key"]: tongue.text(row["name"]) for row in document["figures"]["questionnaires"]
            },
            most_rows=MOST_ROWS,
            most_drawn=MOST_DRAWN,
            most_actions=MOST_ACTIONS,
            Channel=Channel,
            Tier=Tier,
            Severity=Severity,
            ActionKind=ActionKind,
            **more,
        )
    )


def _texts(told: Sequence[dict[str, Any]], language: str) -> list[str]:
    return [sentence["text"][language] for sentence in told]


def _tongue(document: Document, language: str) -> Tongue:
    return Tongue(language, ZoneInfo(document["report"]["zone"]))


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(HOUSE) / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    texts = Tongue(language, ZoneInfo("UTC")).texts
    cast(Any, environment).install_gettext_translations(texts, newstyle=True)
    return environment
