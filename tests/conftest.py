"""Stores and applications for the stories. Each test has a fresh store, copied from one made per worker."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from csat import clock, create_app, database
from csat.adapters import keys
from csat.commands.store import prepare_system
from csat.config import Config, load_config
from csat.procedure.core import audit
from tests.builders import NOW
from tests.page import Page
from tests.postgres import copy_of, private_postgres


def config_in(folder: Path, **more: str) -> Config:
    """A configuration whose folders all lie in one place; all histories carry the same seal."""
    config = load_config({"CSAT_INSTANCE": str(folder), "CSAT_BASE_URL": "http://localhost", **more})
    keys.write_once(config.keys / "audit_key", b"the seal of the tests")
    return config


def open_store(config: Config) -> None:
    """Open a store as commands do: bound, and with the seal of its history."""
    database.open_store(config.database, config.drafts)
    audit.set_seal_key(keys.load_audit_key(config.keys))


@pytest.fixture(scope="session")
def ready_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated store with what ships, made once per worker."""
    folder = tmp_path_factory.mktemp("ready")
    with clock.freeze_at(NOW):
        prepare_system(config_in(folder))
    database.scrub()
    database.close_store()
    return folder


@pytest.fixture
def config(ready_store: Path, tmp_path: Path) -> Config:
    """The configuration of a fresh copy of the ready store."""
    shutil.copytree(ready_store, tmp_path / "instance")
    return config_in(tmp_path / "instance")


@pytest.fixture
def db(config: Config) -> Iterator[None]:
    """An open store at a standing clock."""
    open_store(config)
    with clock.freeze_at(NOW):
        yield
    database.close_store()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL per worker: copies of a migrated database with what ships, by name."""
    with private_postgres() as url:
        ready, folder = url("ready"), tmp_path_factory.mktemp("ready_postgres")
        with clock.freeze_at(NOW):
            prepare_system(config_in(folder, CSAT_DATABASE=ready))
        database.close_store()
        yield lambda name: copy_of(ready, name)


@pytest.fixture(params=["sqlite", "postgres"])
def engine_db(request: pytest.FixtureRequest) -> Iterator[None]:
    """An open store at a standing clock, once on each engine: for stories about storage and figures."""
    if request.param == "sqlite":
        request.getfixturevalue("db")
        yield
        return
    folder = request.getfixturevalue("tmp_path")
    url = request.getfixturevalue("postgres")("story")
    config = config_in(folder, CSAT_DATABASE=url)
    open_store(config)
    with clock.freeze_at(NOW):
        yield
    database.close_store()


@pytest.fixture
def app(config: Config):
    """The application on a fresh store at a standing clock."""
    with clock.freeze_at(NOW):
        yield create_app(config)
    database.close_store()


@pytest.fixture
def page(app) -> Page:
    """A browser that checks each page it fetches."""
    return Page(app)


@pytest.fixture
def zone() -> ZoneInfo:
    """The provider's time zone."""
    return ZoneInfo("Asia/Shanghai")
