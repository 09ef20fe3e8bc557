"""Which roles take a second person's word, who can give it, and the one exemption: the first set-up (D4)."""

from __future__ import annotations

from csat.models.access import Account, RoleGrant
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.core import audit
from csat.procedure.core.refusals import DutyConflict
from csat.procedure.people.permissions import roles_of
from csat.words import N_

POWERFUL_ROLES = frozenset({Role.QA, Role.IMPROVEMENT, Role.DIRECTOR, Role.ADMIN})
SECOND_ROLES = (Role.DIRECTOR, Role.ADMIN)  # who can be the second person


class SecondPersonMissing(DutyConflict):
    sentence = N_("This takes the word of a second person: the director, or another administrator.")


def needs_second_person(by: audit.Actor) -> bool:
    """Whether powerful roles and their links take a second person's word when this one asks.

    A command needs none: whoever runs the server can do anything there, on record. Nor does the first set-up, as
    long as there never was anybody who could be the second: roles and sign-ins of the past stay, so nobody can
    bring that time back by closing the accounts of others.
    """
    if not isinstance(by, Person):
        return False
    held = RoleGrant.select(RoleGrant.person).where(RoleGrant.role.in_(SECOND_ROLES), RoleGrant.person != by)
    came_in = Account.last_sign_in_at.is_null(False)
    return Account.select().where(Account.person.in_(held), came_in).exists()


def is_powerful(person: Person) -> bool:
    """Whether somebody holds a role that takes a second person."""
    return bool(roles_of(person) & POWERFUL_ROLES)


def ensure_second_person(by: audit.Actor, second: Person | None, person: Person) -> None:
    """Raise SecondPersonMissing unless another one than who asks, and than whom it concerns, gave their word."""
    if not needs_second_person(by):
        return
    involved = (person.id, by.id if isinstance(by, Person) else 0)
    if second is None or second.id in involved or not roles_of(second) & set(SECOND_ROLES):
        raise SecondPersonMissing
