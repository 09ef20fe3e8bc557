"""The first page: where a person's work begins."""

from __future__ import annotations

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from csat.web.access import STAFF, open_to
from csat.web.navigation import find_start_page

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@open_to(STAFF)
def open_start_page() -> Response:
    """Go to the first place of the person's roles."""
    return redirect(find_start_page())
