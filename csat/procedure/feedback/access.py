"""Who sees which feedback, and who takes its department's steps (I4, D2): decided where it is fetched."""

from __future__ import annotations

from datetime import date

from peewee import ModelSelect

from csat.models.effect import Recurrence
from csat.models.feedback import Feedback
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.people import permissions, separation_of_duties


def feedback_for(person: Person, key: int, today: date) -> Feedback:
    """A feedback that a person may read: a department its own, and what its own repeats. Raise NotFound otherwise."""
    return get_or_refuse(select_readable(person, today), key)


def department_feedback_for(person: Person, key: int, today: date) -> Feedback:
    """A feedback whose department's steps are this person's; raise NotFound or NotPermitted otherwise."""
    feedback = feedback_for(person, key, today)
    if not may_work_on(person, feedback, today):
        raise NotPermitted
    return feedback


def may_work_on(person: Person, feedback: Feedback, today: date) -> bool:
    """Whether a person takes the department's steps: they hold the role and belong to it today."""
    if not permissions.has_permission(person, "feedback.work"):
        return False
    return feedback.department_id in separation_of_duties.departments_of(person, today)


def refuse_other_supervisor(feedback: Feedback, by: Person) -> None:
    """The supervisor's word is the named supervisor's, and of nobody who helped with what is judged (P9, I4)."""
    if feedback.supervisor_id != by.id:
        raise NotPermitted
    separation_of_duties.ensure_may_supervise(by, feedback, None)


def select_readable(person: Person, today: date) -> ModelSelect[Feedback]:
    """All feedback a person may open: beside their own what a client says in a check is not solved (P9)."""
    visible = select_visible(person, today)
    own = select_visible(person, today).select(Feedback.id)
    told = Recurrence.select(Recurrence.earlier).where(Recurrence.told, Recurrence.feedback.in_(own))
    return Feedback.select().where(Feedback.id.in_(visible.select(Feedback.id)) | Feedback.id.in_(told))


def select_visible(person: Person, today: date) -> ModelSelect[Feedback]:
    """All feedback a person may see."""
    if permissions.sees_all(person):
        return Feedback.select()
    if Role.DEPARTMENT in permissions.roles_of(person):
        departments = separation_of_duties.departments_of(person, today)
        return Feedback.select().where(Feedback.department.in_(departments))
    return Feedback.select().where(Feedback.id.is_null())  # none: who sees all of it was asked first
