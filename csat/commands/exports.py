"""The work that makes an export, and the sweep of those that were kept long enough."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from csat import clock
from csat.adapters import files, spreadsheet
from csat.config import Config, from_environment
from csat.documents import tables
from csat.procedure.archive import exports
from csat.procedure.archive.exports import Shape, Wanted
from csat.procedure.core import jobs

STEP = 1000  # rows between two looks at the progress
MAKING = "making-"  # folders in which exports grow; what a killed worker left is swept
PATIENCE = timedelta(days=1)


@jobs.work(exports.KIND)
def make(arguments: dict[str, Any], progress: jobs.Progress) -> dict[str, Any]:
    """Write the file of an export row by row, and keep it for whoever asked."""
    config, wanted, now = from_environment(), Wanted.of(arguments), clock.now()
    exports.refuse(wanted)
    expected = tables.total(wanted)

    def reached(rows: int) -> None:
        if rows % STEP == 0:
            progress.reached(min(rows, expected), expected)

    with _growing(config) as target:
        rows = write(wanted, target, now, config, reached)
        size, sha256 = target.stat().st_size, _checksum(target)
        place = files.adopt(config.files, target)
    try:
        file = exports.keep(wanted, place, size, sha256, now)
    except BaseException:
        files.forget(config.files, place)
        raise
    return {"file": file.id, "rows": rows, "size": size}


def write(wanted: Wanted, target: Path, now: datetime, config: Config, reached: spreadsheet.Reached) -> int:
    """Write an export to a place, and return how many rows it has."""
    if wanted.shape is Shape.CSV:
        return spreadsheet.write_csv(target, tables.table(wanted, now, config.timezone), reached)
    return spreadsheet.write_xlsx(target, tables.book(wanted, now, config.timezone), reached)


def sweep(config: Config, now: datetime) -> int:
    """Delete the files of exports that were kept long enough, and what a killed worker left; how many."""
    swept = exports.outdated(now)
    for file in swept:
        exports.forget(file)
        files.forget(config.files, file.place)
    return len(swept) + files.forget_leavings(config.files, MAKING, now - PATIENCE)


@contextmanager
def _growing(config: Config) -> Iterator[Path]:
    """A place beside the kept files, which only their owner can read, gone when something goes wrong."""
    config.files.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=MAKING, dir=config.files) as folder:
        yield Path(folder) / "export"


def _checksum(made: Path) -> str:
    with made.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
