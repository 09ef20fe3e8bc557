from __future__ import annotations

from flask import Blueprint

room = Blueprint("survey", __name__)
