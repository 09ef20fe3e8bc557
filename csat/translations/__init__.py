"""The catalogues: English msgids stand in the code, the Chinese catalogue is complete."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from secrets import token_hex

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent
BABEL = {"zh": "zh", "en": "en"}
HTML = {"zh": "zh-Hans", "en": "en"}


def compile_when_older() -> None:
    """Compile each catalogue whose compiled form is missing or older than its text; others may do so too."""
    for text in FOLDER.glob("*/LC_MESSAGES/messages.po"):
        compiled = text.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= text.stat().st_mtime:
            continue
        with text.open("rb") as source:
            catalogue = read_po(source)
        fresh = compiled.with_suffix(f".{token_hex(4)}.new")
        with fresh.open("wb") as target:
            write_mo(target, catalogue)
        fresh.replace(compiled)


@cache
def catalogue(locale: str) -> NullTranslations:
    """The translations of one of our languages, for what is rendered outside a request."""
    compile_when_older()
    return Translations.load(str(FOLDER), [BABEL[locale]])
