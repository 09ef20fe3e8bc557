"""The quarterly report rendered from its document alone: for a browser, and as the PDF that is kept (R1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from markupsafe import Markup

from csat.adapters import pdf as adapter
from csat.config import PROJECT_ROOT
from csat.documents.locale_format import LocaleFormat
from csat.documents.rendering import render_template
from csat.documents.report import attachments, ranking
from csat.documents.report.charts import PAPER_PALETTE, SCREEN_PALETTE, ChartData, Numbering
from csat.documents.report.narrative.phrases import choose_text
from csat.models.asking import Channel
from csat.models.base import Json
from csat.models.clients import Tier
from csat.models.feedback import ActionKind, Severity
from csat.words import N_

# Rows of a table, a chart, a list of actions, an appraisal of people; comments of a sort. The attached CSV has all.
MOST_SHOWN = {"most_rows": 120, "most_drawn": 24, "most_actions": 10, "most_staff": 30, "most_said": 16}
REMARK_ROOM = {"zh": 120, "en": 240}  # characters of remarks for which the summary has room beside its chart

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
    ("praise", N_("Praise")),
    ("actions", N_("What was done, and what came of it")),
    ("commitments", N_("Service commitments")),
    ("risks", N_("Risk domains")),
    ("appraisal", N_("Appraisal table")),
    ("method", N_("How the figures are made")),
)
LATER_PARTS = (
    "praise",
    "commitments",
    "risks",
    "appraisal",
)  # reports of earlier releases have none; issued ones never change
SIGN_OFF = ("signatures", N_("Review and signatures"))


def render_html(document: Json, language: str, watermark: bool = False) -> str:
    """The whole document as a page for paper."""
    return _render("documents/report/document.html", document, language, PAPER_PALETTE, paper=True, watermark=watermark)


def render_sections(document: Json, language: str) -> Markup:
    """The same parts for a page in the browser, under a heading of that page (R2)."""
    page = _render("documents/report/sections.html", document, language, SCREEN_PALETTE, paper=False)
    return Markup(page)  # autoescaped


def render_pdf(document: Json, language: str, watermark: bool) -> bytes:
    """The report as PDF: the same bytes for the same input."""
    facts = document["report"]
    made_at = datetime.fromisoformat(facts["issued_at"] or facts["composed_at"])
    return adapter.render_pdf(
        render_html(document, language, watermark),
        PROJECT_ROOT / "static" / "report.css",
        made_at,
        attachments.list_attachments(document, _tongue(document, language)),
    )


def _render(template: str, document: Json, language: str, palette: dict[str, str], **more: object) -> str:
    tongue = _tongue(document, language)
    return render_template(
        template,
        language,
        t=tongue,
        **{name: document[name] for name in ("report", "figures", "comments", "actions", "before")},
        **{name: document.get(name) for name in (*LATER_PARTS, "changed", "versions")},
        remarks=document["remarks"][language],
        long_remarks=sum(map(len, document["remarks"][language].values())) > REMARK_ROOM[language],
        **_collect_sentences(document, language),
        parts=[
            (key, tongue.texts.gettext(title))
            for key, title in REPORT_PARTS
            if key not in LATER_PARTS or document.get(key) is not None
        ],
        sign_off=(SIGN_OFF[0], tongue.texts.gettext(SIGN_OFF[1])),
        count=Numbering(tongue),
        charts=ChartData(document, tongue),
        palette=SimpleNamespace(**palette),
        is_below=ranking.is_clearly_below,
        named_clients=ranking.list_named_clients(document["figures"]),
        not_named=[row for row in document["figures"]["clients"] if row["key"] == ranking.NO_CLIENT_KEY],
        reasons=Counter(document["figures"]["verdicts"]["reasons"]).most_common(),
        questionnaire_names=_form_names(document, tongue),
        **MOST_SHOWN,
        Channel=Channel,
        Tier=Tier,
        Severity=Severity,
        ActionKind=ActionKind,
        **more,
    )


def _form_names(document: Json, tongue: LocaleFormat) -> dict[str, str]:
    """The titles of questionnaires by code; reports before kept only those with an overall rating."""
    rated = {row["key"]: row["name"] for row in document["figures"]["questionnaires"]}
    return {code: tongue.text(name) for code, name in {**document.get("titles", {}), **rated}.items()}


def _collect_sentences(document: Json, language: str) -> dict[str, object]:
    """The report's sentences in a language, in QA's words where there are some."""
    told, edits = document["sentences"], document.get("edits") or {}

    def texts(found: Sequence[Json]) -> list[str]:
        return [choose_text(one, edits, language) for one in found]

    return {
        **{group: texts(told.get(group, ())) for group in ("lead", "notes", "good", "attention", "decisions")},
        "titles": {name: choose_text(one, edits, language) for name, one in told["titles"].items()},
        "messages": {part: texts(found) for part, found in told.get("parts", {}).items()},
    }


def _tongue(document: Json, language: str) -> LocaleFormat:
    return LocaleFormat(language, ZoneInfo(document["report"]["zone"]))
