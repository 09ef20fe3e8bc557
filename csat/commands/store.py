"""Commands that make and keep the store."""

from __future__ import annotations

import os

import click

from csat import clock, database, translations
from csat.adapters import keys
from csat.config import Config, load_config
from csat.models.drafts import Draft
from csat.procedure.core import audit
from csat.procedure.upkeep import shipped

PRIVATE_UMASK = 0o077  # umask: what we make, only we can read


def add_commands(group: click.Group) -> None:
    """Add these commands to the group."""
    group.add_command(init)
    group.add_command(migrate)


def open_system() -> Config:
    """The configuration, with the store open and up to date: what nearly every command begins with."""
    os.umask(PRIVATE_UMASK)
    config = load_config()
    audit.set_seal_key(keys.load_audit_key(config.keys))
    database.open_store(config.database, config.drafts)
    database.refuse_old_store()
    return config


def prepare_system(config: Config) -> list[str]:
    """Make folders, keys and tables, and load what ships: harmless when done already."""
    os.umask(PRIVATE_UMASK)
    for folder in (config.instance, config.files):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    keys.load_secret_key(config.keys)
    audit.set_seal_key(keys.load_audit_key(config.keys))
    translations.compile_when_older()
    database.open_store(config.database, config.drafts)
    applied = database.migrate_store()
    database.drafts.create_tables([Draft], safe=True)
    shipped.load_shipped(audit.name_command_user(), clock.now())
    return applied


@click.command()
def init() -> None:
    """Make the store, load what ships, and print a link for the first administrator if there is none."""
    from csat.commands.people import invite_first_administrator

    config = load_config()
    prepare_system(config)
    invite_first_administrator(config)


@click.command()
def migrate() -> None:
    """Bring the store's tables up to this software."""
    config = load_config()
    for name in prepare_system(config):
        click.echo(f"applied {name}")
