"""Who holds which role now, and what the roles let them do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.config import PROJECT_ROOT
from csat.models.access import RoleGrant
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.people import permissions
from csat.procedure.people.permissions import has_permission, list_role_holders, roles_of, sees_all
from tests.builders import NOW, a_person

# Each right and the first letters of the roles that hold it, written down a second time on purpose: a role
# that is added or lost by mistake shows here, not only in the pages.
DESK, MANAGER, QA, DEPARTMENT, IMPROVEMENT, DIRECTOR, ADMIN = Role
EXPECTED = {
    ADMIN: {
        "accounts", "accounts.second", "people", "departments", "clients", "clients.see", "contacts", "settings", "api",
        "incidents", "incidents.see", "audit.own", "contacts.export", "exports",
    },
    DESK: {
        "clients.see", "incidents", "incidents.see", "desk", "sorting", "campaigns", "feedback.enter",
        "questionnaires.see",
    },
    MANAGER: {
        "clients.see", "contacts", "contacts.export", "campaigns",
        "feedback.enter", "reports.review", "reports.read", "exports",
        "appraisal", "letters.see", "letters.send", "commitments.see", "questionnaires.see", "clients.own",
        "praise.see",
    },
    QA: {
        "clients.see", "questionnaires", "questionnaires.see", "mail.wording", "incidents.see", "campaigns", "review",
        "refusals.second", "responses.read", "feedback.see", "feedback.enter", "feedback.classify",
        "feedback.assign", "praise.see", "contacts.export",
        "classification", "feedback.supervise", "figures", "reports.prepare", "reports.read", "exports", "appraisal",
        "letters.see", "letters.write", "commitments.see", "commitments.edit", "risks.see", "risks.review",
        "audit",
    },
    DEPARTMENT: {
        "feedback.see", "feedback.enter", "feedback.work", "praise.see", "work.own", "reports.read", "exports",
        "commitments.see", "commitments.measure",
        "risks.see", "risks.assess",
    },
    IMPROVEMENT: {
        "responses.read", "archive", "feedback.see", "feedback.confirm", "reports.read", "exports",
        "commitments.see", "risks.see", "questionnaires.see", "praise.see",
    },
    DIRECTOR: {
        "accounts.second",
        "clients.see", "refusals.second", "responses.read", "feedback.see", "figures", "reports.review",
        "reports.read", "exports", "appraisal", "letters.see", "commitments.see", "risks.see", "audit",
        "questionnaires.see", "praise.see", "feedback.assign",
    },
}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_each_role_has_its_rights_and_no_others(db, role):
    person = a_person("某人", role)
    assert {right for right in permissions.PERMISSION_MATRIX if has_permission(person, right)} == EXPECTED[role]


def test_every_right_is_told_in_words():
    assert list(permissions.PERMISSION_LABELS) == list(permissions.PERMISSION_MATRIX)


def test_the_manual_shows_the_table_that_the_pages_obey():
    assert permissions.format_permission_matrix() in (PROJECT_ROOT / "docs/access.md").read_text("utf-8")


def test_roles_add_up_and_an_ended_one_is_none(db):
    person = a_person("某人", Role.DESK, Role.MANAGER)
    assert roles_of(person) == {Role.DESK, Role.MANAGER}
    RoleGrant.update(ended_at=NOW + timedelta(days=1)).where(RoleGrant.role == Role.DESK).execute()
    assert roles_of(person) == {Role.MANAGER} and not has_permission(person, "desk")
    assert roles_of(a_person("别人")) == frozenset()


def test_holders_are_those_who_hold_a_role_now_by_name(cast):
    assert list_role_holders(Role.QA) == [cast.qa, cast.qa2]
    assert list_role_holders(Role.DESK, Role.DIRECTOR, Role.DESK) == [cast.director, cast.desk]
    assert list_role_holders() == []
    RoleGrant.update(ended_at=NOW).where(RoleGrant.person == cast.qa).execute()
    assert list_role_holders(Role.QA) == [cast.qa2]


def test_who_is_retired_holds_no_role(cast):
    Person.update(retired_at=NOW).where(Person.id == cast.qa.id).execute()
    assert list_role_holders(Role.QA) == [cast.qa2]


@pytest.mark.parametrize("role", list(Role))
def test_three_roles_see_every_department(db, role):
    assert sees_all(a_person("某人", role)) is (role in {Role.QA, Role.IMPROVEMENT, Role.DIRECTOR})
    assert {Role.QA, Role.IMPROVEMENT, Role.DIRECTOR} == permissions.ROLES_SEEING_ALL
