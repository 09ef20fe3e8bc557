from __future__ import annotations

from flask import Blueprint

room = Blueprint("feedback", __name__)
