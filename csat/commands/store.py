"""Commands that make and keep the store."""

from __future__ import annotations

import click

from csat.commands.group import csat
from csat.commands.opening import set_up_system
from csat.commands.people import invite_first_administrator
from csat.config import load_config


@csat.command()
def init() -> None:
    """Make the store, load what ships, and print a link for the first administrator if there is none."""
    config = load_config()
    set_up_system(config)
    invite_first_administrator(config)


@csat.command()
def migrate() -> None:
    """Bring the store's tables up to this software."""
    for name in set_up_system(load_config()):
        click.echo(f"applied {name}")
