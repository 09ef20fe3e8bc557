from __future__ import annotations

from flask import Blueprint

room = Blueprint("reports", __name__)
