"""What ships as data, in Chinese and English: questionnaires, issue types, commitments, words of papers."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load_content(name: str) -> dict[str, Any]:
    """One file of this folder, read once: whoever changes something in it copies it first."""
    return tomllib.loads((files(__name__) / f"{name}.toml").read_text("utf-8"))
