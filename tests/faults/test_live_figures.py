"""The walk over every page that readers without single responses can open, as a drill (F4)."""

from __future__ import annotations

import pytest

from tests.web.test_live_figures import OTHERS, waiting, walk_around_one_verdict  # noqa: F401

pytestmark = pytest.mark.fault


@pytest.mark.parametrize("role", OTHERS)
def test_one_verdict_moves_no_page_that_they_can_open(app, page, cast, waiting, zone, role):  # noqa: F811
    walk_around_one_verdict(app, page, cast, waiting, zone, role, ("/",))
