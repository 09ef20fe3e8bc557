from __future__ import annotations

from flask import Blueprint

room = Blueprint("sign_in", __name__)
