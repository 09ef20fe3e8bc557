"""A back-up or a drill that is killed: no half file under its name, nothing readable left for long."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from csat import clock, database
from csat.adapters import backup as adapter
from csat.commands.backup import run_daily_backup, write_backup
from csat.models.work import StoredFile
from csat.procedure.core import audit
from tests.builders import NOW
from tests.command_line import run
from tests.commands.test_backup import a_file, elsewhere

LARGE = 4 * 1024 * 1024


def _back_up(config, target: Path, begun) -> None:
    database.open_store(config.database, config.drafts)
    begun.set()
    with clock.freeze_at(NOW):
        while True:
            write_backup(config, target)
            target.unlink()


def kill_while(seconds: float, work: Callable[..., None], *arguments: object) -> None:
    """Let a process begin some work, and kill it so much later."""
    begun = multiprocessing.get_context("spawn").Event()
    victim = multiprocessing.get_context("spawn").Process(target=work, args=(*arguments, begun))
    victim.start()
    begun.wait(30)
    time.sleep(seconds)
    os.kill(victim.pid, signal.SIGKILL)
    victim.join()


@pytest.mark.fault
def test_a_killed_back_up_leaves_no_half_file_under_its_name(db, config, tmp_path):
    """Killed at a chance moment, twelve times: what has the name is whole, and the next one succeeds."""
    for number in range(6):
        a_file(config, Random(number).randbytes(LARGE))
    key, dice = adapter.load_or_create_key(config.keys), Random(20263)
    database.close_store()
    target, unfinished = tmp_path / "a.backup", 0
    for _ in range(12):
        kill_while(dice.uniform(0.02, 0.4), _back_up, config, target)
        unfinished += (tmp_path / "a.backup.new").exists()
        if target.exists():
            assert adapter.read_backup(target, key)["counts"]["stored_file"] == 6
            target.unlink()
    assert unfinished
    assert run(config, "backup", target).exit_code == 0
    assert not (tmp_path / "a.backup.new").exists() and not (config.instance / "backup.tmp").exists()


@pytest.mark.fault
def test_what_killed_runs_left_goes_with_the_next_daily_round(db, config):
    for name in ("backup.tmp", "drill.tmp"):
        (config.instance / name).mkdir()
        (config.instance / name / "store.sqlite").write_bytes(b"readable")
    folder = config.instance / "backups"
    folder.mkdir()
    (folder / "csat-2026-09-13.backup.new").write_bytes(b"half")
    run_daily_backup(config, NOW)
    assert not list(config.instance.glob("*.tmp"))
    assert [one.name for one in folder.iterdir()] == ["csat-2026-09-14.backup"]


def _restore(config, source: Path, begun) -> None:
    os.environ["CSAT_INSTANCE"], os.environ["CSAT_KEYS"] = str(config.instance), str(config.keys)
    from csat.commands import restoring

    begun.set()
    with clock.freeze_at(NOW):
        restoring.restore.callback(source)


@pytest.mark.fault
def test_a_killed_restore_leaves_no_store_or_a_whole_one(db, config, tmp_path):
    """Until the last step there is no store; the restore is then simply done again."""
    for number in range(6):
        a_file(config, Random(number).randbytes(LARGE))
    source, dice, killed = tmp_path / "a.backup", Random(4), 0
    run(config, "backup", source)
    other = elsewhere(config, tmp_path / "other")
    for _ in range(8):
        kill_while(dice.uniform(0.01, 0.3), _restore, other, source)
        if (other.instance / "csat.sqlite").exists():
            break
        killed += 1
    assert killed
    if not (other.instance / "csat.sqlite").exists():
        assert run(other, "restore", source).exit_code == 0
    database.open_store(other.database, other.drafts)
    database.refuse_old_store()
    assert StoredFile.select().count() == 6 and audit.find_first_broken_entry() is None
    for stored in StoredFile.select():
        assert (other.files / stored.place[:2] / stored.place).stat().st_size == LARGE
