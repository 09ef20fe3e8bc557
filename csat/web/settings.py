from __future__ import annotations

from flask import Blueprint

room = Blueprint("settings", __name__)
