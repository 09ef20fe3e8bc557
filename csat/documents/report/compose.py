"""The quarterly report as a document (P8): composed once into plain JSON, rendered from that alone.

`compose` makes the whole input; `sections` is what a browser shows, `pdf` what is signed and kept (R1, R2).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
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
from csat.config import PROJECT_ROOT
from csat.documents.locale_format import LocaleFormat
from csat.documents.masking import mask_text
from csat.documents.report import attachments, ranking
from csat.documents.report.alongside import ReportContext
from csat.documents.report.charts import PAPER_PALETTE, SCREEN_PALETTE, ChartData, Numbering
from csat.documents.report.narrative import sentences
from csat.documents.report.narrative.phrases import choose_text
from csat.figures.types import QuarterFigures
from csat.models.asking import Channel
from csat.models.base import Json, canonical
from csat.models.clients import Tier
from csat.models.feedback import ActionKind, Severity
from csat.words import N_

SCHEMA = 2
MOST_ROWS = 120  # of a table; the attached CSV has them all
MOST_DRAWN = 24  # of a chart's rows
MOST_ACTIONS = 10  # of a list on paper; the attached CSV has them all
REMARK_ROOM = {"zh": 120, "en": 240}  # characters of remarks for which the summary has room beside its chart
MOST_STAFF = 30  # rows of an appraisal of people
MOST_SAID = 16  # comments of a sort
ReportDocument = Json

REPORT_PARTS: tuple[tuple[str, str], ...] = (
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
    ("actions", N_("What was done, and what came of it")),
    ("commitments", N_("Service commitments")),
    ("risks", N_("Risk domains")),
    ("appraisal", N_("Appraisal table")),
    ("method", N_("How the figures are made")),
)
PART_INPUTS = {
    "commitments": "commitments",
    "risks": "risks",
    "appraisal": "appraisal",
}  # part → key of the input
SIGN_OFF = ("signatures", N_("Review and signatures"))


def compose_report(
    figures: QuarterFigures,
    comments: dict[str, dict[str, object]],
    actions: dict[str, list[dict[str, object]]],
    remarks: dict[str, dict[str, str]] | None,
    facts: Json,
    now: datetime,
    before: QuarterFigures | None = None,
    beside: ReportContext | None = None,
) -> ReportDocument:
    """The whole input of a report, as plain JSON.

    `comments` and `actions` as in `documents/report/facts.py`, actions under "now" (this quarter's) and
    "before"; `before` are the figures of the quarter before, `beside` what stands beside the figures.
    """
    plain, beside = asdict(figures), beside or ReportContext()
    document = {
        "schema": SCHEMA,
        "report": {**facts, "composed_at": now.isoformat(), "late": _late(before, facts["quarter_before"])},
        "figures": {
            **plain,
            "verdicts": {**plain["verdicts"], "reasons": _masked(plain["verdicts"]["reasons"])},
        },
        "before": _keys(before),
        "comments": comments,
        "actions": actions,
        "remarks": remarks or make_empty_remarks(),
        **beside.plain(plain),
    }
    document = json.loads(canonical(document))
    document["sentences"] = sentences.write_sentences(document, ZoneInfo(facts["zone"]))
    return json.loads(canonical(document))


def make_empty_remarks() -> dict[str, dict[str, str]]:
    """Remarks before QA has written any."""
    return {language: {"assessment": "", "decisions": ""} for language in ("zh", "en")}


def render_html(document: ReportDocument, language: str, watermark: bool = False) -> str:
    """The whole document as a page for paper."""
    return _render(
        "documents/report/document.html", document, language, PAPER_PALETTE, paper=True, watermark=watermark
    )


def render_sections(document: ReportDocument, language: str) -> Markup:
    """The same parts for a page in the browser, under a heading of that page (R2)."""
    return Markup(
        _render("documents/report/sections.html", document, language, SCREEN_PALETTE, paper=False)
    )  # autoescaped


def render_pdf(document: ReportDocument, language: str, watermark: bool) -> bytes:
    """The report as PDF: the same bytes for the same input."""
    facts = document["report"]
    made_at = datetime.fromisoformat(facts["issued_at"] or facts["composed_at"])
    return adapter.render_pdf(
        render_html(document, language, watermark),
        PROJECT_ROOT / "static" / "report.css",
        made_at,
        attachments.list_attachments(document, _tongue(document, language)),
    )


def export_rates_csv(document: ReportDocument, language: str) -> str:
    """Every rate of the report as CSV, as the PDF carries it."""
    return attachments.render_rates_csv(document, _tongue(document, language))


def _masked(reasons: Sequence[str]) -> list[str]:
    return [mask_text(reason)[:200] for reason in reasons]


def _keys(before: QuarterFigures | None) -> ReportDocument | None:
    """What the report says of the quarter before beyond what the cuts carry themselves."""
    if before is None:
        return None
    return {
        "asked": before.asked.rate.value,
        "surveyed": before.surveyed.rate.value,
        "handled": before.feedback.handled_in_time.value,
        "recommend": before.recommend.value,
        "actions": before.feedback.actions_in_time.value,
        "types": {row.key: row.total for row in before.feedback.rows},
        "heat": [
            {
                "client": cell["client"],
                "dimension": cell["dimension"],
                "value": cell["rate"].value,
                "n": cell["rate"].n,
            }
            for cell in before.heat
            if cell["rate"].value is not None
        ],
    }


def _late(before: QuarterFigures | None, issued: int | None) -> int:
    """How many valid responses of the quarter before came after its report (F8)."""
    if before is None or issued is None:
        return 0
    return max(0, before.verdicts.valid - issued)


def _render(
    template: str, document: ReportDocument, language: str, palette: dict[str, str], **more: object
) -> str:
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
            long_remarks=sum(map(len, document["remarks"][language].values())) > REMARK_ROOM[language],
            **_collect_sentences(document, language),
            parts=[(key, tongue.texts.gettext(title)) for key, title in REPORT_PARTS if _has(document, key)],
            sign_off=(SIGN_OFF[0], tongue.texts.gettext(SIGN_OFF[1])),
            appraisal=document.get("appraisal"),
            commitments=document.get("commitments"),
            risks=document.get("risks"),
            changed=document.get("changed"),
            count=Numbering(tongue),
            charts=ChartData(document, tongue),
            palette=SimpleNamespace(**palette),
            is_below=ranking.is_clearly_below,
            named_clients=ranking.list_named_clients(document["figures"]),
            not_named=[row for row in document["figures"]["clients"] if row["key"] == ranking.NO_CLIENT_KEY],
            before=document["before"],
            reasons=Counter(document["figures"]["verdicts"]["reasons"]).most_common(),
            questionnaire_names=_form_names(document, tongue),
            most_rows=MOST_ROWS,
            most_drawn=MOST_DRAWN,
            most_actions=MOST_ACTIONS,
            most_said=MOST_SAID,
            most_staff=MOST_STAFF,
            Channel=Channel,
            Tier=Tier,
            Severity=Severity,
            ActionKind=ActionKind,
            **more,
        )
    )


def _form_names(document: ReportDocument, tongue: LocaleFormat) -> dict[str, str]:
    """The titles of questionnaires by code; reports before kept only those with an overall rating."""
    rated = {row["key"]: row["name"] for row in document["figures"]["questionnaires"]}
    return {code: tongue.text(name) for code, name in {**document.get("titles", {}), **rated}.items()}


def _collect_sentences(document: ReportDocument, language: str) -> dict[str, object]:
    """The report's sentences in a language, in QA's words where there are some."""
    told, edits = document["sentences"], document.get("edits") or {}

    def texts(found: Sequence[ReportDocument]) -> list[str]:
        return [choose_text(one, edits, language) for one in found]

    return {
        **{
            group: texts(told.get(group, ())) for group in ("lead", "notes", "good", "attention", "decisions")
        },
        "titles": {name: choose_text(one, edits, language) for name, one in told["titles"].items()},
        "messages": {part: texts(found) for part, found in told.get("parts", {}).items()},
    }


def _has(document: ReportDocument, part: str) -> bool:
    """Whether a document has a part; those composed by an earlier release have fewer."""
    return part not in PART_INPUTS or document.get(PART_INPUTS[part]) is not None


def _tongue(document: ReportDocument, language: str) -> LocaleFormat:
    return LocaleFormat(language, ZoneInfo(document["report"]["zone"]))


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(PROJECT_ROOT) / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    texts = LocaleFormat(language, ZoneInfo("UTC")).texts
    cast(Any, environment).install_gettext_translations(texts, newstyle=True)
    return environment
