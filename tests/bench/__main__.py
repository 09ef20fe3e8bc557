"""`python -m tests.bench`: how fast it is, beside something on the same machine that cannot be helped.

A bench is a module here with `measure(folder) -> Iterator[Result]`; add its name to BENCHES.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.bench.results import Result

BENCHES = ("figures", "feedback", "report")


def main(names: list[str]) -> int:
    """Run the benches asked for, or all; return how many results miss their target."""
    print(f"{'bench':<34} {'time':>9} {'yardstick':>9} {'ratio':>7} {'target':>7}")
    missed = 0
    for name in names or BENCHES:
        with tempfile.TemporaryDirectory(prefix="csat-bench-") as folder:
            for result in import_module(f"tests.bench.{name}").measure(Path(folder)):
                print(line(result), flush=True)
                missed += not result.reached
    return missed


def line(result: Result) -> str:
    """A row of the table."""
    target = "" if result.target is None else f"≤ {result.target:g}"
    if result.longest is not None:
        target = f"≤ {result.longest:g} s"
    mark = "" if result.peak is None else f"  {result.peak:.0f} MB, ≤ {result.most:g} MB"
    mark += "" if result.reached else "  MISSED"
    times = f"{result.seconds:>8.3f}s {result.yardstick:>8.3f}s {result.ratio:>7.2f}"
    return f"{result.name:<34} {times} {target:>7}{mark}"


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
