"""Which language a page speaks: as chosen, as the account or link prefers, as the browser asks."""

from __future__ import annotations

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, refresh
from flask_login import current_user

from csat.config import LOCALES
from csat.translations import BABEL, FOLDER, HTML
from csat.web.app import current_config

# Each language in its own words: who looks for theirs reads no other.
LANGUAGE_CHOICES = (("zh", "中文"), ("en", "English"))


def init_app(app: Flask) -> None:
    """Bind Flask-Babel to our choice of language and to the operator's zone."""
    config = app.config["CSAT"]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER)
    Babel(app, locale_selector=lambda: BABEL[current_locale()], timezone_selector=lambda: str(config.timezone))
    app.context_processor(lambda: {"locale": current_locale(), "html_lang": HTML[current_locale()], "locales": LOCALES})


def current_locale() -> str:
    """'zh' or 'en' for this request."""
    if not has_request_context():
        return current_config().locale
    if "locale" not in g:
        g.locale = _choose_locale()
    return g.locale


def switch_language(chosen: str) -> None:
    """Let the rest of this request speak a language (the survey form carries its own)."""
    if chosen in LOCALES:
        g.locale = chosen
        refresh()


def _choose_locale() -> str:
    asked = request.args.get("lang", "")
    if asked in LOCALES:
        return asked
    if g.get("signed_in") and current_user.is_authenticated:
        return current_user.account.locale
    return match_browser_language(request.headers.get("Accept-Language", "")) or current_config().locale


def match_browser_language(header: str) -> str | None:
    """Our language for an Accept-Language header: zh, zh-CN and zh-Hans-CN all mean Chinese."""
    wishes = []
    for at, part in enumerate(header.split(",")):
        tag, _, parameters = part.strip().partition(";")
        code = tag.split("-")[0].lower()
        if code in LOCALES:
            wishes.append((-_parse_weight(parameters), at, code))
    return min(wishes)[2] if wishes else None


def _parse_weight(parameters: str) -> float:
    name, _, number = parameters.strip().partition("=")
    try:
        return float(number) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
