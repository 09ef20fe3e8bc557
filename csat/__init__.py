"""CSAT: ask clients after every service, check what they say, act on it, and report each quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csat.config import PROJECT_ROOT, Config, load_config

if TYPE_CHECKING:
    from flask import Flask


def create_app(config: Config | None = None) -> Flask:
    """Build the web application from its configuration; raise ConfigurationWrong or StoreBehind."""
    from csat import clock, database, translations
    from csat.adapters import keys
    from csat.procedure.core import audit
    from csat.web import access, errors, formatting, language, navigation
    from csat.web import app as pages

    config = config or load_config()
    app = pages.CsatApp(
        __name__, template_folder=str(PROJECT_ROOT / "templates"), static_folder=str(PROJECT_ROOT / "static")
    )
    app.config.from_mapping(
        pages.build_flask_settings(config), SECRET_KEY=keys.load_secret_key(config.keys), CSAT=config
    )
    database.open_store(config.database, config.drafts)
    audit.set_seal_key(keys.load_audit_key(config.keys))
    clock.set_zone(config.timezone)
    database.refuse_old_store()  # several workers start at once: none of them migrates
    translations.compile_when_older()
    pages.trust_proxies(app, config.trusted_proxies)
    for part in (language, access, errors, formatting, navigation):
        part.init_app(app)
    pages.register_pages(app)
    return app
