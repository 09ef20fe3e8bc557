from __future__ import annotations

from flask import Blueprint

room = Blueprint("incidents", __name__)
