"""Whether we are well: for the proxy and the watchman."""

from __future__ import annotations

from flask import Blueprint

from csat import database
from csat.web.access import ANYONE, open_to

room = Blueprint("health", __name__)


@room.get("/healthz")
@open_to(ANYONE)
def healthz() -> tuple[str, int, dict[str, str]]:
    """Say 'ok' when the store answers and is up to date."""
    database.refuse_old_store()
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
