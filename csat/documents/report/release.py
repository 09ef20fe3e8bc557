"""Which release renders: the same one makes the same bytes from the same input (R1)."""

from __future__ import annotations

import hashlib
from functools import cache

from csat.adapters import pdf
from csat.config import PROJECT_ROOT

# What is left out, rules and figures, is in the document already when it is rendered.
RENDERING_SOURCES = (
    "templates/documents",
    "templates/parts",
    "static/report.css",
    "csat/adapters",
    "csat/content/report_sentences.toml",
    "csat/documents",
    "csat/figures/export.py",
    "csat/figures/statistics.py",
    "csat/procedure/commitments/commitments.py",
    "csat/procedure/core/quarter.py",
    "csat/terms.py",
    "csat/translations",
)
SOURCE_SUFFIXES = (".html", ".css", ".py", ".po", ".toml")


@cache
def fingerprint_release() -> str:
    """Of all that makes a report look as it does; with another one the bytes may differ."""
    digest = hashlib.sha256(pdf.get_renderer_version().encode())
    for place in RENDERING_SOURCES:
        whole = PROJECT_ROOT / place
        for path in sorted(whole.rglob("*")) if whole.is_dir() else [whole]:
            if path.suffix in SOURCE_SUFFIXES:
                digest.update(path.relative_to(PROJECT_ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
