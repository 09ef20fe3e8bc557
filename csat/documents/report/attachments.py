"""What travels inside the report's PDF as data: rates and actions as CSV, figures as JSON; hidden ones stay so (F4)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Sequence

from csat.adapters.pdf import PdfAttachment
from csat.adapters.spreadsheet import write_csv_rows
from csat.documents.locale_format import LocaleFormat
from csat.figures import export
from csat.models.base import Json


def list_attachments(document: Json, tongue: LocaleFormat) -> tuple[PdfAttachment, ...]:
    """The data of a report, as files of its PDF."""
    number = document["report"]["number"]
    return (
        PdfAttachment(f"{number}.csv", "Every rate of the report", render_rates_csv(document, tongue), "text/csv"),
        PdfAttachment(f"{number}-actions.csv", "Every action", render_actions_csv(document, tongue), "text/csv"),
        PdfAttachment(f"{number}.json", "All figures of the report", render_figures_json(document), "application/json"),
    )


def render_rates_csv(document: Json, tongue: LocaleFormat) -> str:
    """Every rate as CSV, with stable ids."""
    rows = (
        [rate["id"], tongue.text(name), *(rate[key] for key in ("value", "low", "high", "n")), int(rate["hidden"])]
        for name, rate in _rates(document)
    )
    return _csv(("id", "name", "value", "low", "high", "n", "hidden"), rows)


def render_actions_csv(document: Json, tongue: LocaleFormat) -> str:
    """Every action on this quarter's and last quarter's feedback, and how it stands."""
    rows = (
        [
            *(when, row["what"], row["kind"], tongue.text(row["issue"]), " ".join(row["feedback"])),
            tongue.text(row["department"]) if row["department"] else "",
            *(row["due"], row["state"], int(row["confirmed"])),
        ]
        for when in ("now", "before")
        for row in document["actions"][when]
    )
    heads = ("quarter", "action", "kind", "problem", "feedback", "department", "due", "state", "confirmed")
    return _csv(heads, rows)


def render_figures_json(document: Json) -> str:
    """Every figure as JSON, in the shape of `flask csat figures --json`, and what stands beside them."""
    whole = export.build_figures_document(document["figures"], document["report"]["number"])
    beside = {key: document.get(key) for key in ("commitments", "risks", "appraisal")}
    return json.dumps({**whole, **beside}, ensure_ascii=False, indent=1, sort_keys=True)


def _csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    target = io.StringIO()
    write_csv_rows(target, [heads, *rows])
    return target.getvalue()


def _rates(document: Json) -> Iterator[tuple[dict[str, str], Json]]:
    """Every rate with the name of what it is about; of the appraisal what the figures do not have."""
    yield from list_named_rates(document["figures"])
    for row in (document.get("appraisal") or {}).get("rows", ()):
        if row["sort"] != "client":  # clients' rates are among the figures
            yield row["name"], row["rate"]
        yield row["name"], row["handled_in_time"]


def list_named_rates(whole: Json) -> Iterator[tuple[dict[str, str], Json]]:
    """Every rate of a quarter's figures with the name of what it is about."""
    plain: dict[str, str] = {}
    yield plain, whole["satisfaction"]["rate"]
    for point in whole["trend"]:
        yield plain, point["rate"]
    for cut in ("clients", "tiers", "questionnaires", "dimensions"):
        yield from ((row["name"], row["rate"]) for row in whole[cut])
    yield from ((plain, row["rate"]) for row in whole["channels"])
    yield from ((row["text"], row["rate"]) for row in whole["questions"])
    yield from ((plain, cell["rate"]) for cell in (*whole["heat"], *whole["clients_by_questionnaire"]))
    yield plain, whole["asked"]["rate"]
    yield from ((row["name"], row["rate"]) for row in whole["asked_by_client"])
    yield plain, whole["surveyed"]["rate"]
    feedback = whole["feedback"]
    for name in ("called_back_in_time", "handled_in_time", "actions_in_time", "actions_effective"):
        if feedback.get(name):  # reports of earlier releases have fewer
            yield plain, feedback[name]
    yield from ((row["name"], row["in_time"]) for row in feedback["rows"])
