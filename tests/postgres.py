"""A PostgreSQL of the tests' own: a folder under /tmp, a Unix socket, no network, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg import sql

# A crash may lose the data: there is no one to miss it, and waiting for the disk costs half the time.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "max_connections": "50",
    "logging_collector": "off",
}


@contextmanager
def private_postgres() -> Iterator[Callable[[str], str]]:
    """Yields `url(name)`, which makes that database anew and returns its address for CSAT_DATABASE.

    with private_postgres() as url:
        database = playhouse.db_url.connect(url("figures"))
    """
    # Always under /tmp: the path of a socket has room for 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="csat-postgres-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        with _server(folder):
            yield lambda name: _fresh_database(folder, name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(folder: Path) -> Iterator[None]:
    # C sorts by code point, as SQLite does.
    _run("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C",
         "-D", f"{folder}/data")  # fmt: skip
    settings = {**SETTINGS, "unix_socket_directories": str(folder)}
    (folder / "data" / "postgresql.auto.conf").write_text(
        "".join(f"{name} = '{value}'\n" for name, value in settings.items())
    )
    _run("pg_ctl", "start", "--wait", "-D", f"{folder}/data", "-l", f"{folder}/log")
    try:
        yield
    finally:
        _run("pg_ctl", "stop", "--wait", "--mode=immediate", "-D", f"{folder}/data")


def _fresh_database(folder: Path, name: str) -> str:
    _make_anew(str(folder), name, "template1")
    return f"postgresql:///{name}?host={folder}&user=postgres&prefer_psycopg3=true"


def copy_of(url: str, name: str) -> str:
    """Make the database `name` anew as a copy of another one of the same server; return its address."""
    parts = urlsplit(url)
    host, original = parse_qs(parts.query)["host"][0], parts.path.lstrip("/")
    _make_anew(host, name, original)
    return url.replace(f"/{original}?", f"/{name}?", 1)


def _make_anew(host: str, name: str, template: str) -> None:
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as connection:
        for statement in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {} TEMPLATE {}"):
            connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(template)))


def _run(program: str, *arguments: str) -> None:
    """PostgreSQL refuses to be run by root, so root becomes the user that Debian made for it."""
    as_its_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_its_user, str(_programs() / program), *arguments]
    done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")


def _programs() -> Path:
    """Debian keeps each version in a folder of its own; the newest is taken."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if not found:
        raise RuntimeError("PostgreSQL is not installed; `tools/setup test` installs it")
    return found[-1]
