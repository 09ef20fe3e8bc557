from __future__ import annotations

from flask import Blueprint

room = Blueprint("improvement", __name__)
