"""Who comes in: what is not declared open is shut.

Every view says whom it is for, `@open_to("review")`, by a right in the table of procedure/roles.py;
`@open_to(STAFF)` is anyone signed in, `@open_to(ANYONE)` the whole world, on purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask, current_app, g, request
from flask_login import LoginManager, current_user
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from csat import clock
from csat.models.access import Account, Session
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.people import factors, sessions
from csat.procedure.people.permissions import PERMISSION_MATRIX, roles_of

View = TypeVar("View", bound=Callable)
# How much may be sent, in bytes.
MAX_PUBLIC_BYTES = 256 * 1024
MAX_STAFF_BYTES = 12 * 1024 * 1024
MAX_UPLOAD_BYTES = 64 * 1024 * 1024  # one file more than is taken, so that it is refused in its form, not before
ANYONE = "anyone"
STAFF = "staff"


class SignInRequired(Exception):
    """A page of the staff was asked for by somebody who is not signed in."""


class CsrfTokenMissing(Exception):
    """Something was sent without the token that our pages carry: the reader decides whether to send it."""


class FactorRequired(Exception):
    """Somebody signed in whose roles need a second factor, and has none."""


class ProofRequired(Exception):
    """Something dangerous was sent, and the last proof of who sends it is too old."""


@dataclass(frozen=True)
class SignedInUser:
    """Who is signed in, by which session: what the pages know as `current_user`."""

    session: Session
    token: str
    account: Account
    person: Person
    roles: frozenset[Role]

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.token

    def may(self, right: str) -> bool:
        """Whether the table gives this person the right."""
        return bool(PERMISSION_MATRIX[right] & self.roles)


def open_to(*rights: str) -> Callable[[View], View]:
    """Declare whom a view is for: ANYONE, STAFF, or rights of the table (one of them suffices)."""
    for right in rights:
        if right not in (ANYONE, STAFF):
            PERMISSION_MATRIX[right]  # an unknown right stops the start

    def declare(view: View) -> View:
        view.__dict__["audience"] = rights
        return view

    return declare


def takes_files(view: View) -> View:
    """Declare that a view takes files: who is signed in may send it more than other views."""
    view.__dict__["takes_files"] = True
    return view


def asks_proof(view: View) -> View:
    """Declare that a view does something dangerous: what is sent to it asks for a fresh proof of who sends it (D4)."""
    view.__dict__["asks_proof"] = True
    return view


def before_factor(view: View) -> View:
    """Declare that a view is open to somebody who must first set up a second factor."""
    view.__dict__["before_factor"] = True
    return view


def current_person() -> Person:
    """The person who is signed in."""
    return current_user.person


def init_app(app: Flask) -> None:
    """Put the guard before every request."""
    manager = LoginManager(app)
    manager.session_protection = None  # our sessions are rows in the store
    manager.user_loader(_load_signed_in)
    app.jinja_env.globals["csrf_token"] = generate_csrf
    app.before_request(_guard_request)


def _load_signed_in(token: str) -> SignedInUser | None:
    session = sessions.find_session(token, clock.now())
    if session is None:
        return None
    person = session.account.person
    return SignedInUser(session, token, session.account, person, roles_of(person))


def _guard_request() -> None:
    if request.endpoint is None:
        g.signed_in = current_user.is_authenticated  # so that "not found" speaks the account's language
        return
    if request.endpoint == "static":  # nothing in it is anybody's, and it needs no session read
        return
    view = current_app.view_functions[request.endpoint]
    rights = getattr(view, "audience", ())
    if ANYONE in rights:
        request.max_content_length = MAX_PUBLIC_BYTES
        return
    if not current_user.is_authenticated:
        raise SignInRequired
    g.signed_in = True
    # A view without rights is open to nobody: what was forgotten is shut.
    if STAFF not in rights and not any(current_user.may(right) for right in rights):
        raise NotPermitted
    if getattr(view, "takes_files", False):  # before the body is read
        request.max_content_length = MAX_UPLOAD_BYTES
    if not getattr(view, "before_factor", False) and factors.is_factor_missing(
        current_user.account, current_user.roles
    ):
        raise FactorRequired
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        _guard_act(view)


def _guard_act(view: Callable) -> None:
    """What is sent carries our token, and where it is dangerous, a fresh proof of who sends it."""
    if not has_valid_csrf():
        raise CsrfTokenMissing
    if getattr(view, "asks_proof", False):
        require_fresh_proof()


def require_fresh_proof() -> None:
    """Raise ProofRequired unless password or code were typed within the last minutes (D4)."""
    if not sessions.is_proof_fresh(current_user.session, clock.now()):
        raise ProofRequired


def has_valid_csrf() -> bool:
    """Whether what was sent carries the token that only our pages in this browser have."""
    if not current_app.config.get("WTF_CSRF_ENABLED", True):
        return True
    try:
        tokens = (text for name, text in request.form.items() if name.endswith("csrf_token"))  # forms have prefixes
        validate_csrf(next(tokens, None))
    except ValidationError:
        return False
    return True
