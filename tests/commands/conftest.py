"""Commands as typed at the machine, on the test's own store."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from csat.commands import csat


@pytest.fixture
def run(db) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(csat, [str(word) for word in words])
