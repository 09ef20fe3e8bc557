"""Nobody changes their own roles (I4)."""

from __future__ import annotations

import pytest

from csat.models.roles import Role
from csat.procedure.core.refusals import NoSelfGrant
from csat.procedure.people import accounts, persons
from csat.procedure.people.permissions import roles_of
from tests.builders import NOW
from tests.cast import a_cast


@pytest.mark.parametrize("role", list(Role))
def test_nobody_grants_themselves_a_role(db, role):
    admin = a_cast().admin
    with pytest.raises(NoSelfGrant):
        accounts.grant_role(admin, role, admin, NOW)
    assert roles_of(admin) == {Role.ADMIN}


def test_nobody_takes_a_role_from_themselves(db):
    admin = a_cast().admin
    with pytest.raises(NoSelfGrant):
        accounts.withdraw_role(admin, Role.ADMIN, admin, NOW)


def test_nor_by_retiring_themselves(db):
    admin = a_cast().admin
    with pytest.raises(NoSelfGrant):
        persons.retire_person(admin, NOW.date(), admin, NOW)
    assert roles_of(admin) == {Role.ADMIN}


def test_another_administrator_may(db):
    cast = a_cast()
    accounts.grant_role(cast.admin, Role.QA, cast.admin2, NOW)
    assert roles_of(cast.admin) == {Role.ADMIN, Role.QA}
