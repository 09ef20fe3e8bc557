"""Random histories never break I1–I5: some here, 5,000 in `make drills` (tests/faults/test_histories.py)."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.histories import Histories, a_stage


def test_no_random_history_breaks_the_rules_of_feedback(db):
    class Some(Histories):
        stage = a_stage()

    few = settings(max_examples=25, stateful_step_count=25, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Some, settings=few)
