"""What issued reports tell of figures: the only way by which most readers learn of anonymous answers (F4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peewee import ModelSelect

from csat.figures.audience import Audience
from csat.figures.types import QuarterFigures, Rate
from csat.models.base import Json
from csat.models.reporting import Report, ReportState
from csat.procedure.core.quarter import Quarter

ALL, NAMED, ISSUED = "all", "named", "issued"  # whose answers a figure counts, or that it is a report's
FIRST_CONTACT = "question/incident/first_contact"


@dataclass(frozen=True)
class ToldRates:
    """Satisfaction by quarter and the first-contact share of the last one, as an audience is told them."""

    satisfaction: Mapping[int, Rate]
    first_contact: Rate | None
    answers: Mapping[int, str] = field(default_factory=dict)  # by quarter: ALL, NAMED or ISSUED


def find_issued_document(quarter: Quarter) -> Json | None:
    """What the newest issued version of a quarter's report froze."""
    found = _issued().where(Report.quarter == int(quarter)).first()
    return None if found is None else found.document


def read_told_rates(figures: QuarterFigures) -> ToldRates:
    """The rates of live figures; of named ones with those of issued reports in their place."""
    quarter = Quarter.from_int(figures.quarter)
    live = {point.quarter: point.rate for point in figures.trend} | {figures.quarter: figures.satisfaction.rate}
    contact = next((one.rate for one in figures.questions if one.rate.id == FIRST_CONTACT), None)
    if figures.audience == Audience.RESPONSE_READERS:
        return ToldRates(live, contact, dict.fromkeys(live, ALL))
    told = _read_trend(quarter)
    own = find_issued_document(quarter)
    if own is not None:
        contact = next((one for one in map(_first_contact, own["figures"]["questions"]) if one), None)
    return ToldRates(live | told, contact, {key: ISSUED if key in told else NAMED for key in live})


def _read_trend(quarter: Quarter) -> dict[int, Rate]:
    """Satisfaction of the quarters up to this one, as the newest report among them tells them; none of later ones."""
    newest = Report.quarter.desc(), Report.version.desc()
    last = _issued().where(Report.quarter <= int(quarter)).order_by(*newest).first()
    if last is None:
        return {}
    whole = last.document["figures"]
    told = {point["quarter"]: Rate(**point["rate"]) for point in whole["trend"]}
    return told | {whole["quarter"]: Rate(**whole["satisfaction"]["rate"])}


def _first_contact(question: Json) -> Rate | None:
    return Rate(**question["rate"]) if question["rate"]["id"] == FIRST_CONTACT else None


def _issued() -> ModelSelect[Report]:
    return Report.select().where(Report.state == ReportState.ISSUED).order_by(Report.version.desc())
