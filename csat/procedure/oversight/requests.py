"""What takes a second person's word: powerful roles, their links, changed addresses, second factors (D4).

An administrator asks, the director or another administrator decides; neither is the one whom it concerns. Only a new
address the person themselves may accept, for it is theirs. What is accepted is done in the same moment.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from peewee import ModelSelect

from csat.database import write
from csat.models.access import Account, RoleGrant
from csat.models.base import Condition
from csat.models.oversight import AccountRequest, NoticeKind, RequestKind
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.core import audit, contact_details
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import DutyConflict, NotFound, NotPermitted, OutOfOrder, Refusal
from csat.procedure.oversight import password_links
from csat.procedure.people import accounts, factors, notices, permissions, persons, second_person
from csat.procedure.people.factors import NoFactor
from csat.procedure.people.second_person import POWERFUL_ROLES
from csat.words import N_

REQUEST_LASTS = timedelta(days=14)


class OwnRequest(DutyConflict):
    sentence = N_("You asked for this, or it concerns you, so somebody else must decide it.")


class RequestPending(Refusal):
    sentence = N_("This was asked for already, and waits for a second person.")


# --- asking ----------------------------------------------------------------------------------------------


def grant_role(person: Person, role: Role, by: Person, now: datetime) -> AccountRequest | None:
    """Give a role at once, or ask for a second person's word: the request, if it takes one."""
    if role not in POWERFUL_ROLES or not second_person.needs_second_person(by):
        accounts.grant_role(person, role, by, now)
        return None
    if by.id == person.id:
        raise OwnRequest
    if role in permissions.roles_of(person):
        return None
    return _ask(RequestKind.ROLE, person, by, now, role=role, email=person.email)


def send_link(account: Account, by: Person, now: datetime, mails: bool) -> AccountRequest | None:
    """Send somebody the link that sets a password, or ask for a second person's word first.

    With mail it goes to the person's own address, and the first one of a powerful account takes a second person.
    Without mail it is displayed to who asks (`display_link`), and each of a powerful account takes one.
    """
    password_links.refuse_unreachable(account, mails)
    first_or_displayed = account.password_hash is None or not mails
    guarded = second_person.is_powerful(account.person) and first_or_displayed
    if guarded and second_person.needs_second_person(by):
        if not mails and _find_accepted_link(account.person, by, now) is not None:
            return None
        return _ask(RequestKind.LINK, account.person, by, now, email=account.person.email)
    if mails:
        password_links.queue_link(account, by, now)
    return None


def display_link(account: Account, by: Person, now: datetime, mails: bool) -> str:
    """The token of a link that nobody can mail: shown once to who asked, told to the person and the director."""
    if mails:
        raise NotPermitted
    with write():
        if second_person.is_powerful(account.person) and second_person.needs_second_person(by):
            accepted = _find_accepted_link(account.person, by, now)
            if accepted is None:
                raise second_person.SecondPersonMissing
            AccountRequest.update(used_at=now).where(AccountRequest.id == accepted.id).execute()
        return password_links.display_link(account, by, now)


def change_person(person: Person, name: str, email: str, telephone: str, by: Person, now: datetime) -> bool:
    """Change a person; whether all of it is done: another address of who has signed in waits for somebody's word.

    Links that set passwords go to this address, so who could change it alone could become anybody.
    """
    wanted = contact_details.parse_email(email)
    with write():
        if wanted == person.email or by.id == person.id or not persons.is_address_guarded(person):
            persons.change_person(person, name, email, telephone, by, now)
            return True
        persons.change_person(person, name, person.email, telephone, by, now)
        _ask(RequestKind.ADDRESS, person, by, now, email=wanted)
        notices.tell_readers([person], person, NoticeKind.ADDRESS_ASKED, by, now)  # to the old address
    return False


def ask_to_remove_factor(account: Account, by: Person, now: datetime) -> AccountRequest:
    """Ask that somebody's second factor is taken away, since telephone and recovery codes are lost."""
    if factors.find_factor(account) is None:
        raise NoFactor
    if account.person_id == by.id:
        raise OwnRequest
    return _ask(RequestKind.FACTOR, account.person, by, now)


# --- deciding --------------------------------------------------------------------------------------------


def list_decidable(by: Person, now: datetime) -> list[AccountRequest]:
    """What waits for this person's word as the second one."""
    return list(_select_decidable(by, now).order_by(AccountRequest.id))


def count_decidable(by: Person, now: datetime) -> int:
    """How much waits for this person's word."""
    return _select_decidable(by, now).count()


def list_open(person: Person, now: datetime) -> list[AccountRequest]:
    """What was asked for about a person and waits."""
    return list(AccountRequest.select().where(_open_condition(now), AccountRequest.person == person))


def list_grants_without_second() -> list[RoleGrant]:
    """Powerful roles in force that one person gave alone: at the first set-up, by a command, or before this rule."""
    alone = RoleGrant.ended_at.is_null() & RoleGrant.second.is_null() & RoleGrant.role.in_(POWERFUL_ROLES)
    query = RoleGrant.select(RoleGrant, Person).join(Person, on=RoleGrant.person)
    return list(query.where(alone, Person.retired_at.is_null()).order_by(RoleGrant.granted_at.desc()))


def accept_request(key: int, by: Person, now: datetime, mails: bool) -> None:
    """Give one's word as the second person: what was asked for is done."""
    with write():
        request = _get_decidable(key, by, now)
        _settle(request, True, by, now)
        if not permissions.has_permission(request.asked_by, "accounts"):  # no longer an administrator
            raise OutOfOrder
        _carry_out(request, by, now, mails)


def refuse_request(key: int, by: Person, now: datetime) -> None:
    """Say no: nothing is done."""
    with write():
        _settle(_get_decidable(key, by, now), False, by, now)


def withdraw_request(key: int, by: Person, now: datetime) -> None:
    """Who asked, or another administrator, does not want it any more."""
    with write():
        request = get_or_refuse(AccountRequest.select().where(_open_condition(now)), key)
        if not permissions.has_permission(by, "accounts"):
            raise NotPermitted
        _settle(request, False, by, now)


def _carry_out(request: AccountRequest, second: Person, now: datetime, mails: bool) -> None:
    asked_by, person = request.asked_by, request.person
    account = accounts.find_account(person)
    if request.kind in (RequestKind.ROLE, RequestKind.LINK) and person.email != request.email:
        raise OutOfOrder  # who was asked for had another address, and the second person may have seen that one
    if request.kind == RequestKind.ROLE and request.role is not None:
        accounts.grant_role(person, request.role, asked_by, now, second)
    elif request.kind == RequestKind.ADDRESS:
        persons.set_address(person, request.email, asked_by, second, now)
    elif account is None or account.closed_at is not None:
        raise NotFound
    elif request.kind == RequestKind.FACTOR:
        factors.remove_factor(account, asked_by, now, second)
    elif mails:  # else who asked has it displayed now
        password_links.queue_link(account, asked_by, now)


def _ask(
    kind: RequestKind, person: Person, by: Person, now: datetime, role: Role | None = None, email: str = ""
) -> AccountRequest:
    with write():
        same = AccountRequest.select().where(
            _open_condition(now), AccountRequest.kind == kind, AccountRequest.person == person
        )
        if kind == RequestKind.ROLE:
            same = same.where(AccountRequest.role == role)
        if kind == RequestKind.ADDRESS:
            for before in same:
                _settle(before, False, by, now)
        elif same.exists():
            raise RequestPending
        request = AccountRequest.create(kind=kind, person=person, asked_by=by, asked_at=now, role=role, email=email)
        audit.record(by, "second person asked", person, now, what=kind.value, role=role.value if role else "")
    return request


def _settle(request: AccountRequest, accepted: bool, by: Person, now: datetime) -> None:
    decided = {"accepted": accepted, "decided_by": by, "decided_at": now}
    AccountRequest.update(decided).where(AccountRequest.id == request.id).execute()
    action = N_("second person accepted") if accepted else N_("second person refused")
    audit.record(by, action, request.person, now, what=request.kind.value, asked_by=request.asked_by_id)


def _get_decidable(key: int, by: Person, now: datetime) -> AccountRequest:
    request = get_or_refuse(AccountRequest, key)
    if request.accepted is not None or request.asked_at <= now - REQUEST_LASTS:
        raise OutOfOrder
    own_address = request.kind == RequestKind.ADDRESS and request.person_id == by.id
    if request.asked_by_id == by.id or (request.person_id == by.id and not own_address):
        raise OwnRequest
    if not own_address and not permissions.has_permission(by, "accounts.second"):
        raise NotPermitted
    return request


def _select_decidable(by: Person, now: datetime) -> ModelSelect[AccountRequest]:
    own_address = (AccountRequest.kind == RequestKind.ADDRESS) & (AccountRequest.person == by)
    theirs = own_address
    if permissions.has_permission(by, "accounts.second"):
        theirs |= AccountRequest.person != by
    return AccountRequest.select().where(_open_condition(now), AccountRequest.asked_by != by, theirs)


def _find_accepted_link(person: Person, by: Person, now: datetime) -> AccountRequest | None:
    """A second person's word for a link of this account, not used yet."""
    given = (AccountRequest.kind == RequestKind.LINK) & AccountRequest.accepted
    fresh = AccountRequest.used_at.is_null() & (AccountRequest.asked_at > now - REQUEST_LASTS)
    mine = (AccountRequest.person == person) & (AccountRequest.asked_by == by)
    return AccountRequest.select().where(given, fresh, mine).first()


def _open_condition(now: datetime) -> Condition:
    return AccountRequest.accepted.is_null() & (AccountRequest.asked_at > now - REQUEST_LASTS)
