"""Departments: what they are called, who leads them, who belongs to them from when until when."""

from __future__ import annotations

from datetime import date, datetime

from peewee import fn

from csat import clock
from csat.database import write
from csat.models.base import Condition, Json
from csat.models.clients import EVERY_SOURCE, Alias, AliasKind, ClientCare
from csat.models.feedback import Feedback, FeedbackState
from csat.models.people import Department, Membership, Person
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.procedure.core import audit
from csat.procedure.core.bilingual import clean_line
from csat.procedure.core.guards import need_text
from csat.procedure.core.refusals import InputWrong, NameTaken, Refusal
from csat.procedure.core.retirement import retire_record
from csat.procedure.people.permissions import list_role_holders
from csat.words import N_

MAX_NAME_LENGTH = 120  # characters


class DepartmentBusy(Refusal):
    sentence = N_("This department still has feedback to deal with. Pass that on first.")


class DepartmentUnstaffed(InputWrong):
    sentence = N_(
        "Nobody belongs to %(department)s now who deals with feedback, so it would wait there unseen. "
        "Please choose another department, or let the administrator add a member with the role of department owner."
    )


class AlreadyMember(InputWrong):
    sentence = N_("This person belongs to that department already on that day.")


class EndsBeforeStart(InputWrong):
    sentence = N_("The end cannot lie before the beginning.")


def add_department(name: str, name_en: str, by: audit.Actor, now: datetime) -> Department:
    """Add a department; names are unique."""
    with write():
        name, name_en = _check_name("name", name), _check_name("name_en", name_en) if name_en.strip() else ""
        department = Department.create(name=name, name_en=name_en)
        audit.record(by, "department added", department, now, name=name)
    return department


def change_department(
    department: Department, name: str, name_en: str, head: Person | None, by: audit.Actor, now: datetime
) -> None:
    """Change a department's names and its head, who hears of what is overdue (I2)."""
    with write():
        rename_department(department, name, name_en, by, now)
        changed = audit.list_changes(department, head_id=head.id if head else None)
        if changed:
            Department.update(head=head).where(Department.id == department.id).execute()
            audit.record(by, "department changed", department, now, **changed)


def rename_department(department: Department, name: str, name_en: str, by: audit.Actor, now: datetime) -> None:
    """Change what a department is called; what names it by a former name, as tickets do, still finds it."""
    with write():
        values: Json = {"name": _check_name("name", name, department)}
        values["name_en"] = _check_name("name_en", name_en, department) if name_en.strip() else ""
        changed = audit.list_changes(department, **values)
        if changed:
            _keep_former_names(department, set(values.values()))
            Department.update(**values).where(Department.id == department.id).execute()
            audit.record(by, "department renamed", department, now, **changed)


def list_former_names() -> dict[int, list[str]]:
    """The names that departments had before, by department."""
    former: dict[int, list[str]] = {}
    rows = Alias.select(Alias.department, Alias.name).where(
        Alias.source == EVERY_SOURCE, Alias.department.is_null(False)
    )
    for key, name in rows.order_by(Alias.id).tuples():
        former.setdefault(key, []).append(name)
    return former


def find_last_renamings() -> dict[int, AuditEntry]:
    """The last time that each department was named, by department."""
    acts = audit.find_last_acts(("department added", "department renamed"))
    return {int(subject.removeprefix("department:")): entry for subject, entry in acts.items()}


def _check_name(field: str, name: str, own: Department | None = None) -> str:
    """A name on one line that no other department has, in either language."""
    name = clean_line(field, need_text(name, field), MAX_NAME_LENGTH)
    alike = (Department.name == name) | (Department.name_en == name)
    if Department.select().where(alike, Department.id != (own.id if own else 0)).exists():  # no key is 0
        raise NameTaken(field=field, name=name)
    return name


def _keep_former_names(department: Department, present: set[str]) -> None:
    for name in {department.name, department.name_en} - present - {""}:
        # Another department's former name too: who bore it last is meant.
        known = (Alias.source == EVERY_SOURCE) & (Alias.kind == AliasKind.DEPARTMENT) & (Alias.name == name)
        Alias.delete().where(known).execute()
        Alias.create(source=EVERY_SOURCE, kind=AliasKind.DEPARTMENT, name=name, department=department)


def retire_department(department: Department, by: audit.Actor, now: datetime) -> None:
    """Take a department out of use; raise DepartmentBusy while feedback waits there."""
    with write():
        waiting = Feedback.select().where(Feedback.department == department, Feedback.state != FeedbackState.CONFIRMED)
        if waiting.exists():  # it would wait where nobody looks any more
            raise DepartmentBusy
        retire_record(department, by, now)


def join_department(person: Person, department: Department, since: date, by: audit.Actor, now: datetime) -> Membership:
    """Let a person belong to a department from a day on; raise AlreadyMember."""
    with write():
        open_ended = Membership.until.is_null() | (Membership.until > since)
        ours = (Membership.person == person) & (Membership.department == department)
        if Membership.select().where(ours & open_ended).exists():
            raise AlreadyMember(field="department")
        membership = Membership.create(person=person, department=department, since=since)
        audit.record(by, "department joined", person, now, department=department.id, since=str(since))
    return membership


def end_membership(membership: Membership, until: date, by: audit.Actor, now: datetime) -> None:
    """End a membership on a day (that day excluded); who once belonged is still remembered (I4)."""
    if until < membership.since:
        raise EndsBeforeStart(field="until")
    with write():
        Membership.update(until=until).where(Membership.id == membership.id).execute()
        gone = membership.department_id
        audit.record(by, "department left", membership.person, now, department=gone, until=str(until))


def list_departments(retired: bool = False) -> list[Department]:
    """Departments in use (or retired), by name, with their heads."""
    query = Department.select().order_by(Department.name)
    return list(query.where(Department.retired_at.is_null(not retired)))


def list_members(department: Department) -> list[Membership]:
    """Everybody who belongs or belonged to a department, those of today first."""
    query = Membership.select(Membership, Person).join(Person).where(Membership.department == department)
    return sorted(query, key=lambda row: (row.until is not None, row.person.name, row.since))


def list_memberships(person: Person) -> list[Membership]:
    """Where a person belongs and belonged, the latest first."""
    query = Membership.select(Membership, Department).join(Department).where(Membership.person == person)
    return list(query.order_by(Membership.since.desc(), Membership.id.desc()))


def list_members_on(department: Department | int | None, day: date) -> list[Person]:
    """Who belongs to a department on a day, in use, by name."""
    here = Membership.department == department, covers_day(Membership, day)
    query = Person.select().where(Person.id.in_(Membership.select(Membership.person).where(*here)))
    return list(query.where(Person.retired_at.is_null()).order_by(Person.name))


def list_workers(department: Department | int, now: datetime) -> list[Person]:
    """Who deals with the feedback of a department now: belongs to it, is in use, and holds the role."""
    holders = {person.id for person in list_role_holders(Role.DEPARTMENT)}
    return [person for person in list_members_on(department, clock.local_day(now)) if person.id in holders]


def list_staffed_departments(now: datetime) -> list[Department]:
    """The departments in use to which somebody belongs who deals with feedback: no other can be given any (P9)."""
    return [one for one in list_departments() if list_workers(one, now)]


def list_unstaffed_departments(now: datetime) -> list[Department]:
    """The departments in use to which nobody belongs who deals with feedback."""
    return [one for one in list_departments() if not list_workers(one, now)]


def ensure_staffed(department: Department, now: datetime) -> None:
    """Raise DepartmentUnstaffed where nobody would see what is given to a department."""
    fresh = Department.get_by_id(department.id)  # the page that asks may be older
    if fresh.retired_at is not None or not list_workers(fresh, now):
        raise DepartmentUnstaffed(field="department", department=department.name)


def covers_day(period: type[Membership] | type[ClientCare], day: date) -> Condition:
    """Of what lasts from a day until another (that day excluded): whether a day lies within."""
    return (period.since <= day) & (period.until.is_null() | (period.until > day))


def list_departments_by_person(keys: list[int]) -> dict[int, list[Department]]:
    """The departments that these persons belong to now."""
    query = Membership.select(Membership, Department).join(Department)
    places: dict[int, list[Department]] = {key: [] for key in keys}
    for row in query.where(Membership.person.in_(keys), Membership.until.is_null()):
        places[row.person_id].append(row.department)
    return places


def count_members() -> dict[int, int]:
    """How many persons belong to each department now."""
    query = Membership.select(Membership.department, fn.COUNT(Membership.id))
    query = query.where(Membership.until.is_null()).group_by(Membership.department)
    return dict(query.tuples())
