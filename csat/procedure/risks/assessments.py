"""Service-quality risks (§10, K1): departments assess their prevention points each quarter, QA reviews.

A quarter is assessed while it runs and during the one after it. What was said is never changed: who says
something else adds a new assessment, and the newest counts. A returned one counts as not made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from peewee import ModelSelect, fn

from csat.database import write
from csat.models.feedback import RiskDomain
from csat.models.people import Department, Person
from csat.models.risks import Assessment, PointDuty, PreventionPoint, Standing
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import AffectedMayNotDecide, InputWrong, NotFound, OutOfOrder, Refusal, ValueMissing
from csat.procedure.people import attachments, permissions, separation_of_duties
from csat.procedure.people.attachments import AttachmentRules, FileToAttach
from csat.words import N_


class QuarterOver(Refusal):
    sentence = N_("Only the running quarter and the one before it can be assessed.")


class EvidenceMissing(InputWrong):
    sentence = N_("Please say what shows that it is in place.")


class NextStepMissing(InputWrong):
    sentence = N_("Please say what will be done next.")


class AssessmentDraft(NamedTuple):
    """What a department says of one point."""

    standing: Standing
    evidence: str
    next_step: str
    due: date | None = None


@dataclass(frozen=True)
class SheetLine:
    """A point on a department's sheet: what counts now, and what it was in the quarter before."""

    point: PreventionPoint
    now: Assessment | None
    before: Assessment | None


def may_assess(quarter: Quarter, now: datetime, zone: tzinfo) -> bool:
    """Whether a quarter is open to assessments."""
    running = Quarter.of(now, zone)
    return quarter in (running, running.plus(-1))


def departments_to_assess(person: Person, today: date) -> list[Department]:
    """The departments whose points a person assesses: those they belong to."""
    mine = separation_of_duties.departments_of(person, today)
    return list(Department.select().where(Department.id.in_(mine)).order_by(Department.name))


def build_sheet(department: Department, quarter: Quarter) -> list[tuple[RiskDomain, list[SheetLine]]]:
    """A department's points by domain, with what it said of them this quarter and the one before."""
    mine = PointDuty.select(PointDuty.point).where(PointDuty.department == department)
    now, before = (list_newest_assessments(one, department) for one in (quarter, quarter.plus(-1)))
    rows = PreventionPoint.select(PreventionPoint, RiskDomain).join(RiskDomain)
    rows = rows.where(PreventionPoint.id.in_(mine)).order_by(RiskDomain.position, PreventionPoint.position)
    found: dict[RiskDomain, list[SheetLine]] = {}
    for point in rows:
        key = (point.id, department.id)
        found.setdefault(point.domain, []).append(SheetLine(point, now.get(key), before.get(key)))
    return list(found.items())


def assess_points(
    department: Department,
    quarter: Quarter,
    said: Mapping[int, AssessmentDraft],
    by: Person,
    now: datetime,
    zone: tzinfo,
) -> int:
    """Put down what a department says of its points (by their keys); return how many are new (K1).

    Raise QuarterOver, NotFound for a point that is not the department's, EvidenceMissing or NextStepMissing at it.
    """
    if not may_assess(quarter, now, zone):
        raise QuarterOver
    mine = {row.point_id for row in PointDuty.select().where(PointDuty.department == department)}
    own = separation_of_duties.departments_of(by, now.astimezone(zone).date())
    if department.id not in own or not said.keys() <= mine:
        raise NotFound
    for key, one in said.items():
        _refuse_incomplete(key, one)
    with write():
        counted = list_newest_assessments(quarter, department)
        # What says the same as before is no new record: QA has nothing to review in it.
        new = [key for key, one in said.items() if _differs(counted.get((key, department.id)), one)]
        for key in new:
            values = {**_strip_texts(said[key])._asdict(), "by": by, "at": now}
            Assessment.create(point=key, department=department, quarter=int(quarter), **values)
        if new:
            audit.record(by, "risk points assessed", department, now, quarter=str(quarter), points=len(new))
    return len(new)


def list_unassessed_points(person: Person, now: datetime, zone: tzinfo) -> list[PreventionPoint]:
    """The points of a person's departments that the quarter before still lacks, or QA returned (K1)."""
    over = Quarter.of(now, zone).plus(-1)
    return [
        line.point
        for department in departments_to_assess(person, now.astimezone(zone).date())
        for _, lines in build_sheet(department, over)
        for line in lines
        if line.now is None or line.now.returned
    ]


def list_assessments_to_review(quarter: Quarter | None = None) -> list[Assessment]:
    """Assessments that wait for QA's word, by department and domain."""
    query = Assessment.select(Assessment, PreventionPoint, RiskDomain, Department)
    query = query.join(PreventionPoint).join(RiskDomain).join_from(Assessment, Department)
    query = query.where(Assessment.reviewed_at.is_null(), Assessment.id.in_(_select_newest_keys()))
    if quarter is not None:
        query = query.where(Assessment.quarter == int(quarter))
    return list(query.order_by(Department.name, RiskDomain.position, PreventionPoint.position))


def assessment_for(person: Person, key: int, today: date) -> Assessment:
    """An assessment that a person may see: a department only its own. Raise NotFound otherwise."""
    found = get_or_refuse(Assessment, key)
    if not (permissions.sees_all(person) or _is_own(person, key, today)):
        raise NotFound
    return found


def accept_assessments(chosen: list[Assessment], by: Person, now: datetime) -> int:
    """Accept assessments, all of them or none; return how many. Nobody reviews a department they belonged to (I4)."""
    with write():
        for one in chosen:
            _store_review(one, "", by, now)
    return len(chosen)


def return_assessment(one: Assessment, reason: str, by: Person, now: datetime) -> None:
    """Return an assessment to its department, with the reason: it counts as not made until made anew."""
    reason = need_text(reason)
    with write():
        _store_review(one, reason, by, now)


def attach_files(one: Assessment, kept: Iterable[FileToAttach], by: Person, now: datetime, today: date) -> None:
    """Add files that show what an assessment says; the department's, until QA has reviewed it."""
    kept = list(kept)
    if not kept:
        raise ValueMissing(field="files")
    with write():
        if not attachments.may_change_attachments(by, one, today):
            raise OutOfOrder
        attachments.attach_files(one, kept, by, now)


def list_newest_assessments(
    quarter: Quarter, department: Department | None = None
) -> dict[tuple[int, int], Assessment]:
    """The assessment that counts for each (point, department) of a quarter, returned ones as well."""
    query = Assessment.select().where(Assessment.quarter == int(quarter))
    if department is not None:
        query = query.where(Assessment.department == department)
    return {(row.point_id, row.department_id): row for row in query.order_by(Assessment.id)}


def list_assessment_history(point: PreventionPoint, department: Department) -> list[Assessment]:
    """All that a department ever said of a point, newest first."""
    query = Assessment.select(Assessment, Person).join(Person, on=Assessment.by)
    mine = query.where(Assessment.point == point, Assessment.department == department)
    return list(mine.order_by(Assessment.id.desc()))


def _refuse_incomplete(key: int, said: AssessmentDraft) -> None:
    if said.standing != Standing.MISSING and not said.evidence.strip():
        raise EvidenceMissing(field=f"evidence-{key}")
    if said.standing != Standing.IN_PLACE and not said.next_step.strip():
        raise NextStepMissing(field=f"next_step-{key}")


def _differs(counted: Assessment | None, said: AssessmentDraft) -> bool:
    if counted is None or counted.returned:
        return True
    before = AssessmentDraft(counted.standing, counted.evidence, counted.next_step, counted.due)
    return before != _strip_texts(said)


def _strip_texts(said: AssessmentDraft) -> AssessmentDraft:
    return AssessmentDraft(said.standing, said.evidence.strip(), said.next_step.strip(), said.due)


def _store_review(one: Assessment, returned: str, by: Person, now: datetime) -> None:
    if one.department_id in separation_of_duties.departments_of(by) or one.by_id == by.id:
        raise AffectedMayNotDecide
    fresh = Assessment.get_by_id(one.id)  # somebody may have reviewed it, or said something newer, meanwhile
    if fresh.reviewed_at is not None or not _is_newest(fresh):
        raise OutOfOrder
    fresh.reviewed_by, fresh.reviewed_at, fresh.returned = by, now, returned
    fresh.save()
    word = "risk assessment returned" if returned else "risk assessment accepted"
    audit.record(by, word, f"assessment:{fresh.id}", now, department=fresh.department_id)


def _is_newest(one: Assessment) -> bool:
    """Whether it is the newest of its point, department and quarter."""
    return Assessment.select().where(Assessment.id == one.id, Assessment.id.in_(_select_newest_keys())).exists()


def _select_newest_keys() -> ModelSelect[Assessment]:
    """The keys of the assessments that count, of all quarters: a query."""
    newest_of = Assessment.select(fn.MAX(Assessment.id))
    return newest_of.group_by(Assessment.point, Assessment.department, Assessment.quarter)


def departments_visible_to(person: Person, today: date) -> set[int]:
    """The departments whose assessments a person may open one by one."""
    if permissions.sees_all(person):
        return {row.id for row in Department.select(Department.id)}
    assesses = permissions.has_permission(person, "risks.assess")
    return separation_of_duties.departments_of(person, today) if assesses else set()


def _is_own(person: Person, key: int, today: date) -> bool:
    """Whether a person assesses for the department that an assessment is of."""
    own = separation_of_duties.departments_of(person, today)
    return permissions.has_permission(person, "risks.assess") and Assessment.get_by_id(key).department_id in own


def _is_open(key: int) -> bool:
    one = Assessment.get_by_id(key)
    return one.reviewed_at is None and _is_newest(one)  # what QA has seen stays as it was seen


attachments.register_attachments("assessment", AttachmentRules(_is_own, _is_open))
