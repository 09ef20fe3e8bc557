"""Risk domains beside the feedback they draw (K2): what departments say is in place, and what clients say."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from csat.figures.rates import count_severities
from csat.figures.types import LocalisedName
from csat.models.feedback import Feedback, IssueType, RiskDomain, Severity
from csat.models.risks import PointDuty, PreventionPoint, Standing
from csat.procedure.core.quarter import Quarter
from csat.procedure.risks import assessments

COMPLAINT_SEVERITIES = (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR)  # a suggestion complains of nothing


@dataclass(frozen=True)
class RiskDomainRow:
    """One domain: its points as departments assess them, and the quarter's feedback by severity."""

    code: str
    name: LocalisedName
    in_place: int
    partly: int
    missing: int
    unassessed: int
    critical: int
    major: int
    minor: int
    suggestion: int
    total: int
    marked: bool  # all that is assessed is in place, and yet clients complain


@dataclass(frozen=True)
class RiskFigures:
    """All domains of a quarter. A point that two departments assess counts twice."""

    quarter: int
    domains: tuple[RiskDomainRow, ...]
    assessed: int
    points: int  # to be assessed: (point, department)


def compute_risk_figures(quarter: Quarter) -> RiskFigures:
    """The matrix domain × severity with the assessments beside (K2). Linked feedback counts once."""
    standings, duties, severities = _standings(quarter), _count_duties(), _severities(quarter, IssueType.domain)
    domains = RiskDomain.select().order_by(RiskDomain.position)
    rows = [_build_row(one, standings[one.id], duties[one.id], severities[one.id]) for one in domains]
    return RiskFigures(
        quarter=int(quarter),
        domains=tuple(rows),
        assessed=sum(sum(standings[row].values()) for row in standings),
        points=sum(duties.values()),
    )


def count_by_issue_type(domain: RiskDomain, quarter: Quarter) -> tuple[tuple[IssueType, Counter[Severity]], ...]:
    """The quarter's feedback of each issue type of a domain, by severity; of a retired type, where there is some.

    Linked feedback counts once.
    """
    found = _severities(quarter, Feedback.issue_type)
    kinds = IssueType.select().where(IssueType.domain == domain).order_by(IssueType.position)
    return tuple((kind, found[kind.id]) for kind in kinds if kind.retired_at is None or found[kind.id])


def _build_row(domain: RiskDomain, of: Counter[Standing], points: int, severe: Counter[Severity]) -> RiskDomainRow:
    assessed, complaints = sum(of.values()), sum(severe[one] for one in COMPLAINT_SEVERITIES)
    all_in_place = 0 < assessed == of[Standing.IN_PLACE]
    return RiskDomainRow(
        domain.code,
        dict(domain.name),
        *(of[Standing.IN_PLACE], of[Standing.PARTLY], of[Standing.MISSING], max(0, points - assessed)),
        *count_severities(severe.elements()),
        total=sum(severe.values()),
        marked=all_in_place and complaints > 0,
    )


def _standings(quarter: Quarter) -> defaultdict[int, Counter[Standing]]:
    """How each domain's points are assessed, by domain; returned assessments count as not made."""
    domain_of = {point.id: point.domain_id for point in PreventionPoint.select()}
    found: defaultdict[int, Counter[Standing]] = defaultdict(Counter)
    for (point, _), one in assessments.list_newest_assessments(quarter).items():
        if not one.returned:
            found[domain_of[point]][one.standing] += 1
    return found


def _count_duties() -> Counter[int]:
    """How many assessments each domain asks for."""
    return Counter(key for (key,) in PointDuty.select(PreventionPoint.domain).join(PreventionPoint).tuples())


def _severities(quarter: Quarter, by: object) -> defaultdict[int, Counter[Severity]]:
    """The quarter's feedback by domain or issue type, and severity."""
    rows = Feedback.select(by, Feedback.severity).join(IssueType)
    mine = rows.where(Feedback.quarter == int(quarter), Feedback.linked_to.is_null())
    found: defaultdict[int, Counter[Severity]] = defaultdict(Counter)
    for key, severity in mine.tuples():
        found[key][Severity(severity)] += 1
    return found
