"""Templates rendered outside a request: everything escaped, nothing left undefined, texts of one language."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from csat.config import PROJECT_ROOT
from csat.translations import catalogue


def render_template(template: str, language: str, **values: object) -> str:
    """A template of the project in a document's language."""
    return _environment(language).get_template(template).render(**values)


@cache  # reading and compiling the templates takes longer than rendering them
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(PROJECT_ROOT / "templates"),
        autoescape=True,  # strangers wrote a part of what is rendered
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    cast(Any, environment).install_gettext_translations(catalogue(language), newstyle=True)
    return environment
