from __future__ import annotations

from flask import Blueprint

room = Blueprint("clients", __name__)
