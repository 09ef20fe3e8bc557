"""What the stories about reports on the web share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def environment(config, monkeypatch):
    """Works read their folders from the environment, as in the worker."""
    monkeypatch.setenv("CSAT_INSTANCE", str(config.instance))
