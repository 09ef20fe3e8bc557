"""The Flask application: its settings, and the pages that are registered with it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from csat.config import Config
from csat.procedure.core.guards import LARGEST_KEY
from csat.web.access import MAX_STAFF_BYTES

# The pages anyone may enter: they set no cookie and know no session.
PUBLIC_BLUEPRINTS = ("survey", "short_codes", "receipts", "letter_page", "preview_page", "opt_out", "health", "api")
# The modules of pages, by room; those of no room first.
PAGES = {
    "": "health home jobs",
    "archive": "search bundles exports",
    "campaigns": "desk phone_attempts campaigns invitations slips paper_forms",
    "clients": "own_clients opt_out clients contacts imports external_names",
    "commitments": "commitments measurements missed",
    "feedback": "follow_up classification board entering praise bulk_assignment workflow confirmation due_days",
    "figures": "overview analysis drilldown",
    "incidents": "api_import incidents table_import table_mapping json_mapping json_sample",
    "letters": "links board letters wording sending",
    "mail": "outbox survey_mails",
    "oversight": "approvals role_confirmations",
    "people": (
        "sign_in proof own_account second_factor factor_roles persons departments department_names accounts attachments"
    ),
    "questionnaires": "questionnaires editor publishing preview public_preview review dimension_names",
    "reports": "reports review wording comparison",
    "review": "triage queue receipts verdicts check_calls corrections unproven",
    "risks": "points assessments issue_types",
    "survey": "submission short_codes receipts transcripts own_records refusal_corrections paper_entry",
    "system": "audit settings days_off api_keys",
}


class CsatApp(Flask):
    """Flask, but its log never holds an address: addresses of clients are capabilities (anonymity 9)."""

    def log_exception(self, exc_info: Any) -> None:
        self.logger.error("Exception in %s [%s]", request.endpoint, request.method, exc_info=exc_info)


class RecordKeyConverter(IntegerConverter):
    """A record's key in an address: no larger than a store can hold, anything else is a 404."""

    def __init__(self, map: Map, **more: Any) -> None:
        super().__init__(map, **{"max": LARGEST_KEY, **more})


def current_config() -> Config:
    """What the operator set up for the application that runs."""
    return current_app.config["CSAT"]


def build_flask_settings(config: Config) -> dict[str, object]:
    """What Flask and its extensions are told."""
    return {
        "MAX_CONTENT_LENGTH": MAX_STAFF_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_STAFF_BYTES,
        "MAX_FORM_PARTS": 2000,  # a sheet of all 48 points has about 200 fields, a long list of ticks more
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.secure,
        "SESSION_COOKIE_NAME": "__Host-csat" if config.secure else "csat",
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form may stay open over lunch
        "PUBLIC_BLUEPRINTS": frozenset(PUBLIC_BLUEPRINTS),
    }


def trust_proxies(app: Flask, hops: int) -> None:
    """Believe so many proxies about the reader's address and scheme; with none, believe nobody."""
    if hops:
        app.__dict__["wsgi_app"] = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)


def register_pages(app: Flask) -> None:
    """Register the blueprint of each module of pages."""
    app.url_map.converters["int"] = RecordKeyConverter
    # Modules of one room may share a blueprint: it is complete when all of them are imported.
    names = [f"{room}.{page}".lstrip(".") for room, pages in PAGES.items() for page in pages.split()]
    for blueprint in dict.fromkeys(import_module(f"csat.web.{name}").blueprint for name in names):
        app.register_blueprint(blueprint)
