from __future__ import annotations

from flask import Blueprint

room = Blueprint("jobs", __name__)
