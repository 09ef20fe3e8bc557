from __future__ import annotations

from flask import Blueprint

room = Blueprint("qa_review", __name__)
