"""Breaks the rules in every small way, and tells which breaks the tests beside them do not notice (make mutants).

The modules stand in setup.cfg; beside csat/procedure/review/tally.py lie the tests of
tests/procedure/review/test_tally.py. Fails where less than LEAST of a module's mutants are killed; what is
printed of the survivors is explained in docs/mutants.md.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path

from mutmut.__main__ import _run
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

LEAST = 0.90
BROKEN, LOG = Path("mutants"), Path("build/mutants.log")
KILLED = ("killed", "timeout")  # what never ends is noticed, too


def break_module(module: str, processes: int) -> None:
    """Let mutmut break one module, in a process of its own: it changes the folder, the paths and much else."""
    with LOG.open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    config().only_mutate = [module]
    place = Path("tests", *Path(module).parts[1:])
    config().pytest_add_cli_args_test_selection = [str(place.with_name(f"test_{place.name}"))]
    _run((), processes)


def measure(module: str, processes: int) -> tuple[int, list[str]]:
    """How many mutants a module has, and the changes that no test noticed."""
    shutil.rmtree(BROKEN, ignore_errors=True)
    with tempfile.TemporaryDirectory() as store:
        os.environ["READY_STORE"] = store  # tests/conftest.py: one for all runs
        process = multiprocessing.get_context("fork").Process(target=break_module, args=(module, processes))
        process.start()
        process.join()
    if process.exitcode:
        sys.exit(f"{module}: mutmut failed, see {LOG}\n{LOG.read_text('utf-8', 'replace')[-2000:]}")
    data = SourceFileMutationData(path=module)
    data.load()
    statuses = {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items()}
    left = [name for name, status in statuses.items() if status not in KILLED]
    return len(statuses), [f"{statuses[name]}\n{get_diff_for_mutant(name, path=module)}" for name in left]


def main(names: list[str]) -> int:
    """Measure the modules of these names, or all; return 1 where too few mutants are killed."""
    LOG.parent.mkdir(exist_ok=True)
    too_few, survivors = 0, []
    print(f"{'module':<45}{'mutants':>8}{'killed':>8}{'share':>8}")
    for module in config().only_mutate:
        if names and Path(module).stem not in names:
            continue
        number, left = measure(module, os.cpu_count() or 1)
        killed = number - len(left)
        too_few |= killed < LEAST * number
        survivors += left
        print(f"{module:<45}{number:>8}{killed:>8}{killed / number:>8.1%}", flush=True)
    print("", *survivors, sep="\n")
    return int(too_few)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
