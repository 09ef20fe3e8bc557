from __future__ import annotations

from flask import Blueprint

room = Blueprint("service_desk", __name__)
