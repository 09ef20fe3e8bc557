"""The suite is the same everywhere: two workers, or two machines, find the same tests by the same names."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import sleep

from csat.config import PROJECT_ROOT

COLLECT = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider", "tests"]
HERE = {"PYTHONHASHSEED": "1", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8"}
ELSEWHERE = {"PYTHONHASHSEED": "2", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"}


def begin_collecting(**environ: str) -> subprocess.Popen[str]:
    """A pytest of its own that only collects; in one long life, modules would be read only once."""
    return subprocess.Popen(
        COLLECT,
        env={**os.environ, **environ},
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def collected(collecting: subprocess.Popen[str]) -> list[str]:
    """The names of the tests, in order."""
    told, _ = collecting.communicate()
    assert collecting.returncode == 0, told
    return [line for line in told.splitlines() if "::" in line]


def test_two_collections_find_the_same_tests_whatever_the_time_the_zone_the_locale_and_the_order_of_sets():
    first = begin_collecting(**HERE)
    sleep(2)  # a zip counts time in steps of two seconds
    second = begin_collecting(**ELSEWHERE)
    names, again = collected(first), collected(second)
    assert names
    assert [one for one in zip(names, again, strict=False) if one[0] != one[1]][:3] == []
    assert len(names) == len(again)
    for place in (str(PROJECT_ROOT), tempfile.gettempdir(), str(Path.home())):
        assert [name for name in names if f"{place}/" in name] == []
