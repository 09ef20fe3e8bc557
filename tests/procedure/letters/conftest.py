"""What the stories about letters share."""

from __future__ import annotations

import pytest

from csat.models.clients import Client
from tests.builders import a_client


@pytest.fixture
def client(cast) -> Client:
    return a_client(manager=cast.manager)
