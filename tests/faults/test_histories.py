"""Five thousand random histories of feedback, each compared step by step with a reckoning of our own."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.histories import Histories, a_stage

pytestmark = pytest.mark.fault
HISTORIES = 5000


def test_five_thousand_random_histories_break_no_rule(db):
    ended: list[int] = []

    class Many(Histories):
        stage = a_stage()

        def teardown(self) -> None:
            ended.append(sum(twin.closed is not None for twin in self.twins))
            super().teardown()

    many = settings(
        max_examples=HISTORIES,
        stateful_step_count=20,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Many, settings=many)
    assert len(ended) >= HISTORIES
    assert sum(map(bool, ended)) > HISTORIES / 20  # many of them got to an end
