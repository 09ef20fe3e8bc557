"""What a command begins with: the store opened as it is, or made and brought up to date."""

from __future__ import annotations

import os
from pathlib import Path

from csat import clock, database, translations
from csat.adapters import keys
from csat.config import Config, load_config
from csat.models.drafts import Draft
from csat.procedure.core import audit
from csat.procedure.incidents import beginning
from csat.procedure.upkeep import shipped

FIRST_MIGRATION = "0001"
PRIVATE_UMASK = 0o077  # umask: what we make, only we can read


def open_system() -> Config:
    """The configuration, with the store open and up to date: what nearly every command begins with."""
    os.umask(PRIVATE_UMASK)
    config = load_config()
    audit.set_seal_key(keys.load_audit_key(config.keys))
    database.open_store(config.database, config.drafts)
    clock.set_zone(config.timezone)
    database.refuse_old_store()
    return config


def prepare_system(config: Config) -> list[str]:
    """Make folders, keys and tables, and load what ships: harmless when done already."""
    os.umask(PRIVATE_UMASK)
    for folder in (config.instance, config.files):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    keys.load_secret_key(config.keys)
    keys.load_factor_key(config.keys)
    audit.set_seal_key(keys.load_audit_key(config.keys))
    clock.set_zone(config.timezone)
    translations.compile_when_older()
    applied = _open_and_migrate(config.database, config.drafts)
    shipped.load_shipped(audit.name_command_user(), clock.now())
    return applied


def set_up_system(config: Config) -> list[str]:
    """The same; a store that is made now is the beginning: what closed before this day is never due (P1)."""
    applied = prepare_system(config)
    if any(name.startswith(FIRST_MIGRATION) for name in applied):
        beginning.begin_today(audit.name_command_user(), clock.now(), config.timezone)
    return applied


def open_copy(store: Path) -> None:
    """Open a copy of a store in the place of the open one, up to date, with empty drafts beside it."""
    _open_and_migrate(f"sqlite:///{store}", f"sqlite:///{store.parent / 'drafts.sqlite'}")


def _open_and_migrate(store: str, drafts: str) -> list[str]:
    database.open_store(store, drafts)
    applied = database.migrate_store()
    database.drafts.create_tables([Draft], safe=True)  # no migration: what lies there lives 14 days at most
    return applied
