from __future__ import annotations

from flask import Blueprint

room = Blueprint("audit", __name__)
