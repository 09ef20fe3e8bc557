from __future__ import annotations

from flask import Blueprint

room = Blueprint("receipts", __name__)
