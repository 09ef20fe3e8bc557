"""Commands about the audit history."""

from __future__ import annotations

import click

from csat.commands.group import csat
from csat.commands.opening import open_system
from csat.models.records import AuditEntry
from csat.procedure.core import audit as history


@csat.group()
def audit() -> None:
    """The audit history."""


@audit.command("verify")
def verify_history() -> None:
    """Say whether the history is whole. Note the last seal elsewhere: it shows if the end is cut off."""
    open_system()
    broken = history.find_first_broken_entry()
    if broken is not None:
        raise click.ClickException(f"entry {broken.id} was changed, or one before it is missing")
    last = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    count = AuditEntry.select().count()
    click.echo(f"The history is whole: {count} entries; the last seal is {last.seal if last else '-'}")
