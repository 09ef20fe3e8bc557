from __future__ import annotations

from flask import Blueprint

room = Blueprint("campaigns", __name__)
