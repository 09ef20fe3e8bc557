"""The pages: one room per step, its form above its view."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from csat.config import Config

# The rooms anyone may enter come first; they set no cookie and know no session.
PUBLIC_ROOMS = ("survey", "receipts", "letter_page", "opt_out", "health", "api")
ROOMS = (
    *PUBLIC_ROOMS,
    "sign_in",
    "home",
    "people",
    "clients",
    "incidents",
    "incident_import",
    "aliases",
    "service_desk",
    "calls",
    "sorting",
    "campaigns",
    "closing_checks",
    "slips",
    "records",
    "mail",
    "questionnaires",
    "qa_review",
    "check_calls",
    "corrections",
    "archive",
    "bundles",
    "feedback",
    "improvement",
    "evidence",
    "overview",
    "analysis",
    "behind",
    "reports",
    "report_words",
    "report_compare",
    "exports",
    "letters",
    "letter_sending",
    "commitments",
    "measurements",
    "commitment_answers",
    "risks",
    "risk_sheets",
    "jobs",
    "audit",
    "settings",
    "api_keys",
    "intake_maps",
)
PUBLIC_BODY = 256 * 1024
STAFF_BODY = 12 * 1024 * 1024
FILES_BODY = 64 * 1024 * 1024  # one file more than is taken, so that it is refused in its form, not before


class House(Flask):
    """Flask, but its log never holds an address: addresses of clients are capabilities (anonymity 9)."""

    def log_exception(self, exc_info: Any) -> None:
        self.logger.error("Exception in %s [%s]", request.endpoint, request.method, exc_info=exc_info)


class Key(IntegerConverter):
    """A record's key in an address: no larger than a store can hold, anything else is a 404."""

    def __init__(self, map: Map, **more: Any) -> None:
        super().__init__(map, **{"max": 2**63 - 1, **more})


def flask_settings(config: Config) -> dict[str, Any]:
    """What Flask and its extensions are told."""
    return {
        "MAX_CONTENT_LENGTH": STAFF_BODY,
        "MAX_FORM_MEMORY_SIZE": STAFF_BODY,
        "MAX_FORM_PARTS": 2000,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.secure,
        "SESSION_COOKIE_NAME": "__Host-csat" if config.secure else "csat",
        "WTF_CSRF_TIME_LIMIT": None,
        "PUBLIC_ROOMS": frozenset(PUBLIC_ROOMS),
    }


def behind_proxies(app: Flask, hops: int) -> None:
    """Believe so many proxies about the reader's address and scheme; with none, believe nobody."""
    if hops:
        app.__dict__["wsgi_app"] = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)


def register_rooms(app: Flask) -> None:
    """Open every room: the blueprint named `room` of each module of this package."""
    app.url_map.converters["int"] = Key
    for name in ROOMS:
        app.register_blueprint(import_module(f"csat.web.{name}").room)
