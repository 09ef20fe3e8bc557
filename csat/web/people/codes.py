"""The codes of second factors, with the key of this installation."""

from __future__ import annotations

from csat.adapters import keys
from csat.adapters.one_time_codes import SealedCodes
from csat.web.app import current_config


def current_codes() -> SealedCodes:
    """Who makes and checks codes here."""
    return SealedCodes(keys.load_factor_key(current_config().keys))
