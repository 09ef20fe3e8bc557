"""What stands beside a report's figures: appraisal, commitments, risks, QA's words, the version before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo

from csat.documents.masking import mask_text
from csat.figures.appraisal import Appraisal, compute_appraisal
from csat.figures.commitments import CommitmentFigure, measure_commitments
from csat.figures.labels import list_questionnaire_titles
from csat.figures.risks import RiskFigures, compute_risk_figures
from csat.figures.types import QuarterFigures
from csat.models.base import Json
from csat.procedure.core.quarter import Quarter

Facts = Json
MOST_CHANGED = 20  # so many changed figures are listed; the attached data has them all


@dataclass(frozen=True)
class ReportContext:
    """Read for a quarter, at the same moment as its figures."""

    appraisal: Appraisal | None = None
    commitments: Sequence[CommitmentFigure] | None = None
    risks: RiskFigures | None = None
    edits: Facts | None = None  # QA's words in the place of sentences
    earlier: Facts | None = None  # the document of the version before, once that was issued
    titles: Facts | None = None  # of all questionnaires by code; one without an overall rating is in no cut

    @classmethod
    def read(
        cls, figures: QuarterFigures, now: datetime, zone: tzinfo, edits: Facts | None, earlier: Facts | None
    ) -> ReportContext:
        """As the store stands now."""
        quarter = Quarter.from_int(figures.quarter)
        return cls(
            compute_appraisal(quarter, now, zone, figures),
            measure_commitments(quarter, now, zone, figures),
            compute_risk_figures(quarter),
            edits,
            earlier,
            list_questionnaire_titles(),
        )

    def plain(self, figures: Facts) -> Facts:
        """As the report keeps it."""
        return {
            "appraisal": asdict(self.appraisal) if self.appraisal else None,
            "commitments": None if self.commitments is None else [_masked(one) for one in self.commitments],
            "risks": asdict(self.risks) if self.risks else None,
            "edits": self.edits or {},
            "titles": self.titles or {},
            "changed": list_changed_figures(self.earlier, figures) if self.earlier else None,
        }


def _masked(one: CommitmentFigure) -> Facts:
    """A commitment with what people wrote about it masked, as all words of the report are."""
    answer = {key: mask_text(text) if text else text for key, text in (one.answer or {}).items()}
    return {**asdict(one), "answer": answer or None}


def list_changed_figures(earlier: Facts, figures: Facts) -> Facts:
    """Which key figures the version before told otherwise: {number, rows (id, name, was, now), more}."""
    then = {rate["id"]: rate for _, rate in _keys(earlier["figures"])}
    rows = [
        {"id": rate["id"], "name": name, "was": _shown(then.get(rate["id"])), "now": _shown(rate)}
        for name, rate in _keys(figures)
        if _shown(rate) != _shown(then.get(rate["id"]))
    ]
    more = max(0, len(rows) - MOST_CHANGED)
    return {"number": earlier["report"]["number"], "rows": rows[:MOST_CHANGED], "more": more}


def _keys(figures: Facts) -> Iterator[tuple[Facts, Facts]]:
    """The figures whose change between two versions is told, with the names of what they are about."""
    yield figures["satisfaction"]["name"], figures["satisfaction"]["rate"]
    yield {}, figures["asked"]["rate"]
    yield {}, figures["surveyed"]["rate"]
    yield {}, figures["feedback"]["handled_in_time"]
    for cut in ("clients", "questionnaires", "dimensions"):
        yield from ((row["name"], row["rate"]) for row in figures[cut])


def _shown(rate: Facts | None) -> Facts | None:
    return rate and {key: rate[key] for key in ("value", "n", "hidden")}
