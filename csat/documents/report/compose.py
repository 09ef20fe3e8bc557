"""The quarterly report as a document (P8): composed once into plain JSON; `render` needs nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from csat.documents.report.narrative import sentences
from csat.figures.types import QuarterFigures
from csat.models.base import Json, canonical
from csat.procedure.core.contact_details import mask_text

SCHEMA = 2


def compose_report(
    figures: QuarterFigures,
    comments: dict[str, dict[str, object]],
    actions: dict[str, list[dict[str, object]]],
    remarks: dict[str, dict[str, str]] | None,
    facts: Json,
    now: datetime,
    before: QuarterFigures | None,
    beside: Json,
) -> Json:
    """The whole input of a report: `comments`, `actions` ("now", "before") by `facts`, `beside` by `alongside`."""
    plain, issued = asdict(figures), facts["quarter_before"]
    plain["verdicts"]["reasons"] = [mask_text(reason)[:200] for reason in plain["verdicts"]["reasons"]]
    # valid responses of the quarter before that came after its report (F8)
    late = max(0, before.verdicts.valid - issued) if before is not None and issued is not None else 0
    document = {
        "schema": SCHEMA,
        "report": {**facts, "composed_at": now.isoformat(), "late": late},
        "figures": plain,
        "before": _keys(before),
        "comments": comments,
        "actions": actions,
        "remarks": remarks or {language: {"assessment": "", "decisions": ""} for language in ("zh", "en")},
        **beside,
    }
    document = json.loads(canonical(document))  # the sentences see what a reader of the kept document will see
    document["sentences"] = sentences.write_sentences(document, ZoneInfo(facts["zone"]))
    return json.loads(canonical(document))


def _keys(before: QuarterFigures | None) -> Json | None:
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
            {"client": cell["client"], "dimension": cell["dimension"], "value": cell["rate"].value, "n": cell["rate"].n}
            for cell in before.heat
            if cell["rate"].value is not None
        ],
    }
