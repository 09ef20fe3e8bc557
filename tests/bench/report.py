"""The quarterly report: seconds and memory for the demo's quarter, and for 100,000 responses.

Each is made in a process of its own, so that its peak is its own; the floor is a PDF of one line, made alike.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from csat import clock, database
from csat.commands.opening import prepare_system
from csat.procedure.review import tally
from tests.bench import figures
from tests.bench.results import Result
from tests.builders import NOW
from tests.conftest import config_in

RUNS = 3
DEMO_QUARTER = "2026Q3"


@dataclass(frozen=True)
class Made:
    """What one process reports of itself."""

    seconds: float
    peak: float  # megabytes


def measure(folder: Path) -> Iterator[Result]:
    """Fill two stores, and make a report of each."""
    demo, large = folder / "demo", folder / "large"
    _in(demo, "flask", "csat", "demo")
    with clock.freeze_at(NOW):
        prepare_system(config_in(large))
        figures.fill(Random(1))
        tally.rebuild_tally()
    database.close_store()
    floor = _best(demo, "floor")
    for name, place, quarter, longest, most in (
        ("report of the demo's quarter", demo, DEMO_QUARTER, 4.0, 400),
        ("report of 100,000 responses", large, str(figures.LAST), 15.0, 600),
    ):
        made = _best(place, quarter)
        yield Result(name, made.seconds, floor.seconds, longest=longest, peak=made.peak, most=most)


def _best(place: Path, what: str) -> Made:
    """The fastest of several runs; the peak is the highest of all."""
    runs = [Made(**json.loads(_in(place, "tests.bench.report_once", what))) for _ in range(RUNS)]
    return Made(min(run.seconds for run in runs), max(run.peak for run in runs))


def _in(place: Path, *module: str) -> str:
    """Run a module of ours against a store."""
    surroundings = {**os.environ, "CSAT_INSTANCE": str(place)}
    ended = subprocess.run(
        [sys.executable, "-m", *module], env=surroundings, check=True, capture_output=True, text=True
    )
    return ended.stdout.strip().splitlines()[-1]
