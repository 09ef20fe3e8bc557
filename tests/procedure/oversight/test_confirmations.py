"""Each quarter every account's roles are looked at, by somebody else than their holder (D4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.oversight import RoleConfirmation
from csat.models.roles import Role
from csat.procedure.core.refusals import NotFound
from csat.procedure.oversight import confirmations
from csat.procedure.people import accounts
from tests.builders import NOW, ZONE, a_person, an_account

NEXT_QUARTER = NOW + timedelta(days=30)


def names(by, now=NEXT_QUARTER) -> set[str]:
    return {one.account.person.name for one in confirmations.list_to_confirm(by, now, ZONE)}


def test_roles_wait_from_the_next_quarter_on_until_they_are_confirmed(cast):
    account = an_account(cast.qa)
    an_account(cast.engineer)  # without a role
    assert names(cast.admin, NOW) == set() and names(cast.admin) == {"乔安"}
    assert confirmations.count_to_confirm(cast.admin, NEXT_QUARTER, ZONE) == 1
    confirmations.confirm_roles([account.id], cast.admin, NEXT_QUARTER, ZONE)
    kept = RoleConfirmation.get()
    assert (kept.quarter, kept.roles, kept.confirmed_by) == (20264, "qa", cast.admin)
    assert names(cast.admin) == set() and names(cast.admin, NEXT_QUARTER + timedelta(days=92)) == {"乔安"}


def test_nobody_confirms_their_own_and_the_director_sees_to_a_lone_administrator(cast):
    own = an_account(cast.admin)
    an_account(cast.qa)
    assert names(cast.admin) == {"乔安"} and names(cast.director) == {"安敏"}
    with pytest.raises(NotFound):
        confirmations.confirm_roles([own.id], cast.admin, NEXT_QUARTER, ZONE)
    confirmations.confirm_roles([own.id], cast.director, NEXT_QUARTER, ZONE)
    assert names(cast.admin2) == {"乔安"}


def test_closed_accounts_and_fresh_roles_wait_for_nobody_and_unused_ones_are_marked(cast):
    gone, fresh = an_account(cast.qa), an_account(a_person("新人"))
    used = an_account(cast.desk)
    accounts.close_account(gone, cast.admin, NOW)
    accounts.grant_role(fresh.person, Role.DESK, cast.admin, NEXT_QUARTER)
    (one,) = confirmations.list_to_confirm(cast.admin, NEXT_QUARTER, ZONE)
    assert one.account == used and one.idle and one.roles == (Role.DESK,)
