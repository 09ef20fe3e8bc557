"""Sessions, by which we know who acts: begun, seen, listed, ended; and how fresh their last proof is (D4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from csat.database import write
from csat.models.access import Account, Session
from csat.models.base import Condition
from csat.models.people import Person
from csat.procedure.core import audit, tokens
from csat.procedure.core.guards import get_or_refuse

SESSION_IDLE = timedelta(hours=12)  # a working day with its breaks
SESSION_LASTS = timedelta(days=7)  # however busy: a stolen cookie does not live for ever
SEEN_EVERY = timedelta(minutes=5)  # how exactly 'last seen' is kept: each note of it is a write
PROOF_LASTS = timedelta(minutes=15)  # after which grants, links and exports ask for password or code again


@dataclass(frozen=True)
class SessionOrigin:
    """Where a session comes from, for its owner to know it by: address, and the browser in short words."""

    address: str = ""
    browser: str = ""


NOWHERE = SessionOrigin()


def find_session(token: str, now: datetime) -> Session | None:
    """The session a token belongs to, if it is alive; notes that it was seen."""
    query = Session.select(Session, Account, Person).join(Account).join(Person)
    alive = ~_dead_condition(now) & Account.closed_at.is_null()
    session = query.where(Session.token_hash == tokens.hash_token(token), alive).first()
    if session is not None and now - session.seen_at > SEEN_EVERY:
        with write():
            Session.update(seen_at=now).where(Session.id == session.id).execute()
    return session


def begin_session(account: Account, now: datetime, origin: SessionOrigin = NOWHERE) -> str:
    """Begin a session and return its token; dead sessions of anybody are swept."""
    token = tokens.make_token()
    with write():
        Session.delete().where(_dead_condition(now)).execute()
        Session.create(
            token_hash=tokens.hash_token(token),
            account=account,
            made_at=now,
            seen_at=now,
            proved_at=now,
            address=origin.address[:60],
            browser=origin.browser[:60],
        )
        signed_in = {"previous_sign_in_at": Account.last_sign_in_at, "last_sign_in_at": now}
        Account.update(signed_in).where(Account.id == account.id).execute()
        audit.record(account.person, "signed in", account, now)
    return token


def list_sessions(account: Account, now: datetime) -> list[Session]:
    """Where an account is signed in now, the latest seen first."""
    alive = Session.select().where(Session.account == account, ~_dead_condition(now))
    return list(alive.order_by(Session.seen_at.desc(), Session.id.desc()))


def end_session(account: Account, key: int, by: audit.Actor, now: datetime) -> None:
    """End one session of an account."""
    session = get_or_refuse(Session.select().where(Session.account == account), key)
    with write():
        Session.delete().where(Session.id == session.id).execute()
        audit.record(by, "session ended", account, now)


def end_all_sessions(account: Account, by: audit.Actor, now: datetime) -> None:
    """Sign somebody out everywhere: an administrator's act, against a lost telephone or a forgotten browser."""
    with write():
        end_sessions(account)
        audit.record(by, "signed out everywhere", account, now)


def is_proof_fresh(session: Session, now: datetime) -> bool:
    """Whether password or code were typed lately enough for a dangerous act."""
    return now - session.proved_at <= PROOF_LASTS


def note_proof(session: Session, now: datetime) -> None:
    """Password or code were typed once more."""
    with write():
        Session.update(proved_at=now).where(Session.id == session.id).execute()


def sign_out(account: Account, now: datetime) -> None:
    """End every session of an account (D4)."""
    with write():
        end_sessions(account)
        audit.record(account.person, "signed out", account, now)


def end_sessions(account: Account) -> None:
    """Whoever is signed in with this account no longer is."""
    Session.delete().where(Session.account == account).execute()


def _dead_condition(now: datetime) -> Condition:
    return (Session.seen_at <= now - SESSION_IDLE) | (Session.made_at <= now - SESSION_LASTS)
