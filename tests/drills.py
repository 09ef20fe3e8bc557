"""`python -m tests.drills`: plays every fault and attack, and prints what was attacked and how it ended.

The drills are the tests marked `fault`; what one attacks is its name, read as a sentence.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

WIDTH = 96
HERE = Path(__file__).parent


class Table:
    """Prints a row for each drill as it ends, and keeps the accounts of those that failed."""

    def __init__(self) -> None:
        self.accounts: list[str] = []
        self.number = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        if report.when == "teardown" and report.skipped:
            return
        self.number += 1
        ended = "held" if report.passed else "skipped" if report.skipped else "BROKE"
        print(row(told(report.nodeid), ended, f"{report.duration:.1f} s"), flush=True)
        if report.failed:
            self.accounts.append(f"{report.nodeid}\n{report.longreprtext}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.accounts.append(f"{report.nodeid}\n{report.longreprtext}")


def told(nodeid: str) -> str:
    """A drill in words: tests/faults/test_smtp.py::test_a_cut_line[late] → smtp: a cut line (late)."""
    place, _, name = nodeid.partition("::")
    name, _, variant = name.partition("[")
    words = name.rsplit("::", 1)[-1].removeprefix("test_").replace("_", " ")
    variant = f" ({variant.removesuffix(']')})" if variant else ""
    return f"{Path(place).stem.removeprefix('test_')}: {words}{variant}"


def row(what: str, ended: str, took: str) -> str:
    """A line of the table; what is too long is cut."""
    what = what if len(what) <= WIDTH else f"{what[: WIDTH - 1]}…"
    return f"{what:<{WIDTH}}  {ended:<7}  {took:>8}"


def main(arguments: list[str]) -> int:
    """Play the drills; return pytest's exit code."""
    table = Table()
    print(row("what was attacked", "result", "took"))
    chosen = ["-m", "fault", "--hypothesis-profile=search", "-p", "no:terminal"]
    code = pytest.main([*chosen, *(arguments or [str(HERE)])], plugins=[table])
    print(f"{table.number} drills, {len(table.accounts)} of them broke.")
    for account in table.accounts:
        print(f"\n{account}")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
