"""The only file that knows the engine: how we open, read, write, scrub and migrate the store."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peewee import DatabaseProxy, OperationalError, PostgresqlDatabase, SqliteDatabase
from playhouse.db_url import connect as connect_to
from playhouse.db_url import register_database
from playhouse.migrations import Runner

store = DatabaseProxy()
drafts = DatabaseProxy()

MIGRATIONS = Path(__file__).parent / "migrations"

# FULL: an acknowledged answer is on the disk. secure_delete: what was deleted is overwritten.
PRAGMAS = {
    **{"journal_mode": "wal", "synchronous": "full", "secure_delete": 1, "foreign_keys": 1},
    **{"busy_timeout": 10_000, "cache_size": -64_000},  # milliseconds; kibibytes
}
WRITER_LOCK = 20_263  # the advisory lock's number on PostgreSQL

_writing = threading.RLock()
_depth = threading.local()
_lock_files: dict[tuple[int, str], int] = {}


class StoreBehind(Exception):
    """The store's tables are older than this software: `flask csat migrate` comes first."""


class ScrubIncomplete(Exception):
    """Deleted rows may still be readable in the log: somebody kept the store busy; try again."""


class _Psycopg3(PostgresqlDatabase):
    def init(self, *arguments: Any, **parameters: Any) -> None:
        super().init(*arguments, **{"prefer_psycopg3": True, **parameters})


register_database(_Psycopg3, "psycopg3")


def open_store(url: str, drafts_url: str) -> None:
    """Bind the two stores to their addresses; connections are made by each thread at first use."""
    close_store()
    while _lock_files:  # of the store that was bound before; a copy inherited over fork frees nobody's lock
        os.close(_lock_files.popitem()[1])
    store.initialize(_engine(url))
    drafts.initialize(_engine(drafts_url))  # a file of its own, so that no back-up takes half-filled forms along


def close_store() -> None:
    """Close this thread's connections, if any."""
    for proxy in (store, drafts):
        if proxy.obj is not None and not proxy.is_closed():
            proxy.close()


def _engine(url: str) -> SqliteDatabase | PostgresqlDatabase:
    if not url.startswith("sqlite"):
        return connect_to(url)
    Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    return connect_to(url, pragmas=PRAGMAS)


def is_sqlite() -> bool:
    """Whether the store is SQLite: for what only one engine can do (VACUUM INTO, checkpoints)."""
    return isinstance(store.obj, SqliteDatabase)


@contextmanager
def write() -> Iterator[None]:
    """One transaction as the only writer; a write inside a write joins it. No network, hashing or file work inside."""
    if getattr(_depth, "writing", 0):
        yield
        return
    # Locks first, then a transaction that begins as a writer: without them most concurrent writes fail or wait long.
    with _writing, _between_processes("write"):
        _depth.writing = 1
        try:
            with store.atomic("IMMEDIATE") if is_sqlite() else store.atomic():
                if not is_sqlite():
                    store.execute_sql("SELECT pg_advisory_xact_lock(%s)", (WRITER_LOCK,))
                yield
        finally:
            _depth.writing = 0


@contextmanager
def reading() -> Iterator[None]:
    """One snapshot: everything read inside belongs to the same moment."""
    if store.in_transaction():
        yield
        return
    with store.atomic():
        if not is_sqlite():
            store.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@contextmanager
def only_one(name: str) -> Iterator[bool]:
    """Whether we are the only process doing the named work now; the lock falls with the process."""
    with _between_processes(name, wait=False) as ours:
        yield ours


@contextmanager
def _between_processes(name: str, wait: bool = True) -> Iterator[bool]:
    path = _lock_path(name)
    if path is None:
        yield True
        return
    handle = _lock_files.get((os.getpid(), path)) if wait else None
    if handle is None:  # a handle inherited over fork would share the parent's lock
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        if wait:
            _lock_files[(os.getpid(), path)] = handle
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        yield False
        return
    try:
        yield True
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)
        if not wait:
            os.close(handle)


def _lock_path(name: str) -> str | None:
    place = store.database if is_sqlite() else drafts.database
    return None if place == ":memory:" else f"{place}.{name}.lock"


def scrub() -> None:
    """Make what was deleted unreadable; raise ScrubIncomplete when the write-ahead log is not empty after it."""
    if not is_sqlite():  # PostgreSQL keeps deleted rows in the table's file: it is written anew (its log stays its own)
        store.execute_sql('VACUUM FULL "mailbox"')
        return
    with _writing, _between_processes("write"):
        busy, _, _ = store.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        log = Path(f"{store.database}-wal")
        # The checkpoint can report 'busy' without raising (design, anonymity 4).
        if busy or (log.exists() and log.stat().st_size):
            raise ScrubIncomplete


def copy_store(place: Path) -> None:
    """A copy of the store as it stands now, at a new place; what was deleted is not in it. SQLite only."""
    try:
        store.execute_sql("VACUUM INTO ?", (str(place),))
    except OperationalError as error:  # no room, mostly
        raise OSError(0, str(error), str(place)) from error


@contextmanager
def open_apart(place: Path) -> Iterator[SqliteDatabase]:
    """A store's file opened beside the store, for queries that name it: `query.execute(other)`."""
    other = SqliteDatabase(str(place))
    try:
        yield other
    finally:
        other.close()


def is_store_sound(other: SqliteDatabase) -> bool:
    """Whether the engine finds a store's file whole."""
    return other.execute_sql("PRAGMA quick_check").fetchone() == ("ok",)


def list_applied_migrations(other: SqliteDatabase) -> list[str]:
    """The names of the migrations a store's file has had, oldest first."""
    return sorted(Runner(other, str(MIGRATIONS)).applied())


def list_known_migrations() -> list[str]:
    """The names of the migrations that this software brings."""
    return sorted(place.stem for place in MIGRATIONS.glob("[0-9]*.py"))


def migrate_store() -> list[str]:
    """Bring the store's tables up to this software, one process at a time; return what was applied."""
    with _writing, _between_processes("migrate"):
        if not is_sqlite():
            return list(Runner(store.obj, str(MIGRATIONS)).up())
        store.execute_sql("PRAGMA foreign_keys = 0")  # rebuilding a parent table would delete its children silently
        try:
            applied = list(Runner(store.obj, str(MIGRATIONS)).up())
            if store.execute_sql("PRAGMA foreign_key_check").fetchone():
                raise StoreBehind("a migration left rows without their parent")
        finally:
            store.execute_sql("PRAGMA foreign_keys = 1")
        return applied


def refuse_old_store() -> None:
    """Raise StoreBehind when a migration is still to be applied: workers only compare versions."""
    waiting = [m.name for m in Runner(store.obj, str(MIGRATIONS)).status() if not m.applied]
    if waiting:
        raise StoreBehind(f"The store is older than this software ({waiting[0]}): run `flask csat migrate`.")
