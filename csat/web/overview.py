from __future__ import annotations

from flask import Blueprint

room = Blueprint("overview", __name__)
