"""The work that makes an export, and the sweep of those that were kept long enough."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from csat import clock
from csat.adapters import files, spreadsheet
from csat.config import Config, load_config
from csat.documents import tables
from csat.procedure.archive import exports
from csat.procedure.archive.exports import ExportRequest, FileFormat
from csat.procedure.core import jobs

PROGRESS_STEP = 1000  # rows between two looks at the progress
WORK_PREFIX = "making-"  # folders in which exports grow; what a killed worker left is swept
LEFTOVER_AGE = timedelta(days=1)


@jobs.register_job(exports.JOB_KIND)
def make_export(arguments: Mapping[str, object], progress: jobs.JobProgress) -> dict[str, object]:
    """Write the file of an export row by row, and keep it for whoever asked."""
    config, wanted, now = load_config(), ExportRequest.of(arguments), clock.now()
    exports.refuse_request(wanted)
    expected = tables.count_rows(wanted)

    def reached(rows: int) -> None:
        if rows % PROGRESS_STEP == 0:
            progress.reached(min(rows, expected), expected)

    with _growing(config) as target:
        rows = write_export(wanted, target, now, config, reached)
        size, sha256 = target.stat().st_size, _checksum(target)
        place = files.adopt_file(config.files, target)
    try:
        file = exports.store_export(wanted, place, size, sha256, now)
    except BaseException:
        files.delete_file(config.files, place)
        raise
    return {"file": file.id, "rows": rows, "size": size}


def write_export(
    wanted: ExportRequest, target: Path, now: datetime, config: Config, reached: spreadsheet.RowsDone
) -> int:
    """Write an export to a place, and return how many rows it has."""
    if wanted.shape is FileFormat.CSV:
        return spreadsheet.write_csv(target, tables.build_table(wanted, now, config.timezone), reached)
    return spreadsheet.write_xlsx(target, tables.build_workbook(wanted, now, config.timezone), reached)


def delete_outdated_exports(config: Config, now: datetime) -> int:
    """Delete the files of exports that were kept long enough, and what a killed worker left; how many."""
    swept = exports.list_outdated_files(now)
    for file in swept:
        exports.delete_file(file)
        files.delete_file(config.files, file.place)
    return len(swept) + files.delete_leftovers(config.files, WORK_PREFIX, now - LEFTOVER_AGE)


@contextmanager
def _growing(config: Config) -> Iterator[Path]:
    """A place beside the kept files, which only their owner can read, gone when something goes wrong."""
    config.files.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=WORK_PREFIX, dir=config.files) as folder:
        yield Path(folder) / "export"


def _checksum(made: Path) -> str:
    with made.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
