"""A robot plays everybody through the pages, on a clock that is moved along: no dead ends, nothing counted undone.

ROBOT_SEED=7 ROBOT_DAYS=30 .venv/bin/python -m pytest tests/faults/test_robot.py -m fault    plays a run again;
ROBOT_DIARY=build/robot.txt keeps every request, and what was answered; ROBOT_GO_ON=1 plays on past what it finds.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from csat.adapters import pdf
from tests.builders import NOW
from tests.mail_server import mail_config
from tests.robot.acts import SELDOM
from tests.robot.chance import all_chance_from
from tests.robot.player import Robot

pytestmark = pytest.mark.fault
SEED, DAYS = os.environ.get("ROBOT_SEED", "12"), os.environ.get("ROBOT_DAYS", "365")
SPARSE = (1, 2, 3, 4, 5, 6)  # days from one that is played to the next


@pytest.fixture
def printed_once(monkeypatch) -> None:
    """Of each kind of document the first is really printed: a year moves their states, and printing took half of it."""
    for print_it in (pdf.render_pdf, pdf.count_pages):
        known: dict[Path, Any] = {}

        def print_first(html: str, kind: Path, *more: Any, print_it=print_it, known=known, **named: Any) -> Any:
            if kind not in known:
                known[kind] = print_it(html, kind, *more, **named)
            return known[kind]

        monkeypatch.setattr(pdf, print_it.__name__, print_first)


@pytest.fixture
def stage(app, cast, server, printed_once, monkeypatch):
    """The application of a house that sends mail, also for the works that it queues."""
    app.config["CSAT"] = mail_config(app.config["CSAT"], server)
    monkeypatch.setenv("CSAT_SMTP_URL", server.url)
    monkeypatch.setenv("CSAT_MAIL_FROM", app.config["CSAT"].mail_from)
    monkeypatch.setenv("CSAT_BASE_URL", "http://localhost")
    return app, cast, server


def test_a_year_of_everybody_finds_no_dead_end_and_nothing_counted_undone(stage):
    robot = play(*stage, seed=int(SEED), days=int(DAYS), acts=8, gaps=SPARSE)
    if int(DAYS) >= 365:
        assert not set(robot.acts.list_missing()) - SELDOM


def test_some_days_of_a_robot_can_be_worked_off_to_the_last_item(stage):
    play(*stage, seed=2, days=2, acts=8)


def play(app, cast, server, seed: int, days: int, acts: int, gaps=(1,)) -> Robot:
    with all_chance_from(seed):
        robot = Robot(app, cast, server, seed)
        try:
            robot.play(days, acts, gaps=gaps)
            robot.end(NOW + timedelta(days=days))
        finally:
            print(robot.acts.summary(), *robot.found, sep="\n\n")
    assert not robot.found
    return robot
