"""Each quarter every account's roles are confirmed, or withdrawn, with the last sign-in in view (D4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from peewee import ModelSelect

from csat.database import write
from csat.models.access import Account, RoleGrant
from csat.models.oversight import RoleConfirmation
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.people import permissions


@dataclass(frozen=True)
class AccountToConfirm:
    """An account whose roles wait for a look: what it may do, and since when nobody used it."""

    account: Account
    roles: tuple[Role, ...]
    confirmed: RoleConfirmation | None  # the last time

    @property
    def idle(self) -> bool:
        """Nobody signed in with it since it was last confirmed."""
        last = self.account.last_sign_in_at
        return last is None or (self.confirmed is not None and last < self.confirmed.confirmed_at)


def list_to_confirm(by: Person, now: datetime, zone: tzinfo) -> list[AccountToConfirm]:
    """The accounts whose roles this person is to confirm, by user name."""
    found = _select_to_confirm(by, now, zone).order_by(Account.user_name)
    return [AccountToConfirm(one, tuple(sorted(permissions.roles_of(one.person))), _find_last(one)) for one in found]


def count_to_confirm(by: Person, now: datetime, zone: tzinfo) -> int:
    """How many these are."""
    return _select_to_confirm(by, now, zone).count()


def confirm_roles(keys: list[int], by: Person, now: datetime, zone: tzinfo) -> int:
    """The roles of these accounts stay for this quarter, on record; how many were confirmed."""
    quarter = Quarter.of(now, zone)
    with write():
        for key in keys:
            account = get_or_refuse(_select_to_confirm(by, now, zone), key)
            roles = " ".join(sorted(permissions.roles_of(account.person)))
            RoleConfirmation.create(
                account=account, quarter=int(quarter), roles=roles, confirmed_by=by, confirmed_at=now
            )
            audit.record(by, "roles confirmed", account, now, quarter=str(quarter), roles=roles)
    return len(keys)


def _find_last(account: Account) -> RoleConfirmation | None:
    mine = RoleConfirmation.select().where(RoleConfirmation.account == account)
    return mine.order_by(RoleConfirmation.id.desc()).first()


def _select_to_confirm(by: Person, now: datetime, zone: tzinfo) -> ModelSelect[Account]:
    """Open accounts with roles from before this quarter, not confirmed in it; never one's own.

    An administrator looks at all others; the director at the administrators, so that a lone one is seen to too.
    """
    quarter = Quarter.of(now, zone)
    done = RoleConfirmation.select(RoleConfirmation.account).where(RoleConfirmation.quarter == int(quarter))
    older = RoleGrant.ended_at.is_null() & (RoleGrant.granted_at < quarter.start(zone))
    holders = RoleGrant.select(RoleGrant.person).where(older)
    query = Account.select(Account, Person).join(Person).where(Account.closed_at.is_null(), Account.id.not_in(done))
    query = query.where(Account.person.in_(holders), Account.person != by)
    if permissions.has_permission(by, "accounts"):
        return query
    return query.where(Account.person.in_(permissions.select_holders(Role.ADMIN)))
