"""Whoever has the next step is told at once when it becomes theirs (I2): by mail, once for each turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from csat.models.feedback import Feedback, FeedbackStep
from csat.models.outbox import MailKind, MailState, OutboxMessage, Why
from csat.models.people import Department, Person
from csat.models.roles import Role
from csat.procedure.feedback.view import FeedbackView
from csat.procedure.feedback.workflow import DEPARTMENT, IMPROVEMENT, QA, SUPERVISOR, Turn, list_turns
from csat.procedure.mail import outbox
from csat.procedure.people.departments import list_workers
from csat.procedure.people.permissions import has_permission, list_role_holders


class Holder(NamedTuple):
    """Whose turn it is: a group, and which department or person of it."""

    who: str
    key: int | None = None


def find_holders(feedback: Feedback) -> set[Holder]:
    """Whose turn it is now."""
    return {_name_holder(turn, feedback) for turn in list_turns(FeedbackView(feedback))}


def tell_new_holders(
    feedback: Feedback, before: set[Holder], entry: FeedbackStep, by: Person, now: datetime
) -> list[Person]:
    """Queue a mail to each of those whose turn it has become with a step; not to who took it."""
    told = []
    for holder in sorted(find_holders(feedback) - before):
        for person in list_holding_persons(feedback, holder.who, now):
            purpose = f"turn:{entry.id}:{person.id}"  # by the step: the same turn can come again, and is told again
            about = f"step:{entry.id}"
            if person.id != by.id and outbox.queue_mail(
                MailKind.TURN, purpose, now, person=person, feedback=feedback, about=about
            ):
                told.append(person)
    return told


def list_holding_persons(feedback: Feedback, who: str, now: datetime) -> list[Person]:
    """Everybody there now who can take the step of those whose turn it is; nobody who has left."""
    if who == QA:
        return list_role_holders(Role.QA)
    if who == IMPROVEMENT:
        return list_role_holders(Role.IMPROVEMENT)
    if who == DEPARTMENT and feedback.department_id is not None:
        return list_workers(Department.get_by_id(feedback.department_id), now)
    if who == SUPERVISOR and feedback.supervisor_id is not None:
        person = Person.get_by_id(feedback.supervisor_id)
        return [person] if person.retired_at is None and has_permission(person, "feedback.supervise") else []
    return []


def find_turn_of(person: Person, feedback: Feedback, now: datetime) -> Turn | None:
    """The next step of a feedback that is this person's, if it still is."""
    turns = list_turns(FeedbackView(feedback))
    return next((one for one in turns if person in list_holding_persons(feedback, one.who, now)), None)


class TurnNotice(NamedTuple):
    """Who was written to when a turn became theirs, and what became of the mail to each."""

    at: datetime
    step: int  # the key of the step that made it theirs
    persons: tuple[tuple[str, MailState, Why | None], ...]


def list_turn_notices(feedback: Feedback) -> Iterator[TurnNotice]:
    """Everybody who was written to because the next step became theirs, step by step."""
    rows = OutboxMessage.select(OutboxMessage, Person).join(Person, on=(OutboxMessage.person == Person.id))
    rows = rows.where(OutboxMessage.feedback == feedback, OutboxMessage.kind == MailKind.TURN)
    found: dict[int, list[OutboxMessage]] = {}
    for row in rows.order_by(OutboxMessage.id):
        found.setdefault(int(row.about.partition(":")[2]), []).append(row)
    for step, mails in found.items():
        yield TurnNotice(mails[0].made_at, step, tuple((one.person.name, one.state, one.why) for one in mails))


def _name_holder(turn: Turn, feedback: Feedback) -> Holder:
    keys = {DEPARTMENT: feedback.department_id, SUPERVISOR: feedback.supervisor_id}
    return Holder(turn.who, keys.get(turn.who))
