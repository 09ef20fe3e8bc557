"""Commands that restore a back-up: for real into an empty instance, or beside the store as a drill (D6)."""

from __future__ import annotations

import os
import shutil
import time
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from csat import clock, database
from csat.adapters import backup as adapter
from csat.adapters import keys, sealing
from csat.adapters.backup import Manifest
from csat.adapters.files import hash_file
from csat.commands.backup import (
    BACKUP_FORMAT,
    BackupDamaged,
    empty_folder,
    fingerprint_history_key,
    hold_backup_lock,
    record_outcome,
    refuse_on_error,
    refuse_other_engine,
)
from csat.commands.group import csat
from csat.commands.opening import PRIVATE_UMASK, open_copy, open_system, prepare_system
from csat.config import Config, load_config
from csat.documents.report import drafting, render
from csat.figures.audience import find_audience
from csat.models.answers import Response
from csat.models.records import BackupKind
from csat.procedure.campaigns.counts import list_sealed_campaigns
from csat.procedure.core import audit
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import Refusal
from csat.procedure.upkeep import backups
from csat.procedure.upkeep.backups import BackupOutcome, LostCampaign
from csat.words import N_

FILE_ARGUMENT = click.Path(path_type=Path, dir_okay=False, exists=True)


class StoreExists(Refusal):
    sentence = N_("There is a store already: %(place)s. Stop the service, move it away, and restore again.")


class BackupNewer(Refusal):
    sentence = N_("This back-up was made by a newer release of the software. Install that one first.")


class HistoryKeyAbsent(Refusal):
    sentence = N_(
        "The key of the history (audit_key) is not in the keys folder, or is another one, so nobody can tell "
        "whether the history was changed."
    )


class HistoryBroken(Refusal):
    sentence = N_("The history in this back-up is not whole: entry %(entry)s was changed, or one is missing.")


@csat.command()
@click.argument("file", type=FILE_ARGUMENT)
def restore(file: Path) -> None:
    """Restore a back-up FILE into an empty instance, after every part of it was checked."""
    os.umask(PRIVATE_UMASK)
    config = load_config()
    refuse_other_engine(config)
    audit.set_seal_key(keys.load_audit_key(config.keys))
    database.open_store(config.database, config.drafts)
    with hold_backup_lock():
        restore_store(config, file)


@csat.command("restore-drill")
@click.argument("file", type=FILE_ARGUMENT)
def restore_drill(file: Path) -> None:
    """Restore a back-up FILE beside the store, check it, say how long it took, and remove it again."""
    config = open_system()
    refuse_other_engine(config)
    done = BackupOutcome(file.name, ok=False)
    with hold_backup_lock(), record_outcome(BackupKind.DRILL, done, audit.name_command_user()):
        done.size, done.sha256 = file.stat().st_size, hash_file(file)
        try:
            rehearse_restore(config, file)
        finally:  # the record belongs into the real store, not into the copy
            database.open_store(config.database, config.drafts)
        done.ok = True
    click.echo(f"All well in {done.seconds:.1f} s; on record.")


def restore_store(config: Config, file: Path) -> None:
    """Restore for real: everything is checked in a folder of its own, and the store put in place last."""
    begun, by, place = time.monotonic(), audit.name_command_user(), Path(database.store.database)
    refuse_existing_store(place)
    with empty_folder(place.parent / "restore.tmp") as folder:
        manifest = unpack_backup(config, file, folder)
        open_copy(folder / adapter.STORE)
        doubt = check_history(config, manifest)
        kept, fresh = partial(sealing.is_key_kept, config.keys), partial(sealing.create_key, config.keys)
        lost = backups.void_lost_answers(kept, fresh, by, clock.now())
        backups.revive_restored_store(by, clock.now())
        done = BackupOutcome(file.name, True, time.monotonic() - begun, file.stat().st_size, hash_file(file))
        backups.record_backup(BackupKind.RESTORE, done, by, clock.now())
        database.scrub()
        database.close_store()
        move_files(folder / "files", config.files)
        # last of all: a restore that is killed before leaves no store, and is simply done again
        os.replace(folder / adapter.STORE, place)
    prepare_system(config)
    click.echo(f"Restored as of {format_made_at(config, manifest)} in {time.monotonic() - begun:.1f} s.")
    print_lost(lost)
    for missing in manifest["missing"]:
        click.echo(f"without the file {missing}: it was missing when the back-up was made", err=True)
    if doubt is not None:
        click.echo(str(doubt), err=True)
    click.echo("Everybody signs in anew. What was erased, closed or revoked since then must be so again.")


def rehearse_restore(config: Config, file: Path) -> None:
    """Restore beside the store, look at everything, and show what a restore without the keys would cost."""
    with empty_folder(config.instance / "drill.tmp") as folder:
        manifest = unpack_backup(config, file, folder)
        click.echo(f"back-up       as of {format_made_at(config, manifest)}, {len(manifest['parts']) - 1} files")
        click.echo(f"counts        as when it was made: {sum(manifest['counts'].values())} rows")
        open_copy(folder / adapter.STORE)
        doubt = check_history(config, manifest)
        if doubt is not None:
            raise doubt
        click.echo("history       whole")
        click.echo(f"report        {render_last_report(config)}")
        print_sealed(config)
        no_keys, fresh = (lambda public_key: False), partial(sealing.create_key, folder / "keys")
        print_lost(backups.void_lost_answers(no_keys, fresh, None, clock.now()), "without keys  ")
        database.close_store()


def refuse_existing_store(place: Path) -> None:
    """Raise StoreExists unless nothing of a store is there; a left log alone would spoil the restored one."""
    for suffix in ("", "-wal", "-shm"):
        if Path(f"{place}{suffix}").exists():
            raise StoreExists(place=f"{place}{suffix}")


def unpack_backup(config: Config, file: Path, folder: Path) -> Manifest:
    """Read a whole back-up into a folder, and compare it with what it says of itself."""
    manifest = refuse_on_error(file, lambda: adapter.read_backup(file, adapter.load_key(config.keys), folder))
    if manifest["format"] != BACKUP_FORMAT or not set(manifest["migrations"]) <= set(database.list_known_migrations()):
        raise BackupNewer
    with database.open_apart(folder / adapter.STORE) as other:
        if not database.is_store_sound(other) or backups.count_rows(other, manifest["counts"]) != manifest["counts"]:
            raise BackupDamaged(name=file)
    return manifest


def check_history(config: Config, manifest: Manifest) -> Refusal | None:
    """What is wrong with the history of the opened store, or None when it is whole."""
    if manifest["history_key"] != fingerprint_history_key(config):
        return HistoryKeyAbsent()
    broken = audit.find_first_broken_entry()
    return None if broken is None else HistoryBroken(entry=broken.id)


def move_files(source: Path, target: Path) -> None:
    """Put the restored files into the files folder."""
    for place in sorted(source.glob("*/*")):
        goal = target / place.relative_to(source)
        goal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(place, goal)


def render_last_report(config: Config) -> str:
    """Render the report of the last quarter with responses from the restored store."""
    last = Response.select(Response.quarter).order_by(Response.quarter.desc()).first()
    if last is None:
        return "there are no responses yet"
    quarter = Quarter.from_int(last.quarter)
    document = drafting.draft_document(quarter, None, clock.now(), config.timezone, find_audience(None))
    return f"of {quarter} rendered: {len(render.render_html(document, config.locale))} characters"


def print_sealed(config: Config) -> None:
    """Say how many sealed answers the back-up holds, and whether the keys that are here open them."""
    waiting = list_sealed_campaigns()
    here = sum(number for one, number in waiting if sealing.is_key_kept(config.keys, bytes(one.public_key)))
    click.echo(f"sealed        {sum(number for _, number in waiting)} answers wait; keys are here for {here}")


def print_lost(losses: list[LostCampaign], before: str = "") -> None:
    """Say which sealed answers are lost, and how many invitations are open again."""
    for lost in losses:
        again = f"{lost.reopened} invitations are open again, for new links" if lost.goes_on else "it is over"
        click.echo(f"{before}campaign {lost.campaign.id}: {lost.answers} sealed answers lost; {again}")
    if before and not losses:
        click.echo(f"{before}no sealed answer would be lost")


def format_made_at(config: Config, manifest: Manifest) -> str:
    """When a back-up was made, by the local clock."""
    return f"{datetime.fromisoformat(manifest['made_at']).astimezone(config.timezone):%Y-%m-%d %H:%M}"
