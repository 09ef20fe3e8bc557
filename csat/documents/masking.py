"""What must not stand in a document that many read: addresses, numbers, and names somebody left."""

from __future__ import annotations

import re
from collections.abc import Iterable

EMAIL = re.compile(r"([A-Za-z0-9])[A-Za-z0-9._%+-]*[@＠]([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
DIGITS = re.compile(r"(?<![0-9A-Za-z])\+?[0-9](?:[ \-()（）]?[0-9]){6,17}(?![0-9A-Za-z])")
TWINS = str.maketrans("０１２３４５６７８９－", "0123456789-")
MASKED_NAME = "＊＊"


def mask_text(text: str, names: Iterable[str] = ()) -> str:
    """A text without e-mail addresses, telephone and other long numbers, and without these names."""
    text = EMAIL.sub(r"\1***@\2", text.translate(TWINS))
    text = DIGITS.sub(_masked_number, text)
    for name in sorted((name for name in names if len(name.strip()) > 1), key=len, reverse=True):
        text = re.sub(re.escape(name.strip()), MASKED_NAME, text, flags=re.IGNORECASE)
    return text


def _masked_number(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    if re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])", digits):
        return match[0]  # a date, 2026-09-14
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else f"{digits[:2]}****{digits[-2:]}"
