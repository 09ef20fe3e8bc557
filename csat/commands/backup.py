"""Commands that back the store up, restore it, and try whether a back-up can be restored (D6)."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

import click

from csat import clock, database
from csat.adapters import backup as adapter
from csat.adapters import keys, sealing
from csat.adapters.backup import BackupPart, Manifest
from csat.adapters.backup_cipher import BackupCorrupt, KeyAbsent, fingerprint_key
from csat.commands.group import csat
from csat.commands.opening import open_system
from csat.config import Config
from csat.models.records import BackupKind
from csat.models.work import StoredFile
from csat.procedure.core import audit, settings
from csat.procedure.core.refusals import Refusal
from csat.procedure.upkeep import backups
from csat.procedure.upkeep.backups import BackupOutcome
from csat.words import N_

BACKUP_FORMAT = 1
LEFTOVER_FOLDERS = ("backup.tmp", "drill.tmp")  # what a killed run leaves is readable, so it goes soon
Outcome = TypeVar("Outcome")


class UnsupportedEngine(Refusal):
    sentence = N_("This store is on PostgreSQL: back it up and restore it with pg_dump and pg_restore.")


class BackupRunning(Refusal):
    sentence = N_("A back-up or a restore of this store is running already. Please wait until it is done.")


class BackupDamaged(Refusal):
    sentence = N_("%(name)s is no whole back-up: it was changed or cut short. Take another one.")


class BackupKeyAbsent(Refusal):
    sentence = N_("The key of this back-up is not in the keys folder. Without it nobody can read the back-up.")


class NotABackup(Refusal):
    sentence = N_("%(name)s is there already and is no back-up. Choose another name.")


class FileInaccessible(Refusal):
    sentence = N_("%(name)s cannot be written or read: %(reason)s.")


class StoreDamaged(Refusal):
    sentence = N_("The database finds the store damaged. Restore the last good back-up.")


@csat.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--copy-to", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Copy it to a second folder."
)
def backup(file: Path, copy_to: Path | None) -> None:
    """Back the running system up into one encrypted FILE; the keys and half-filled forms stay out of it."""
    config = open_system()
    new_key = not adapter.locate_key(config.keys).exists()
    done = make_backup(config, file.absolute(), copy_to)
    click.echo(f"{file}: {done.size} bytes in {done.seconds:.1f} s, checked; SHA-256 {done.sha256}")
    if new_key:
        click.echo(f"Its key was made: {adapter.locate_key(config.keys)}. Who loses it loses every back-up.")


def run_daily_backup(config: Config, now: datetime) -> str:
    """The daily round's: made after the release, kept 35 days, copied to a second folder if there is one."""
    if not database.is_sqlite():
        return "No back-up: this store is on PostgreSQL, use pg_dump."
    folder, second = config.instance / "backups", settings.get_backup_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    today = now.astimezone(config.timezone).date()
    target, copies = folder / f"csat-{today}.backup", Path(second) if second else None
    delete_leftovers(config)
    gone = sum(delete_old_backups(place, today) for place in (folder, copies) if place)  # even if the rest fails
    said = "There is a back-up of today already"
    if not target.exists():
        said = f"Backed up: {make_backup(config, target, copies).size} bytes"
    elif copies and not (copies / target.name).exists():
        refuse_on_error(copies, lambda: adapter.copy_backup(target, copies))
        backups.record_copy(target.name)
    return f"{said}; {gone} old back-ups deleted."


def make_backup(config: Config, target: Path, second: Path | None) -> BackupOutcome:
    """Make a back-up, check it, copy it, destroy the keys that it makes needless; all on record."""
    refuse_other_engine(config)
    refuse_on_error(target, lambda: adapter.refuse_foreign_file(target))  # before an hour's work, not after it
    by = audit.name_command_user()
    done = BackupOutcome(target.name, ok=False, copied=False if second else None)
    with hold_backup_lock():
        with record_outcome(BackupKind.BACKUP, done, by):
            written, manifest = refuse_on_error(target, lambda: write_backup(config, target))
            done.ok, done.size, done.sha256 = True, written.size, written.sha256
            if second is not None:
                refuse_on_error(second, lambda: adapter.copy_backup(target, second))
                done.copied = True
        # only now: without a checked back-up of the last release the key might still be needed
        destroy_needless_keys(config.keys, manifest["settled"], by)
    return done


def write_backup(config: Config, target: Path) -> tuple[adapter.WrittenBackup, Manifest]:
    """Write the back-up of this moment; return its size and checksum, and what it says of itself."""
    key = adapter.load_or_create_key(config.keys)
    with empty_folder(config.instance / "backup.tmp") as folder:
        copy = folder / adapter.STORE
        database.copy_store(copy)
        with database.open_apart(copy) as other:
            if not database.is_store_sound(other):
                raise StoreDamaged
            facts, stored = backups.describe_store(other), backups.list_files(other)
        facts |= {"format": BACKUP_FORMAT, "made_at": clock.now().isoformat(), "missing": []}
        facts["history_key"] = fingerprint_history_key(config)
        with copy.open("rb") as content:
            copy.unlink()  # whatever happens now, no readable copy stays behind
            parts = collect_parts(config.files, content, stored, facts["missing"])
            written = adapter.write_backup(target, key, parts, facts)
    for place in facts["missing"]:
        click.echo(f"missing in the files folder, and so in the back-up: {place}", err=True)
    return written, facts


def collect_parts(folder: Path, store: IO[bytes], stored: list[StoredFile], missing: list[str]) -> Iterator[BackupPart]:
    """The store, then the files it refers to; those that are gone are noted, unless deleted meanwhile."""
    yield BackupPart(adapter.STORE, store)
    for one in stored:
        name = f"{one.place[:2]}/{one.place}"
        try:
            content = (folder / name).open("rb")
        except FileNotFoundError:
            if backups.is_file_referenced(one):
                missing.append(one.place)
        else:
            yield BackupPart(f"files/{name}", content)


def destroy_needless_keys(folder: Path, covered: list[int], by: str) -> None:
    """Destroy the keys of campaigns whose last release a checked back-up holds (design, anonymity 3)."""
    for campaign in backups.list_keys_to_destroy(covered, partial(sealing.is_key_kept, folder)):
        sealing.destroy_key(folder, bytes(campaign.public_key))
        backups.record_key_destroyed(campaign, by, clock.now())
        click.echo(f"Campaign {campaign.id} is over and backed up: its private key is destroyed.")


def delete_old_backups(folder: Path, today: date) -> int:
    """Delete a folder's dated back-ups older than 35 days, and what a killed run left. How many."""
    for left in folder.glob("csat-*.backup.new"):
        left.unlink()
    found = [place for place in folder.glob("csat-*.backup") if parse_backup_day(place)]
    gone = backups.find_expired_days({parse_backup_day(place) or today for place in found}, today)
    old = [place for place in found if parse_backup_day(place) in gone]
    for place in old:
        place.unlink()
    return len(old)


def parse_backup_day(place: Path) -> date | None:
    """The day in the name of a back-up, like csat-2026-09-14.backup or csat-2026-09-14-update.backup."""
    try:
        return date.fromisoformat(place.name.removeprefix("csat-")[:10])
    except ValueError:
        return None


# --- what back-up and restore share ------------------------------------------------------------------


def fingerprint_history_key(config: Config) -> str:
    """By which a restore sees whether the key that seals the history here is the one that sealed it then."""
    return fingerprint_key(keys.load_audit_key(config.keys)).hex()


def refuse_other_engine(config: Config) -> None:
    """Raise UnsupportedEngine on PostgreSQL, which has tools of its own."""
    if not config.database.startswith("sqlite"):
        raise UnsupportedEngine


@contextmanager
def hold_backup_lock() -> Iterator[None]:
    """One back-up, restore or drill at a time."""
    with database.only_one("backup") as ours:
        if not ours:
            raise BackupRunning
        yield


@contextmanager
def record_outcome(kind: BackupKind, done: BackupOutcome, by: str) -> Iterator[None]:
    """Put down how what is done inside went and how long it took, also when it is refused."""
    begun = time.monotonic()
    try:
        yield
    except Refusal as refusal:
        done.why = str(refusal)
        raise
    finally:
        done.seconds = time.monotonic() - begun
        backups.record_backup(kind, done, by, clock.now())


def delete_leftovers(config: Config) -> None:
    """Delete what killed runs left in the instance."""
    with hold_backup_lock():
        for name in LEFTOVER_FOLDERS:
            shutil.rmtree(config.instance / name, ignore_errors=True)


@contextmanager
def empty_folder(folder: Path) -> Iterator[Path]:
    """A folder of our own, empty; it goes with the block, and what a killed run left goes first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def refuse_on_error(place: Path, verb: Callable[[], Outcome]) -> Outcome:
    """Call what reads or writes a back-up; say in one line what kept it from ending well."""
    try:
        return verb()
    except KeyAbsent as absent:
        raise BackupKeyAbsent from absent
    except BackupCorrupt as damaged:
        raise BackupDamaged(name=place) from damaged
    except adapter.ForeignFile as foreign:
        raise NotABackup(name=place) from foreign
    except OSError as error:
        raise FileInaccessible(name=error.filename or place, reason=error.strerror or error) from error
