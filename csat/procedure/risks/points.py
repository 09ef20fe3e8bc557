"""The prevention points (§10): what ships, who assesses which, and how they are worded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from csat.content import load_content
from csat.database import write
from csat.models.base import Localised
from csat.models.feedback import IssueType, RiskDomain
from csat.models.people import Department, Person
from csat.models.risks import PointDuty, PreventionPoint
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.refusals import NotFound


def load_shipped_points() -> None:
    """Load the domains with their 48 points, and the issue types; what is loaded already stays as it is."""
    with write():
        for position, domain in enumerate(load_content("risk_domains")["domain"], 1):
            named = {"position": position, "name": domain["name"]}
            row, _ = RiskDomain.get_or_create(code=domain["code"], defaults=named)
            for place, point in enumerate(domain["point"], 1):
                worded = {"position": place, "text": point["text"]}
                PreventionPoint.get_or_create(domain=row, code=point["code"], defaults=worded)
        for position, one in enumerate(load_content("issue_types")["issue_type"], 1):
            domain = RiskDomain.get(RiskDomain.code == one["domain"])
            named = {"position": position, "name": one["name"], "hint": one["hint"], "domain": domain}
            IssueType.get_or_create(code=one["code"], defaults=named)


def list_domains() -> list[RiskDomain]:
    """The eight domains, in order."""
    return list(RiskDomain.select().order_by(RiskDomain.position))


def get_domain(code: str) -> RiskDomain:
    """A domain by its code; raise NotFound."""
    return get_or_refuse(RiskDomain, RiskDomain.code == code)


def points_of(domain: RiskDomain) -> list[PreventionPoint]:
    """The points of a domain, in order."""
    rows = PreventionPoint.select().where(PreventionPoint.domain == domain)
    return list(rows.order_by(PreventionPoint.position))


def list_point_assignments(domain: RiskDomain) -> set[tuple[int, int]]:
    """Which departments assess which points of a domain: (point, department) by their keys."""
    rows = PointDuty.select(PointDuty.point, PointDuty.department).join(PreventionPoint)
    return {(row.point_id, row.department_id) for row in rows.where(PreventionPoint.domain == domain)}


def assign_points(domain: RiskDomain, pairs: Iterable[tuple[int, int]], by: Person, now: datetime) -> None:
    """Set which departments assess which points of a domain; raise NotFound for a point of another."""
    wanted, before = set(pairs), list_point_assignments(domain)
    known = {point.id for point in points_of(domain)}
    departments = {row.id for row in Department.select(Department.id)}
    if any(point not in known or department not in departments for point, department in wanted):
        raise NotFound
    if wanted == before:  # nothing to put on record
        return
    with write():
        for point, department in before - wanted:
            gone = (PointDuty.point == point) & (PointDuty.department == department)
            PointDuty.delete().where(gone).execute()
        for point, department in sorted(wanted - before):
            PointDuty.create(point=point, department=department)
        facts = {"added": sorted(wanted - before), "taken_away": sorted(before - wanted)}
        audit.record(by, "risk points assigned", f"risk_domain:{domain.code}", now, **facts)


def reword_point(point: PreventionPoint, zh: str, en: str, by: Person, now: datetime) -> None:
    """Change the wording of a point; its sense, and so its code, stay."""
    after = Localised(zh=need_text(zh, "zh"), en=need_text(en, "en"))
    if after == point.text:
        return
    with write():
        PreventionPoint.update(text=after).where(PreventionPoint.id == point.id).execute()
        facts = {"before": dict(point.text), "after": dict(after)}
        audit.record(by, "risk point reworded", f"prevention_point:{point.code}", now, **facts)
