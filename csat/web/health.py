"""Whether we are well: for the proxy and the watchman."""

from __future__ import annotations

from flask import Blueprint, current_app
from peewee import PeeweeException

from csat import database
from csat.web.access import ANYONE, open_to

blueprint = Blueprint("health", __name__)
PLAIN_TEXT = {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/healthz")
@open_to(ANYONE)
def check_health() -> tuple[str, int, dict[str, str]]:
    """Say 'ok' when the store answers and is up to date; 503 otherwise."""
    try:
        database.refuse_old_store()
    except (database.StoreBehind, PeeweeException) as trouble:
        current_app.logger.error("not well: %s", trouble)
        return "not well: see the log\n", 503, PLAIN_TEXT  # anybody reads this: no reasons
    return "ok\n", 200, PLAIN_TEXT
