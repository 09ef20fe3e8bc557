"""Commands about clients."""

from __future__ import annotations

from pathlib import Path

import click

from csat import clock
from csat.adapters import table_reader
from csat.commands.group import csat
from csat.commands.opening import open_system
from csat.procedure.clients import imports
from csat.procedure.core import audit


@csat.group()
def clients() -> None:
    """Clients and contacts."""


@clients.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_clients(file: Path) -> None:
    """Import clients and contacts from FILE (CSV or XLSX): all of it, or nothing."""
    config, now = open_system(), clock.now()
    day = now.astimezone(config.timezone).date()
    try:
        table = table_reader.read_table(file.read_bytes(), imports.MOST_ROWS)
    except table_reader.TableUnreadable as error:
        raise click.ClickException(str(error)) from error
    for problem in imports.plan_import(table.head, table.rows, day).problems:
        click.echo(f"line {problem.line}, {problem.column}: {problem.refusal}", err=True)
    counts = imports.import_clients(table.head, table.rows, day, audit.name_command_user(), now)
    click.echo(", ".join(f"{kind.replace('_', ' ')}: {n}" for kind, n in counts.items()))
