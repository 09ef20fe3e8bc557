"""A robot plays everybody through the pages, on a clock that is moved along: no dead ends, nothing counted undone.

ROBOT_SEED=7 ROBOT_DAYS=30 .venv/bin/python -m pytest tests/faults/test_robot.py -m fault    plays a run again;
ROBOT_DIARY=build/robot.txt keeps every request, and what was answered.
"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from tests.builders import NOW
from tests.mail_server import mail_config
from tests.robot.player import Robot

pytestmark = pytest.mark.fault  # not of the suite: random keys of responses let two runs of a seed differ
SEED, DAYS = os.environ.get("ROBOT_SEED", "12"), os.environ.get("ROBOT_DAYS", "40")


def test_a_robot_that_plays_everybody_finds_no_dead_end_and_nothing_counted_undone(app, cast, server):
    play(app, cast, server, seed=int(SEED), days=int(DAYS), acts=12)


def test_some_days_of_a_robot_can_be_worked_off_to_the_last_item(app, cast, server):
    play(app, cast, server, seed=2, days=2, acts=8)


def play(app, cast, server, seed: int, days: int, acts: int) -> None:
    app.config["CSAT"] = mail_config(app.config["CSAT"], server)
    robot = Robot(app, cast, server, seed)
    try:
        robot.play(days, acts)
        robot.end(NOW + timedelta(days=days))
    except BaseException:
        print(robot.account())
        raise
