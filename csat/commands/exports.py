"""The work that makes an export, and the sweep of those that were kept long enough."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from csat import clock
from csat.adapters import files, spreadsheet
from csat.commands.kept_files import WORK_PREFIX, delete_kept_files, growing_file, keep_or_delete_files
from csat.config import Config, load_config
from csat.documents import tables
from csat.procedure.archive import exports
from csat.procedure.archive.exports import ExportRequest, FileFormat
from csat.procedure.core import jobs

PROGRESS_STEP = 1000  # rows between two looks at the progress
LEFTOVER_AGE = timedelta(days=1)  # no work takes that long


@jobs.register_job(exports.JOB_KIND)
def make_export(arguments: Mapping[str, object], progress: jobs.JobProgress) -> dict[str, object]:
    """Write the file of an export row by row, and keep it for whoever asked."""
    config, wanted, now = load_config(), ExportRequest.of(arguments), clock.now()
    exports.refuse_request(wanted)  # the role may be gone since it was asked for
    expected = tables.count_rows(wanted)

    def reached(rows: int) -> None:
        if rows % PROGRESS_STEP == 0:
            progress.reached(min(rows, expected), expected)

    with growing_file(config.files) as target, keep_or_delete_files(config.files) as keeper:
        rows = write_export(wanted, target, now, config, reached)
        made = keeper.keep(target, wanted.file_name, exports.MEDIA_TYPES[wanted.shape], wanted.by, now)
        file = exports.store_export(wanted, made.place, made.size, made.sha256, now)
    return {"file": file.id, "rows": rows, "size": file.size}


def write_export(
    wanted: ExportRequest, target: Path, now: datetime, config: Config, reached: spreadsheet.RowsDone
) -> int:
    """Write an export to a place, and return how many rows it has."""
    if wanted.shape is FileFormat.CSV:
        return spreadsheet.write_csv(target, tables.build_table(wanted, now, config.timezone), reached)
    return spreadsheet.write_xlsx(target, tables.build_workbook(wanted, now, config.timezone), reached)


def delete_outdated_exports(config: Config, now: datetime) -> int:
    """Delete the files of exports that were kept long enough, and what a killed worker left; how many."""
    swept = delete_kept_files(config.files, exports.list_outdated_files(now))
    return swept + files.delete_leftovers(config.files, WORK_PREFIX, now - LEFTOVER_AGE)
