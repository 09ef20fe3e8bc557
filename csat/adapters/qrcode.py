"""QR codes, drawn here: no address leaves the house to become a picture."""

from __future__ import annotations

import segno

QUIET_ZONE = 4  # modules of white around the code, which readers need


def make_data_uri(text: str) -> str:
    """A QR code of a text as a picture in a `data:` address; it can lose 15 % of itself and still be read."""
    code = segno.make(text, error="m", micro=False)  # many telephones cannot read micro codes
    return code.svg_data_uri(border=QUIET_ZONE, omitsize=True)
