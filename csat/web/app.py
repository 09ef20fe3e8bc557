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

# The pages anyone may enter come first; they set no cookie and know no session.
PUBLIC_BLUEPRINTS = ("survey", "receipts", "letter_page", "opt_out", "health", "api")
PAGES = (
    "survey.submission",
    "survey.receipts",
    "letters.links",
    "clients.opt_out",
    "health",
    "incidents.api_import",
    "people.sign_in",
    "people.own_account",
    "home",
    "people.persons",
    "people.departments",
    "people.accounts",
    "clients.clients",
    "clients.contacts",
    "clients.imports",
    "incidents.incidents",
    "incidents.table_import",
    "incidents.table_mapping",
    "clients.external_names",
    "campaigns.desk",
    "campaigns.phone_attempts",
    "review.triage",
    "campaigns.campaigns",
    "campaigns.invitations",
    "feedback.follow_up",
    "campaigns.slips",
    "survey.transcripts",
    "mail.outbox",
    "questionnaires.questionnaires",
    "review.queue",
    "review.receipts",
    "review.verdicts",
    "feedback.classification",
    "review.check_calls",
    "review.corrections",
    "archive.search",
    "archive.bundles",
    "feedback.board",
    "feedback.bulk_assignment",
    "feedback.workflow",
    "feedback.confirmation",
    "people.attachments",
    "figures.overview",
    "figures.analysis",
    "figures.drilldown",
    "reports.reports",
    "reports.review",
    "reports.wording",
    "reports.comparison",
    "archive.exports",
    "letters.board",
    "letters.letters",
    "letters.wording",
    "letters.sending",
    "commitments.commitments",
    "commitments.measurements",
    "commitments.missed",
    "risks.points",
    "risks.assessments",
    "jobs",
    "system.audit",
    "system.settings",
    "system.api_keys",
    "incidents.json_mapping",
    "incidents.json_sample",
)


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
        "MAX_FORM_PARTS": 2000,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.secure,
        "SESSION_COOKIE_NAME": "__Host-csat" if config.secure else "csat",
        "WTF_CSRF_TIME_LIMIT": None,
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
    for blueprint in dict.fromkeys(import_module(f"csat.web.{name}").blueprint for name in PAGES):
        app.register_blueprint(blueprint)
