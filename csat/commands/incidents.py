"""Commands about incidents, and the work that imports them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from csat import clock
from csat.adapters import files
from csat.commands.group import csat
from csat.commands.opening import open_system
from csat.config import load_config
from csat.models.base import Json
from csat.models.people import Person
from csat.procedure.core import audit, jobs
from csat.procedure.incidents import table_import
from csat.procedure.incidents.incidents import BadRow
from csat.procedure.incidents.mapping import TABLE_MAPS, IncidentMap

MOST_BAD_ROWS = 500  # so many bad rows a job remembers; all of them are counted


@csat.group()
def incidents() -> None:
    """Incidents of the ticket system."""


@incidents.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "map_file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_incidents(file: Path, map_file: Path) -> None:
    """Import incidents from a CSV FILE by a map; name every bad row, and exit with 1 if there was one."""
    config = open_system()
    made = TABLE_MAPS.parse_map(map_file.read_bytes().decode("utf-8-sig", "replace"))
    now = clock.now()
    reading = table_import.read_table(file.read_bytes(), made, config.timezone, now)
    counts = table_import.import_incidents(reading, made, audit.name_command_user(), now, config.timezone)
    click.echo(
        f"{reading.rows} rows, {len(reading.last)} incidents: {counts.new} new, {counts.changed} changed, "
        f"{counts.same} same; {len(counts.bad)} bad rows"
    )
    for bad in counts.bad:
        click.echo(_line(bad, made), err=True)
    if counts.bad:
        sys.exit(1)


@jobs.register_job("import_incidents")
def import_kept_file(arguments: Json, progress: jobs.JobProgress) -> dict[str, object]:
    """Import an uploaded file by a kept map, then delete it: its rows are in the store, or named as bad."""
    config = load_config()
    by = Person.get_by_id(arguments["by"])
    made = TABLE_MAPS.parse_map(TABLE_MAPS.get_map(arguments["map"]).text)
    now = clock.now()
    reading = table_import.read_table(files.read_file(config.files, arguments["place"]), made, config.timezone, now)
    counts = table_import.import_incidents(reading, made, by, now, config.timezone, progress.reached)
    files.delete_file(config.files, arguments["place"])
    return {
        "rows": reading.rows,
        "new": counts.new,
        "changed": counts.changed,
        "same": counts.same,
        "bad": len(counts.bad),
        "bad_rows": [_kept(bad, made) for bad in counts.bad[:MOST_BAD_ROWS]],
    }


def _line(bad: BadRow, made: IncidentMap) -> str:
    column = made.place_of(bad.field)
    return f"line {bad.line}: {column}: {bad.why}" if column else f"line {bad.line}: {bad.why}"


def _kept(bad: BadRow, made: IncidentMap) -> dict[str, object]:
    return {
        "line": bad.line,
        "column": made.place_of(bad.field),
        "sentence": bad.why.sentence,
        "facts": {name: str(fact) for name, fact in bad.why.facts.items()},
    }
