"""Who may do what: one table, shown in the manual, enforced by the pages, walked by a test.

Being in the table opens a page; which records on it are somebody's own is decided where they are
fetched ('by assignment'), and who may not do two steps on one record in `duties`.
"""

from __future__ import annotations

from csat.models.people import Person
from csat.models.access import RoleGrant
from csat.models.roles import Role

DESK, MANAGER, QA, DEPARTMENT, IMPROVEMENT, DIRECTOR, ADMIN = Role

MATRIX: dict[str, frozenset[Role]] = {
    # master data
    "accounts": frozenset({ADMIN}),
    "people": frozenset({ADMIN}),
    "departments": frozenset({ADMIN}),
    "clients": frozenset({ADMIN}),
    "clients.see": frozenset({ADMIN, MANAGER, QA, DESK, DIRECTOR}),
    "contacts": frozenset({ADMIN, MANAGER}),  # a manager: of the clients in their care
    "settings": frozenset({ADMIN}),
    # asking
    "questionnaires": frozenset({QA}),
    "incidents": frozenset({DESK, ADMIN}),
    "incidents.see": frozenset({DESK, ADMIN, QA}),
    "desk": frozenset({DESK}),
    "campaigns": frozenset({DESK, MANAGER, QA}),
    # answers
    "review": frozenset({QA}),
    "refusals.second": frozenset({QA, DIRECTOR}),
    "responses.read": frozenset({QA, IMPROVEMENT, DIRECTOR}),
    # feedback
    "feedback.see": frozenset({QA, DEPARTMENT, IMPROVEMENT, DIRECTOR}),  # a department: its own
    "feedback.enter": frozenset({DESK, QA, MANAGER}),
    "feedback.classify": frozenset({QA}),
    "feedback.work": frozenset({DEPARTMENT}),
    "feedback.supervise": frozenset({QA}),
    "feedback.confirm": frozenset({IMPROVEMENT}),
    # figures and reports
    "figures": frozenset({QA, DIRECTOR}),
    "reports.prepare": frozenset({QA}),
    "reports.review": frozenset({DIRECTOR, MANAGER}),
    "reports.read": frozenset({QA, DIRECTOR, MANAGER, DEPARTMENT, IMPROVEMENT}),
    "audit": frozenset({QA, DIRECTOR}),
    "audit.own": frozenset({ADMIN}),
}


def roles_of(person: Person) -> frozenset[Role]:
    """The roles a person holds now."""
    grants = RoleGrant.select(RoleGrant.role).where(RoleGrant.person == person, RoleGrant.ended_at.is_null())
    return frozenset(grant.role for grant in grants)


def may(person: Person, right: str) -> bool:
    """Whether a person holds a role to which the table gives the right."""
    return bool(MATRIX[right] & roles_of(person))
