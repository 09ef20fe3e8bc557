"""What stands beside a report's figures: appraisal, commitments, risks, QA's words, the version before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, tzinfo

from csat.documents.report.facts import collect_praise
from csat.documents.report.versions import describe_versions
from csat.figures.appraisal import compute_appraisal
from csat.figures.audience import Audience
from csat.figures.commitments import CommitmentFigure, measure_commitments
from csat.figures.labels import list_questionnaire_titles
from csat.figures.risks import compute_risk_figures
from csat.figures.types import QuarterFigures
from csat.models.base import Json
from csat.procedure.core.contact_details import mask_text
from csat.procedure.core.quarter import Quarter

MOST_CHANGED = 20  # so many changed figures are listed; the attached data has them all


def describe_context(
    figures: QuarterFigures, now: datetime, zone: tzinfo, edits: Json | None, earlier: Json | None
) -> Json:
    """What the report keeps beside its figures; `edits`: QA's own words, `earlier`: the version issued before."""
    quarter, audience = Quarter.from_int(figures.quarter), Audience(figures.audience)
    return {
        "appraisal": asdict(compute_appraisal(quarter, now, zone, audience, figures)),
        "commitments": [mask_commitment(one) for one in measure_commitments(quarter, now, zone, audience, figures)],
        "risks": asdict(compute_risk_figures(quarter)),
        "praise": collect_praise(quarter),
        "edits": edits or {},
        "titles": list_questionnaire_titles(),  # of all: one without an overall rating is in no cut
        "versions": describe_versions(quarter),
        "changed": list_changed_figures(earlier, asdict(figures)) if earlier else None,
    }


def mask_commitment(one: CommitmentFigure) -> Json:
    """A commitment with what people wrote about it masked, as all words of the report are."""
    answer = {key: mask_text(text) if text else text for key, text in (one.answer or {}).items()}
    return {**asdict(one), "answer": answer or None}


def list_changed_figures(earlier: Json, figures: Json) -> Json:
    """Which key figures the version before told otherwise: {number, rows (id, name, was, now), more}."""
    then = {rate["id"]: rate for _, rate in _keys(earlier["figures"])}
    rows = [
        {"id": rate["id"], "name": name, "was": _shown(then.get(rate["id"])), "now": _shown(rate)}
        for name, rate in _keys(figures)
        if _shown(rate) != _shown(then.get(rate["id"]))
    ]
    more = max(0, len(rows) - MOST_CHANGED)
    return {"number": earlier["report"]["number"], "rows": rows[:MOST_CHANGED], "more": more}


def _keys(figures: Json) -> Iterator[tuple[Json, Json]]:
    """The figures whose change between two versions is told, with the names of what they are about."""
    yield figures["satisfaction"]["name"], figures["satisfaction"]["rate"]
    yield {}, figures["asked"]["rate"]
    yield {}, figures["surveyed"]["rate"]
    yield {}, figures["feedback"]["handled_in_time"]
    for cut in ("clients", "questionnaires", "dimensions"):
        yield from ((row["name"], row["rate"]) for row in figures[cut])


def _shown(rate: Json | None) -> Json | None:
    return rate and {key: rate[key] for key in ("value", "n", "hidden")}
