"""What the stories about letters on the web share."""

from __future__ import annotations

import pytest

from tests.builders import a_client


@pytest.fixture
def client(cast):
    return a_client("华东物流", manager=cast.manager, name_en="East China Logistics")
