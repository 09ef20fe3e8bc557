"""Where a contact says, without signing in, that they want no surveys."""

from __future__ import annotations

from flask import Blueprint

room = Blueprint("opt_out", __name__)
