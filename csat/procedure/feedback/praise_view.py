"""Who sees which praise, and how much there is (P16).

Praise from an anonymous response is QA's and the department's to read: it names nobody of ours, and no
letter, report, manager or engineer is told of it (F4, decision 0194).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import NamedTuple

from peewee import JOIN, ForeignKeyField, ModelSelect, fn

from csat.models.answers import Response, Verdict
from csat.models.base import Condition
from csat.models.clients import Client, Incident
from csat.models.people import Department, Person
from csat.models.praise import Praise, PraisedPerson
from csat.models.roles import Role
from csat.procedure.campaigns.proposals import find_visible_clients
from csat.procedure.core.contact_details import mask_text
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.people import attachments, permissions, separation_of_duties
from csat.procedure.people.attachments import AttachmentRules


class PraiseCount(NamedTuple):
    """How much praise one department or client got in a quarter."""

    quarter: int
    record: Department | Client
    number: int


def counted_condition() -> Condition:
    """The condition for praise that counts: not withdrawn, and its response, if it has one, still valid."""
    valid = Response.select(Response.id).where(Response.verdict == Verdict.VALID)
    return Praise.withdrawn_at.is_null() & (Praise.response.is_null() | Praise.response.in_(valid))


def named_condition() -> Condition:
    """The condition for praise that can be retold: no anonymous response is behind it (F4)."""
    named = Response.select(Response.id).where(~Response.anonymous)
    return Praise.response.is_null() | Praise.response.in_(named)


def visible_condition(person: Person, now: datetime, zone: tzinfo) -> Condition:
    """The condition for praise that a person may see: a department its own, a manager their clients' by name."""
    if permissions.sees_all(person):
        return Praise.id.is_null(False)
    held, today = permissions.roles_of(person), now.astimezone(zone).date()
    seen = Praise.id.is_null()  # none
    if Role.DEPARTMENT in held:
        seen |= Praise.department.in_(separation_of_duties.departments_of(person, today))
    if Role.MANAGER in held:
        seen |= Praise.client.in_(find_visible_clients(person, zone, now) or set()) & named_condition()
    return seen


def select_praise(person: Person, now: datetime, zone: tzinfo, quarter: int | None = None) -> ModelSelect[Praise]:
    """The praise that a person may see and that counts, the latest first."""
    query = Praise.select(Praise, Client, Department, Incident).join(Client, JOIN.LEFT_OUTER)
    query = query.join_from(Praise, Department).join_from(Praise, Incident, JOIN.LEFT_OUTER)
    query = query.where(visible_condition(person, now, zone), counted_condition())
    if quarter is not None:
        query = query.where(Praise.quarter == quarter)
    return query.order_by(Praise.quarter.desc(), Praise.id.desc())


def praise_for(person: Person, key: int, now: datetime, zone: tzinfo) -> Praise:
    """A praise that counts and that a person may see; raise NotFound."""
    return get_or_refuse(select_praise(person, now, zone), key)


def list_own_praise(person: Person) -> list[Praise]:
    """The praise that names a person: never one from an anonymous response."""
    own = Praise.id.in_(_select_own(person))
    query = Praise.select().where(own, counted_condition(), named_condition())
    return list(query.order_by(Praise.id.desc()))


def list_praised(praises: Iterable[Praise]) -> dict[int, list[Person]]:
    """Whom each praise names, by its key."""
    found: dict[int, list[Person]] = {one.id: [] for one in praises}
    rows = PraisedPerson.select(PraisedPerson, Person).join(Person).where(PraisedPerson.praise.in_(list(found)))
    for row in rows.order_by(Person.name):
        found[row.praise_id].append(row.person)
    return found


def retell(praise: Praise) -> str:
    """The words of praise by nobody's name: for who reads no single responses (D2)."""
    response, named = praise.response, [praise.contact]
    if response is not None:
        named.append(response.contact)
    names = {praise.said_by, response.respondent_name if response else "", *(one.name for one in named if one)}
    return mask_text(praise.words, names)


def praise_of(response: Response) -> list[Praise]:
    """The praise taken from a response, as far as it was not withdrawn."""
    query = Praise.select().where(Praise.response == response, Praise.withdrawn_at.is_null())
    return list(query.order_by(Praise.id))


def count_by_department(person: Person, now: datetime, zone: tzinfo) -> list[PraiseCount]:
    """How much of what a person sees each department got in each quarter, the latest first."""
    return _count(Department, Praise.department, visible_condition(person, now, zone))


def count_by_client(person: Person, now: datetime, zone: tzinfo) -> list[PraiseCount]:
    """The same by client; what came without one is in no row."""
    return _count(Client, Praise.client, visible_condition(person, now, zone))


def list_told(quarter: int, *which: Condition) -> list[Praise]:
    """A quarter's praise that report and letters may tell of: none from an anonymous response."""
    query = Praise.select(Praise, Department).join(Department)
    query = query.where(Praise.quarter == quarter, counted_condition(), named_condition(), *which)
    return list(query.order_by(Praise.id))


def _count(table: type[Department] | type[Client], column: ForeignKeyField, seen: Condition) -> list[PraiseCount]:
    rows = Praise.select(Praise.quarter, column, fn.COUNT(Praise.id)).where(seen, counted_condition())
    counted = [row for row in rows.group_by(Praise.quarter, column).tuples() if row[1] is not None]
    records = {one.id: one for one in table.select().where(table.id.in_([row[1] for row in counted]))}
    found = [PraiseCount(quarter, records[key], number) for quarter, key, number in counted]
    return sorted(found, key=lambda one: (-one.quarter, -one.number, one.record.name))


def _select_own(person: Person) -> ModelSelect[PraisedPerson]:
    return PraisedPerson.select(PraisedPerson.praise).where(PraisedPerson.person == person)


# A letter of thanks names who wrote it: its scan is for who reads single responses (D2).
attachments.register_attachments("praise", AttachmentRules(is_own=lambda *_: False, is_open=lambda _: False))
